// Registers, logs in, opens and lists sessions, with types generated from the OpenAPI document.
// There is no `!`, no cast and no `any` in it: the document says all that it needs.

import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Tokens = components["schemas"]["auth.Tokens"];
type Session = components["schemas"]["sessions.Session"];
type Detail = components["schemas"]["ErrorDetail"];

const PASSWORD = "correct horse battery staple";

export class Refused extends Error {}

export class Product {
  private readonly client;

  constructor(baseUrl: string) {
    this.client = createClient<paths>({ baseUrl });
  }

  async register(email: string, password: string = PASSWORD): Promise<Tokens> {
    const body = { email, password, firstName: "Ada", lastName: "Lovelace" };
    const { data, error } = await this.client.POST("/api/v5/auth/register", {
      params: { header: { "Idempotency-Key": email } },
      body,
    });
    if (error) {
      switch (error.error.code) {
        case "EMAIL_TAKEN":
          throw new Refused(`${email} is taken`);
        case "INVALID_REQUEST":
          throw new Refused(fields(error.error.details).join(", "));
        default:
          throw new Refused(error.error.message);
      }
    }
    // The answer is empty where the address must be proved first.
    if (!("tokens" in data.data)) throw new Refused("the address must be proved first");
    const { kind, role, state } = data.data.tenant;
    console.log(`${data.data.user.email}: ${kind}, ${role}, ${state}`);
    return data.data.tokens;
  }

  async logIn(email: string, password: string): Promise<Tokens> {
    const { data, error } = await this.client.POST("/api/v5/auth/login", {
      body: { email, password },
    });
    if (error?.error.code === "BAD_CREDENTIALS") throw new Refused("wrong password");
    if (error) throw new Refused(error.error.message);
    // The answer is a challenge where the user has a second factor.
    if (!data.data.tokens) throw new Refused("a second factor must be shown");
    return data.data.tokens;
  }

  async open(tokens: Tokens, name: string): Promise<Session> {
    const { data, error } = await this.client.POST("/api/v5/sessions", {
      headers: bearer(tokens),
      body: { name, state: { openFiles: ["main.rs"] } },
    });
    if (error) throw new Refused(error.error.message);
    return data.data;
  }

  async list(tokens: Tokens): Promise<Session[]> {
    const found: Session[] = [];
    let pageToken = "";
    do {
      const { data, error } = await this.client.GET("/api/v5/sessions", {
        headers: bearer(tokens),
        params: { query: { pageSize: 1, pageToken, scope: "mine" } },
      });
      if (error) throw new Refused(error.error.message);
      found.push(...data.data.sessions);
      pageToken = data.data.nextPageToken;
    } while (pageToken);
    return found;
  }

  // Each code that the operation gives has its case: with one missing this does not compile.
  async describe(tokens: Tokens, sessionId: string): Promise<string> {
    const { data, error } = await this.client.GET("/api/v5/sessions/{sessionId}", {
      headers: bearer(tokens),
      params: { path: { sessionId } },
    });
    if (!error) return `${data.data.name} ${data.data.revision} ${data.data.updateTime.slice(0, 2)}`;
    switch (error.error.code) {
      case "SESSION_NOT_FOUND":
        return "no such session";
      case "ACCESS_TOKEN_EXPIRED":
      case "ACCESS_TOKEN_INVALID":
      case "ACCESS_TOKEN_MISSING":
      case "ACCESS_TOKEN_REVOKED":
        return "log in again";
      case "TENANT_SUSPENDED":
        return "the tenant is suspended";
      case "SCOPE_MISSING":
        return "the program may not do this";
      case "SECOND_FACTOR_REQUIRED":
        return "show a second factor";
      case "INVALID_REQUEST":
      case "MALFORMED_REQUEST":
      case "UNKNOWN_FIELD":
      case "UNSUPPORTED_MEDIA_TYPE":
      case "BODY_TOO_LARGE":
      case "HEADERS_TOO_LARGE":
      case "TOO_MANY_HEADERS":
        return "a bad request";
      case "DEADLINE_EXCEEDED":
      case "GATEWAY_TIMEOUT":
      case "RATE_LIMITED":
      case "REVOCATIONS_STALE":
      case "STORAGE_UNAVAILABLE":
      case "UPSTREAM_UNAVAILABLE":
        return "try again";
      case "INTERNAL":
      case "NOT_IMPLEMENTED":
        return "not our fault";
    }
  }
}

function fields(details: Detail[]): string[] {
  return details.flatMap((detail) =>
    detail["@type"] === "type.googleapis.com/google.rpc.BadRequest"
      ? detail.fieldViolations.map((violation) => `${violation.field}: ${violation.reason}`)
      : [],
  );
}

function bearer(tokens: Tokens): { Authorization: string } {
  return { Authorization: `${tokens.tokenType} ${tokens.accessToken}` };
}

async function refused(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
  return "not refused";
}

export async function main(url: string, email: string): Promise<void> {
  const product = new Product(url);
  await product.register(email);
  const tokens = await product.logIn(email, PASSWORD);
  const first = await product.open(tokens, "first");
  await product.open(tokens, "second");
  const names = (await product.list(tokens)).map((session) => session.name).sort();
  console.log(names.join(", "));
  console.log(await product.describe(tokens, first.sessionId));
  console.log(await product.describe(tokens, first.userId));
  console.log(await product.describe({ ...tokens, accessToken: "x" }, first.sessionId));
  console.log(await refused(product.logIn(email, "another one")));
  console.log(await refused(product.register(email, "another correct horse battery")));
  console.log(await refused(product.register(`x${email}`, "short")));
}
