/** Where a user goes on after a login. */

const START = "/sessions";

/** The path of the console that `?next=` names; the start page for anything else, such as another site. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  // Browsers read `//host` and `/\host` as other sites, and pass over tabs and line ends in between.
  return /^\/(?![/\\])[^\\\s\p{Cc}]*$/u.test(next) ? next : START;
}

/** The same `?next=` at another page. */
export function withNext(path: string, search: string): string {
  const next = nextOf(search);
  return next === START ? path : `${path}?${new URLSearchParams({ next })}`;
}
