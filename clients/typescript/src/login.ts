/** The login of a client: its state, its access token, and the refresh token where it has that. */

import type { Clock } from "./clock.js";
import { type Access, type Change, Tabs } from "./tabs.js";
import type { State, Tenant, Tokens, User } from "./types.js";

/** Keeps the refresh token of a login. A program that can read it can act as the user. */
export interface TokenStore {
  load(): Promise<string | null> | string | null;
  /** Null: there is no login any more. */
  save(refreshToken: string | null): Promise<void> | void;
}

/** An access token is exchanged so long before its end, in milliseconds. */
const EARLY = 30_000;

/** A message of another tab is late if it is older than the last change by less, in milliseconds. */
const LATE = 5_000;

/** Who acts, and in which tenant. */
export interface Actor {
  readonly userId: string;
  /** Absent where it does not matter. */
  readonly tenantId?: string;
}

export interface LoginParts {
  /** Undefined where the browser keeps the refresh token, in a cookie. */
  store: TokenStore | undefined;
  state: State;
  channel: string | undefined;
  clock: Clock;
  /** Asks the API for the next tokens: by a refresh token, or by the cookie. */
  exchange: (refreshToken: string | undefined) => Promise<Response>;
}

/** The body of the answer to a refresh. */
interface Refreshed {
  data: { tokens: Tokens; user: User; tenant: Tenant };
}

export class Login {
  readonly tabs: Tabs;
  readonly #parts: LoginParts;
  readonly #listeners = new Set<() => void>();
  #state: State;
  #access: Access | undefined;
  /** When the last change was made, and how many there were. */
  #changed = 0;
  #changes = 0;
  #refreshing: Promise<Response | undefined> | undefined;

  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.tabs = new Tabs(parts.channel, (change) => this.#hear(change));
  }

  get state(): State {
    return this.#state;
  }

  /** The access token, even if it has expired. */
  get token(): string | undefined {
    return this.#access?.token;
  }

  /** Whose login it is; undefined without a login, and before the start. */
  get actor(): Actor | undefined {
    if (this.#state.status !== "signedIn") return undefined;
    const { user, tenant } = this.#state;
    return { userId: user.userId, tenantId: tenant.tenantId };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.tabs.close();
  }

  /** Whether the access token is good for so many milliseconds more. */
  lasts(milliseconds: number): boolean {
    return this.#access !== undefined && this.#access.until - this.#parts.clock.now() > milliseconds;
  }

  /** Whether it is time for the next access token. */
  get due(): boolean {
    if (this.#state.status === "starting") return true;
    return this.#state.status === "signedIn" && !this.lasts(EARLY);
  }

  /** Gets another access token than this one, unless there is one, or the login has ended.
   *
   * Returns the answer of the API if it refused for another reason. Raises `NetworkError`.
   *
   * @param held whether the caller runs in `tabs.exclusive`.
   */
  async refresh(used: string | undefined, held = false): Promise<Response | undefined> {
    if (held) return this.#refresh(used);
    this.#refreshing ??= this.tabs
      .exclusive(() => this.#refresh(used))
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async #refresh(used: string | undefined): Promise<Response | undefined> {
    // Another call or another tab may have been first.
    if (this.#state.status === "signedOut") return undefined;
    if (this.token !== used && this.lasts(EARLY)) return undefined;
    const { store, exchange } = this.#parts;
    const refreshToken = (await store?.load()) ?? undefined;
    if (store !== undefined && refreshToken === undefined) return this.#over();
    const before = this.#changes;
    const response = await exchange(refreshToken);
    // The body can be late, too.
    const answer = response.ok ? ((await response.json()) as Refreshed) : undefined;
    if (before !== this.#changes) return undefined; // another tab has logged out, say
    if (response.status === 401) return this.#over();
    if (answer === undefined) return response;
    const { data } = answer;
    await this.adopt(data.tokens, data);
    return undefined;
  }

  async #over(): Promise<undefined> {
    await this.end(this.#state.status === "signedIn" ? "ended" : undefined);
  }

  /** Goes on with these tokens; user and tenant stay as they are if they are absent. */
  async adopt(tokens: Tokens, more: { user?: User; tenant?: Tenant } = {}): Promise<void> {
    const { clock, store } = this.#parts;
    const known = this.#state.status === "signedIn" ? this.#state : undefined;
    const user = more.user ?? known?.user;
    const tenant = more.tenant ?? known?.tenant;
    if (user === undefined || tenant === undefined) throw new TypeError("whose tokens are these?");
    if (tokens.refreshToken !== undefined) await store?.save(tokens.refreshToken);
    const time = clock.now();
    this.#change({
      state: { status: "signedIn", user, tenant },
      access: { token: tokens.accessToken, until: time + tokens.expiresIn * 1000 },
      time,
    });
  }

  /** Forgets the tokens. */
  async end(reason: "loggedOut" | "ended" | undefined): Promise<void> {
    await this.#parts.store?.save(null);
    const state = reason === undefined ? {} : { reason };
    this.#change({ state: { status: "signedOut", ...state }, time: this.#parts.clock.now() });
  }

  /** Notes what the API shows of the user who is logged in, or of the active tenant.
   *
   * @param asker the id of the user whom it shows that to: to another one the same tenant shows another role.
   */
  learn(shown: Partial<User> & Partial<Tenant>, asker: string | undefined): void {
    if (this.#state.status !== "signedIn" || this.#access === undefined) return;
    const { user, tenant } = this.#state;
    if (asker !== user.userId) return;
    const state = {
      status: "signedIn" as const,
      user: shown.userId === user.userId ? (shown as User) : user,
      tenant: shown.tenantId === tenant.tenantId ? (shown as Tenant) : tenant,
    };
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#change({ state, access: this.#access, time: this.#changed, learned: true });
  }

  #change(change: Change): void {
    this.#take(change);
    this.tabs.tell(change);
  }

  #hear(change: Change): void {
    // What a tab learned of a login that has ended here must not bring that back.
    if (change.learned === true) {
      if (change.access?.token === this.#access?.token) this.#take(change);
      return;
    }
    // A clock that was set back does not make a tab deaf for longer than that.
    const age = this.#changed - change.time;
    if (age > 0 && age < LATE) return;
    // That another tab has found the login ended is no news to the one that has logged out.
    const { state } = this;
    this.#take(change.state.status === "signedOut" && state.status === "signedOut" ? { ...change, state } : change);
  }

  #take({ state, access, time, learned = false }: Change): void {
    if (!learned) {
      this.#access = access;
      this.#changed = time;
      this.#changes += 1;
    }
    const same = JSON.stringify(state) === JSON.stringify(this.#state);
    if (same) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}
