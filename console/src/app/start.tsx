import { useSyncExternalStore } from "react";

import { ErrorNotice } from "../ui/notice";
import { Loading } from "../ui/states";
import { checkLogin, coditect } from "./client";

let failure: { readonly error: unknown } | undefined;
const listeners = new Set<() => void>();

/** Asks the browser's cookie for a login. Without an answer it asks again when the network is back. */
export function start(): void {
  change(undefined);
  coditect.start().catch((error: unknown) => change({ error }));
}

window.addEventListener("online", () => failure && start());
// Back from another site, a browser may show the page as it was, although the login has ended meanwhile.
window.addEventListener("pageshow", ({ persisted }) => persisted && void checkLogin());

function change(next: typeof failure): void {
  failure = next;
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The place of a page, until it is known whether a user is logged in; or why that cannot be found out. */
export function Starting() {
  const failed = useSyncExternalStore(subscribe, () => failure);
  return failed ? <ErrorNotice error={failed.error} onRetry={start} /> : <Loading />;
}
