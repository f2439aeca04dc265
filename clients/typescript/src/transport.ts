/** Sends the requests of a client: with its token, again where that is safe, one exchange at a time. */

import type { Clock } from "./clock.js";
import { LoginChangedError, NetworkError, retryAfter } from "./errors.js";
import type { Actor, Login } from "./login.js";
import { EXCHANGES, PROFILES, PUBLIC, REPEATABLE } from "./operations.js";
import type { Tenant, Tokens, User } from "./types.js";

const LOGOUT = "POST /api/v5/auth/logout";

/** What ends the login. */
const ENDS = new Set([
  LOGOUT,
  "POST /api/v5/auth/logout-all",
  "DELETE /api/v5/auth/me",
]);

/** Codes by which a new access token helps. */
const TOKEN_CODES = ["ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_REVOKED"];

/** How long an exchange of tokens may take once it is its turn, in milliseconds: other tabs wait for it. */
const EXCHANGE_TIMEOUT = 30_000;

/** The first pause before a repeat, and the longest one, in milliseconds. */
const PAUSE = 250;
const LONGEST_PAUSE = 10_000;

export interface TransportParts {
  fetch: (request: Request) => Promise<Response>;
  retries: number;
  clock: Clock;
  /** Whether the browser keeps the refresh token. */
  cookies: boolean;
}

export class Transport {
  readonly #parts: TransportParts;

  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  /** The answer to a request. Raises `NetworkError`, `LoginChangedError`, and the reason of the request's signal.
   *
   * @param path the path as the contract has it, with the names of its parameters.
   */
  async send(given: Request, path: string, login: Login): Promise<Response> {
    const operation = `${given.method} ${path}`;
    // A call with a token of its own is about another login than this client's.
    if (given.headers.has("Authorization")) {
      return this.#repeated(withKey(given, operation), isRepeatable(given, operation));
    }
    const request = this.#prepared(given, operation);
    const { actor } = login;
    if (!EXCHANGES.has(operation)) {
      // Before the start only the token says whose call it is.
      let asker: string | undefined;
      const token = () => {
        const taken = tokenFor(actor, login);
        asker = login.actor?.userId;
        return taken;
      };
      const response = await this.#authorized(request, operation, login, token);
      if (response.ok && PROFILES.has(operation)) login.learn((await dataOf(response)) as object, asker);
      return response;
    }
    // These are about the user, whatever the active tenant is.
    const user = actor && { userId: actor.userId };
    return login.tabs.exclusive(async () => {
      const response = await this.#authorized(inTime(request), operation, login, () => tokenFor(user, login), true);
      await this.#follow(response, operation, login);
      return response;
    });
  }

  /** The answer to a request without a token. Raises as `send`.  */
  async exchange(request: Request): Promise<Response> {
    return this.#repeated(inTime(this.#prepared(request, "POST /api/v5/auth/refresh")), true);
  }

