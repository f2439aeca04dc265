import createClient, { defaultPathSerializer } from "openapi-fetch";
import { type Clock, systemClock } from "./clock.js";
import { CoditectError, errorOf, LoginChangedError } from "./errors.js";
import { Login, type TokenStore } from "./login.js";
import { EXCHANGES, PUBLIC } from "./operations.js";
import { Transport } from "./transport.js";
import type {
  Api,
  Body,
  Data,
  DownloadPath,
  Init,
  Item,
  ListPath,
  LoggedIn,
  LoginResult,
  Method,
  Path,
  Registered,
  Rest,
  State,
  Tenant,
  Tokens,
  User,
} from "./types.js";
import type { paths } from "./contract.js";

export interface CoditectOptions {
  /** Where the API is, such as `https://coditect.example`; by default where the page comes from. */
  baseUrl?: string;
  /**
   * Where the refresh token is kept: by the browser in a cookie that no script can read (`cookie`), in
   * memory (`memory`, by default), or in a store, such as a file.
   */
  tokens?: "cookie" | "memory" | TokenStore;
  fetch?: typeof fetch;
  /** How often a call is repeated, where that is safe; 2 by default. */
  retries?: number;
  clock?: Clock;
  /**
   * The name by which tabs find each other that share a login. By default, tabs do in cookie mode, and
   * not in the others.
   */
  channel?: string;
}

/** A client of the API, with one login. */
export interface Coditect {
  /** Calls without any wrapping: answers in their envelope, and errors by operation. */
  readonly api: Api;
  get<P extends Path<"get">>(path: P, ...init: Rest<Init<"get", P>>): Promise<Data<"get", P>>;
  post<P extends Path<"post">>(path: P, ...init: Rest<Init<"post", P>>): Promise<Data<"post", P>>;
  put<P extends Path<"put">>(path: P, ...init: Rest<Init<"put", P>>): Promise<Data<"put", P>>;
  patch<P extends Path<"patch">>(path: P, ...init: Rest<Init<"patch", P>>): Promise<Data<"patch", P>>;
  delete<P extends Path<"delete">>(
    path: P,
    ...init: Rest<Init<"delete", P>>
  ): Promise<Data<"delete", P>>;
  /** All that a list has, page by page. */
  list<P extends ListPath>(path: P, ...init: Rest<Init<"get", P>>): AsyncIterable<Item<P>>;
  /** A download, whose body is still to be read. */
  download<P extends DownloadPath>(path: P, ...init: Rest<Init<"get", P>>): Promise<Response>;

  register(body: Body<"/api/v5/auth/register">): Promise<Registered>;
  login(body: Body<"/api/v5/auth/login">): Promise<LoginResult>;
  loginWithSecondFactor(body: Body<"/api/v5/auth/login/second-factor">): Promise<LoggedIn>;
  loginWithPasskey(body: Body<"/api/v5/auth/login/passkey">): Promise<LoggedIn>;
  reauthenticate(body: Body<"/api/v5/auth/reauthenticate">): Promise<void>;
  /** Makes another tenant the active one, in all tabs. */
  switchTenant(tenantId: string): Promise<void>;
  /** Ends this login. If that fails, the user is still logged in. */
  logout(): Promise<void>;
  /** Ends all logins of the user. */
  logoutAll(): Promise<void>;
  /** Goes on with tokens that were got elsewhere; the client adopts those that its own calls bring. */
  adopt(tokens: Tokens, more?: { user?: User; tenant?: Tenant }): Promise<void>;

  /**
   * Restores the login. Resolves if there is none, too. Rejects if that cannot be known, such as
   * without a network: the state is still `starting`, and `start` can be called again.
   */
  start(): Promise<State>;
  /** The same object until it changes. */
  readonly state: State;
  /** Calls the listener after each change of the state; returns what ends that. */
  subscribe(listener: () => void): () => void;
  /** Hears other tabs no more. */
  close(): void;
}

