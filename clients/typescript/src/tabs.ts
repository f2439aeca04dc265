/** The tabs of a browser that share a login: one at a time changes it, and tells the others. */

import type { State } from "./types.js";

/** An access token, and until when it is good: milliseconds since 1970. */
export interface Access {
  readonly token: string;
  readonly until: number;
}

/** What the login is after a change. */
export interface Change {
  readonly state: Exclude<State, { status: "starting" }>;
  readonly access?: Access;
  /** When it was made, in milliseconds since 1970. */
  readonly time: number;
  /** Whether it only says more of the login that has this access token. */
  readonly learned?: boolean;
}

/** How long a tab waits for what another one told it before it gave up the lock, in milliseconds. */
const DELIVERY = 50;

export class Tabs {
  readonly #name: string | undefined;
  readonly #channel: BroadcastChannel | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #heard: () => void = () => {};

  /** Without a name there are no other tabs: each has a login of its own. */
  constructor(name: string | undefined, hear: (change: Change) => void) {
    this.#name = name;
    if (name === undefined || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(name);
    // In Node.js it would keep the process alive.
    (this.#channel as { unref?: () => void }).unref?.();
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      // Another page of the origin may use the name for something else, or be of another version.
      if (!isChange(data)) return;
      hear(data);
      this.#heard();
    };
  }

  tell(change: Change): void {
    this.#channel?.postMessage(change);
  }

  /** Runs an action while no other call and no other tab runs one. */
  async exclusive<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#locked(action));
    this.#last = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#channel?.close();
  }

  async #locked<T>(action: () => Promise<T>): Promise<T> {
    // Absent outside of browsers, and on pages that are not secure.
    const locks = globalThis.navigator?.locks;
    if (this.#name === undefined || locks === undefined) return action();
    const lock = `${this.#name}-refresh`;
    const atOnce = await locks.request(lock, { ifAvailable: true }, async (held) =>
      held === null ? undefined : { value: await action() },
    );
    if (atOnce !== undefined) return atOnce.value;
    const heard = this.#next();
    return locks.request(lock, async () => {
      await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, DELIVERY))]);
      return action();
    }) as Promise<T>;
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }
}

function isChange(data: unknown): data is Change {
  const { state, access, time } = (data ?? {}) as Partial<Change>;
  if (typeof time !== "number") return false;
  if (state?.status === "signedOut") return access === undefined;
  if (state?.status !== "signedIn") return false;
  const known = typeof state.user?.userId === "string" && typeof state.tenant?.tenantId === "string";
  return known && typeof access?.token === "string" && typeof access.until === "number";
}