  /** Changes the login as an answer says it, before another call can use the old tokens. */
  async #follow(response: Response, operation: string, login: Login): Promise<void> {
    if (ENDS.has(operation) && (response.ok || isGone(response, operation))) return login.end("loggedOut");
    if (!response.ok) return;
    const answer = (await dataOf(response)) as { tokens?: Tokens; user?: User; tenant?: Tenant };
    // There are none with a challenge, or where the address must be proved first.
    if (answer.tokens !== undefined) await login.adopt(answer.tokens, answer);
  }

  #prepared(given: Request, operation: string): Request {
    const request = withKey(given, operation);
    if (!EXCHANGES.has(operation) || !this.#parts.cookies) return request;
    const headers = new Headers(request.headers);
    headers.set("X-Coditect-Tokens", "cookie");
    return new Request(request, { headers, credentials: "include" });
  }

  /** The answer to a request with the token that `token` gives when it is sent, and again with the next one. */
  async #authorized(
    request: Request,
    operation: string,
    login: Login,
    token: () => string | undefined,
    held = false,
  ): Promise<Response> {
    const repeatable = isRepeatable(request, operation);
    if (PUBLIC.has(operation)) return this.#repeated(request, repeatable);
    // The refresh token alone is enough for a logout, even after the access token has expired.
    const renews = operation !== LOGOUT;
    if (renews && login.due) {
      const failure = await login.refresh(login.token, held);
      if (failure !== undefined && !login.lasts(0)) return failure;
    }
    const used = renews || login.lasts(0) ? token() : undefined;
    const response = await this.#repeated(withToken(request, used), repeatable);
    if (used === undefined || !(await wantsAnother(response))) return response;
    if (!renews) return this.#repeated(request, repeatable);
    const failure = await login.refresh(used, held);
    if (failure !== undefined) return failure;
    const next = token();
    if (next === undefined) return response;
    return this.#repeated(withToken(request, next), repeatable);
  }

  /** Sends a request, and again if that is safe and may help. */
  async #repeated(request: Request, repeatable: boolean): Promise<Response> {
    for (let pause = PAUSE, left = repeatable ? this.#parts.retries : 0; left > 0; left -= 1) {
      const wait = await this.#tried(request, pause * (0.5 + Math.random() / 2));
      if (wait instanceof Response) return wait;
      await this.#wait(wait, request);
      pause *= 2;
    }
    return this.#fetch(request.clone());
  }

  /** The answer, or how long to wait before the repeat, in milliseconds: so long if nothing says more. */
  async #tried(request: Request, pause: number): Promise<Response | number> {
    try {
      const response = await this.#fetch(request.clone());
      const wait = pauseAfter(response, pause);
      if (wait === undefined) return response;
      await response.body?.cancel();
      return wait;
    } catch (error) {
      if (error instanceof NetworkError) return pause;
      throw error;
    }
  }

  async #fetch(request: Request): Promise<Response> {
    try {
      return await this.#parts.fetch(request);
    } catch (error) {
      throw failureOf(request, error);
    }
  }

  async #wait(milliseconds: number, request: Request): Promise<void> {
    try {
      await this.#parts.clock.sleep(milliseconds, request.signal);
    } catch (error) {
      throw failureOf(request, error);
    }
  }
}

/** Whether there was no login to end: neither a refresh token nor an access token that is good. */
function isGone({ status }: Response, operation: string): boolean {
  return operation === LOGOUT && [400, 401].includes(status);
}

/** The same request, with the time that an exchange has from now on. */
function inTime(request: Request): Request {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(EXCHANGE_TIMEOUT)]);
  return new Request(request, { signal });
}

/** What a request without an answer fails with: the reason of its caller, or that there was none in time. */
function failureOf({ signal: { aborted, reason } }: Request, cause: unknown): unknown {
  if (aborted && (reason as Error | undefined)?.name !== "TimeoutError") return reason;
  return new NetworkError("no answer", { cause });
}

/** The access token, if it is still that of who made the call; undefined without any. Raises `LoginChangedError`.
 *
 * A call can wait for a refresh or for another tab. A login of another user meanwhile must not make it theirs.
 */
function tokenFor(actor: Actor | undefined, login: Login): string | undefined {
  const now = login.actor;
  const same =
    now === undefined ||
    actor === undefined ||
    (now.userId === actor.userId && (actor.tenantId ?? now.tenantId) === now.tenantId);
  if (!same) throw new LoginChangedError("the login has changed");
  return login.token;
}

/** How long to wait before the repeat of what got this answer; undefined if there should be none. */
function pauseAfter(response: Response, pause: number): number | undefined {
  const after = retryAfter(response);
  const limited = response.status === 429 && after !== undefined;
  if (!limited && ![502, 503, 504].includes(response.status)) return undefined;
  const wait = Math.max(pause, (after ?? 0) * 1000);
  return wait > LONGEST_PAUSE ? undefined : wait;
}

/** Whether a repeat changes nothing more. */
function isRepeatable(request: Request, operation: string): boolean {
  return request.method === "GET" || REPEATABLE.has(operation);
}

function withKey(request: Request, operation: string): Request {
  if (!REPEATABLE.has(operation) || request.headers.has("Idempotency-Key")) return request;
  const headers = new Headers(request.headers);
  headers.set("Idempotency-Key", randomKey());
  return new Request(request, { headers });
}

/** `crypto.randomUUID` is absent on pages that are not secure. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function withToken(request: Request, token: string | undefined): Request {
  if (token === undefined) return request;
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return new Request(request.clone(), { headers });
}

/** Whether another access token may help. */
async function wantsAnother(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  const body = (await response.clone().json().catch(() => null)) as {
    error?: { code?: string };
  } | null;
  return TOKEN_CODES.includes(body?.error?.code ?? "");
}

async function dataOf(response: Response): Promise<unknown> {
  return ((await response.clone().json()) as { data: unknown }).data;
}
