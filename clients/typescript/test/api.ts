/** An API of a few methods, whose answers a test can change, and a clock that a test moves. */

import type { Clock, CoditectOptions } from "@coditect/client";

export const USER = { userId: "u1", email: "ada@example.com", firstName: "Ada" };
export const TENANT = { tenantId: "t1", name: "Ada" };

type Answer = Response | Error | Promise<Response>;
type Handler = (request: Request) => Answer | undefined;

/** Gives out tokens that are numbered, and takes the last ones only. */
export class Api {
  /** What was asked, as "METHOD path". */
  readonly asked: string[] = [];
  readonly requests: Request[] = [];
  readonly waits: number[] = [];
  now = 1_000_000;
  issued = 0;
  /** Looked at first; in the order of the calls, unless it gives undefined. */
  handlers: Handler[] = [];

  readonly clock: Clock = {
    now: () => this.now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      this.waits.push(milliseconds);
      this.now += milliseconds;
    },
  };

  readonly options: CoditectOptions = {
    baseUrl: "http://api.test",
    clock: this.clock,
    fetch: ((request: Request) => this.#answer(request)) as typeof fetch,
  };

  /** Answers the next call of a path in another way. */
  once(path: string, answer: (request: Request) => Answer): void {
    const handler: Handler = (request) => {
      if (new URL(request.url).pathname !== path) return undefined;
      this.handlers.splice(this.handlers.indexOf(handler), 1);
      return answer(request);
    };
    this.handlers.push(handler);
  }

  count(asked: string): number {
    return this.asked.filter((one) => one === asked).length;
  }

  tokens(): object {
    this.issued += 1;
    const [accessToken, refreshToken] = [`access${this.issued}`, `refresh${this.issued}`];
    return { accessToken, refreshToken, tokenType: "Bearer", expiresIn: 900 };
  }

  async #answer(request: Request): Promise<Response> {
    await Promise.resolve();
    const { pathname } = new URL(request.url);
    this.asked.push(`${request.method} ${pathname}`);
    this.requests.push(request.clone());
    for (const handler of [...this.handlers]) {
      const answer = await handler(request);
      if (answer instanceof Error) throw answer;
      if (answer !== undefined) return answer;
    }
    return this.#usual(request, pathname);
  }

  async #usual(request: Request, pathname: string): Promise<Response> {
    const loggedIn = () => ok({ user: USER, tenant: TENANT, tokens: this.tokens() });
    if (pathname === "/api/v5/auth/login") return loggedIn();
    if (pathname === "/api/v5/auth/refresh") {
      const { refreshToken } = (await request.json()) as { refreshToken?: string };
      const good = refreshToken === undefined || refreshToken === `refresh${this.issued}`;
      return good ? loggedIn() : refused(401, "REFRESH_TOKEN_INVALID");
    }
    if (pathname === "/api/v5/auth/logout") return ok({});
    const token = request.headers.get("Authorization");
    if (token === null) return refused(401, "ACCESS_TOKEN_MISSING");
    if (token !== `Bearer access${this.issued}`) return refused(401, "ACCESS_TOKEN_REVOKED");
    if (pathname === "/api/v5/auth/reauthenticate") return ok({ tokens: this.tokens() });
    return ok({ name: "it" });
  }
}

export function ok(data: object): Response {
  return Response.json({ success: true, data });
}

export function refused(
  status: number,
  code: string,
  { headers = {}, details = [] }: { headers?: Record<string, string>; details?: object[] } = {},
): Response {
  const error = { code, message: `It is ${code}.`, details, requestId: "r1" };
  return Response.json({ success: false, error }, { status, headers });
}

export const OFFLINE = new TypeError("fetch failed");
export const LOGIN = { email: "ada@example.com", password: "correct horse battery staple" };
