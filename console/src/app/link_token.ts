/**
 * The token of a link in an email: `/reset-password#token=…`. It is taken out of the address and the
 * history at once, and kept in memory alone, where it outlives a login on the way.
 */

import { useSyncExternalStore } from "react";
import { useLocation } from "react-router";

interface LinkToken {
  readonly path: string;
  readonly token: string;
}

const FRAGMENT = /^#token=(.+)$/;

let kept: LinkToken | undefined;
let opened = 0;
const listeners = new Set<() => void>();

function keep(next: LinkToken | undefined): void {
  kept = next;
  for (const listener of [...listeners]) listener();
}

function take(): void {
  const token = FRAGMENT.exec(window.location.hash)?.[1];
  if (token === undefined) return;
  const { href, pathname } = window.location;
  // Not the path alone: browsers read `//host` as another site, and refuse it.
  window.history.replaceState(window.history.state, "", href.slice(0, href.indexOf("#")));
  opened += 1;
  keep({ path: pathname, token });
}

take();
// Another link of the same page, in the same tab, loads nothing.
window.addEventListener("hashchange", take);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How many links this tab has opened. Each of them begins its page anew: it is the `key`. */
export function useOpenedLinks(): number {
  return useSyncExternalStore(subscribe, () => opened);
}

/** The token with which the page of a path was opened; undefined without one. */
export function useLinkTokenOf(path: string): string | undefined {
  const found = useSyncExternalStore(subscribe, () => kept);
  return found?.path === path ? found.token : undefined;
}

/** The token with which this page was opened; undefined without one. */
export function useLinkToken(): string | undefined {
  return useLinkTokenOf(useLocation().pathname);
}

/** For when the token is spent, or another link takes its place. */
export function forgetLinkToken(): void {
  keep(undefined);
}

/** The token in a link, or in what a person pasted instead of one. */
export function tokenIn(text: string): string {
  const pasted = text.trim();
  return /#token=(.+)$/.exec(pasted)?.[1] ?? pasted;
}