/** Makes a client. In a browser there should be one for a page. */
export function createCoditect(options: CoditectOptions = {}): Coditect {
  return new Client(options);
}

class Client implements Coditect {
  readonly api: Api;
  readonly #login: Login;
  readonly #store: TokenStore | undefined;

  constructor({ baseUrl = "", tokens = "memory", retries = 2, ...options }: CoditectOptions) {
    const cookies = tokens === "cookie";
    const clock = options.clock ?? systemClock;
    const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
    const transport = new Transport({ fetch: send, retries, clock, cookies });
    this.#store = cookies ? undefined : tokens === "memory" ? memory() : tokens;
    this.#login = new Login({
      store: this.#store,
      state: tokens === "memory" ? { status: "signedOut" } : { status: "starting" },
      channel: options.channel ?? (cookies ? "coditect" : undefined),
      clock,
      exchange: (refreshToken) => transport.exchange(refreshRequest(baseUrl, refreshToken)),
    });
    this.api = createClient<paths>({ baseUrl, pathSerializer: pathOf });
    this.api.use({
      onRequest: ({ request, schemaPath }) => transport.send(request, schemaPath, this.#login),
    });
  }

  get state(): State {
    return this.#login.state;
  }

  subscribe(listener: () => void): () => void {
    return this.#login.subscribe(listener);
  }

  close(): void {
    this.#login.close();
  }

  async start(): Promise<State> {
    if (this.state.status === "starting") {
      const refused = await this.#login.refresh(undefined);
      if (refused !== undefined) throw errorOf(await refused.json().catch(() => null), refused);
    }
    return this.state;
  }

  get<P extends Path<"get">>(path: P, ...init: Rest<Init<"get", P>>) {
    return this.#call("get", path, init[0]);
  }

  post<P extends Path<"post">>(path: P, ...init: Rest<Init<"post", P>>) {
    return this.#call("post", path, init[0]);
  }

  put<P extends Path<"put">>(path: P, ...init: Rest<Init<"put", P>>) {
    return this.#call("put", path, init[0]);
  }

  patch<P extends Path<"patch">>(path: P, ...init: Rest<Init<"patch", P>>) {
    return this.#call("patch", path, init[0]);
  }

  delete<P extends Path<"delete">>(path: P, ...init: Rest<Init<"delete", P>>) {
    return this.#call("delete", path, init[0]);
  }

  async *list<P extends ListPath>(path: P, ...init: Rest<Init<"get", P>>): AsyncGenerator<Item<P>> {
    let pageToken = "";
    do {
      const page = await this.#page(path, init[0], pageToken);
      yield* Object.values<unknown>({ ...page }).find(Array.isArray) as Item<P>[];
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
  }

  async #page(path: ListPath, init: unknown, pageToken: string): Promise<{ nextPageToken: string }> {
    const given = (init ?? {}) as { params?: { query?: object } };
    const query = { ...given.params?.query, ...(pageToken && { pageToken }) };
    return (await this.#call("get", path, {
      ...given,
      params: { ...given.params, query },
    })) as { nextPageToken: string };
  }

  async download<P extends DownloadPath>(path: P, ...init: Rest<Init<"get", P>>): Promise<Response> {
    const { error, response } = await this.#request("get", path, { ...init[0], parseAs: "stream" });
    if (!response.ok) throw errorOf(error, response);
    return response;
  }

  async register(body: Body<"/api/v5/auth/register">): Promise<Registered> {
    const answer = await this.post("/api/v5/auth/register", { body });
    return "user" in answer ? loggedIn(answer) : undefined;
  }

  async login(body: Body<"/api/v5/auth/login">): Promise<LoginResult> {
    const { challenge, ...answer } = await this.post("/api/v5/auth/login", { body });
    return challenge === undefined ? loggedIn(answer as LoggedIn) : { challenge };
  }

  async loginWithSecondFactor(body: Body<"/api/v5/auth/login/second-factor">): Promise<LoggedIn> {
    return loggedIn(await this.post("/api/v5/auth/login/second-factor", { body }));
  }

  async loginWithPasskey(body: Body<"/api/v5/auth/login/passkey">): Promise<LoggedIn> {
    return loggedIn(await this.post("/api/v5/auth/login/passkey", { body }));
  }

  async reauthenticate(body: Body<"/api/v5/auth/reauthenticate">): Promise<void> {
    await this.post("/api/v5/auth/reauthenticate", { body });
  }

  async switchTenant(tenantId: string): Promise<void> {
    await this.post("/api/v5/auth/switch-tenant", { body: { tenantId } });
  }

  async logout(): Promise<void> {
    const refreshToken = (await this.#store?.load()) ?? undefined;
    const body = refreshToken === undefined ? {} : { refreshToken };
    try {
      await this.post("/api/v5/auth/logout", { body });
    } catch (error) {
      // No login was left, so there is none now.
      if (!(error instanceof CoditectError) || ![400, 401].includes(error.status)) throw error;
    }
  }

  async logoutAll(): Promise<void> {
    await this.post("/api/v5/auth/logout-all", { body: {} });
  }

  adopt(tokens: Tokens, more?: { user?: User; tenant?: Tenant }): Promise<void> {
    return this.#login.adopt(tokens, more);
  }

  async #call<M extends Method, P extends Path<M>>(
    method: M,
    path: P,
    init: object | undefined,
  ): Promise<Data<M, P>> {
    const { data, error, response } = await this.#request(method, path, init);
    if (!response.ok) throw errorOf(error, response);
    return (isEnvelope(data) ? data.data : data) as Data<M, P>;
  }

  /** The types of the public methods have checked the arguments. */
  async #request(method: Method, path: string, init: object | undefined) {
    const request = this.api.request as (
      method: Method,
      path: string,
      init: object | undefined,
    ) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
    const { actor } = this.#login;
    const answer = await request(method, path, init);
    const now = this.#login.actor;
    if (actor !== undefined && now !== undefined && actor.userId !== now.userId && ofLogin(method, path, init)) {
      throw new LoginChangedError("the login has changed");
    }
    return answer;
  }
}

