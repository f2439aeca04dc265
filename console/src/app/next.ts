/** Where a user goes on after a login. */

const START = "/sessions";

/** The path of the console that `?next=` names; the start page for anything else, such as another site. */
export function nextOf(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  if (!next.startsWith("/")) return START;
  // As browsers read it, to whom `//host`, `/\host` and `/<tab>/host` are other sites.
  const { origin } = window.location;
  const read = URL.canParse(next, origin) ? new URL(next, origin) : undefined;
  if (read?.origin !== origin || read.pathname.startsWith("//")) return START;
  return read.pathname + read.search;
}

/** The same `?next=` at another page. */
export function withNext(path: string, search: string): string {
  const next = nextOf(search);
  return next === START ? path : `${path}?${new URLSearchParams({ next })}`;
}
