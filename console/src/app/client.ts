/** The one client of the page: it keeps the access token in memory, the browser keeps the rest. */

import { createCoditect, type State } from "@coditect/client";
import { useSyncExternalStore } from "react";

export const coditect = createCoditect({ tokens: "cookie" });

const subscribe = (listener: () => void) => coditect.subscribe(listener);
const current = () => coditect.state;

/** Whether a user is logged in, and who, and in which tenant. */
export function useLogin(): State {
  return useSyncExternalStore(subscribe, current);
}

/** The user who is logged in, and the active tenant: only below `RequireLogin`. */
export function useUser(): Extract<State, { status: "signedIn" }> {
  const state = useLogin();
  if (state.status !== "signedIn") throw new Error("no user is logged in");
  return state;
}

/** Asks for the user again, after what changes them or ends their logins; the client notes the answer. */
export async function checkLogin(): Promise<void> {
  if (coditect.state.status !== "signedIn") return;
  await coditect.get("/api/v5/auth/me").catch(() => undefined);
}