/** The path with its parameters, of which none can become another path. */
function pathOf(path: string, parameters: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(parameters)) {
    // Nothing encodes dots, and browsers read a part of dots as a step to another resource.
    if (/^\.*$/.test(String(value))) throw new TypeError(`${name} is no id: "${String(value)}"`);
  }
  return defaultPathSerializer(path, parameters);
}

/** Whether a call is about the user who is logged in, and does not change who that is. */
function ofLogin(method: Method, path: string, init: object | undefined): boolean {
  const operation = `${method.toUpperCase()} ${path}`;
  const { headers } = (init ?? {}) as { headers?: HeadersInit };
  return !EXCHANGES.has(operation) && !PUBLIC.has(operation) && !new Headers(headers).has("Authorization");
}

function refreshRequest(baseUrl: string, refreshToken: string | undefined): Request {
  return new Request(`${baseUrl.replace(/\/$/, "")}/api/v5/auth/refresh`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(refreshToken === undefined ? {} : { refreshToken }),
  });
}

function isEnvelope(body: unknown): body is { success: true; data: unknown } {
  return (body as { success?: unknown } | undefined)?.success === true;
}

/** Who is logged in; not the tokens, which the client keeps to itself. */
function loggedIn({ user, tenant, deviceToken }: LoggedIn): LoggedIn {
  return { user, tenant, ...(deviceToken !== undefined && { deviceToken }) };
}

function memory(): TokenStore {
  let kept: string | null = null;
  return {
    load: () => kept,
    save: (refreshToken) => {
      kept = refreshToken;
    },
  };
}
