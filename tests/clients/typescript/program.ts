// Registers, logs in, opens and lists sessions, with the types of the client.
// There is no `!`, no cast and no `any` in it: the document says all that it needs.

import { type Coditect, CoditectError, createCoditect, isCode } from "@coditect/client";

const PASSWORD = "correct horse battery staple";

export async function register(coditect: Coditect, email: string, password: string): Promise<string> {
  const body = { email, password, firstName: "Ada", lastName: "Lovelace" };
  const { data, error } = await coditect.api.POST("/api/v5/auth/register", {
    params: { header: { "Idempotency-Key": email } },
    body,
  });
  if (error) {
    switch (error.error.code) {
      case "EMAIL_TAKEN":
        return `${email} is taken`;
      case "INVALID_REQUEST":
        return error.error.details
          .flatMap((detail) =>
            detail["@type"] === "type.googleapis.com/google.rpc.BadRequest"
              ? detail.fieldViolations.map((violation) => `${violation.field}: ${violation.reason}`)
              : [],
          )
          .join(", ");
      default:
        return error.error.message;
    }
  }
  // The answer is empty where the address must be proved first.
  if (!("tokens" in data.data)) return "the address must be proved first";
  const { kind, role, state } = data.data.tenant;
  return `${data.data.user.email}: ${kind}, ${role}, ${state}`;
}

export async function logIn(coditect: Coditect, email: string, password: string): Promise<string> {
  try {
    // The answer is a challenge where the user has a second factor.
    const { challenge, user } = await coditect.login({ email, password });
    if (challenge !== undefined) return `show one of ${challenge.kinds.join(", ")}`;
    return `${user.firstName} is logged in`;
  } catch (error) {
    if (isCode(error, "BAD_CREDENTIALS")) return "wrong password";
    throw error;
  }
}

export async function names(coditect: Coditect): Promise<string[]> {
  const found: string[] = [];
  const query = { pageSize: 1, scope: "mine" } as const;
  for await (const session of coditect.list("/api/v5/sessions", { params: { query } })) {
    found.push(session.name);
  }
  return found.sort();
}

// Each code that the operation gives has its case: with one missing this does not compile.
export async function describe(coditect: Coditect, sessionId: string): Promise<string> {
  const { data, error } = await coditect.api.GET("/api/v5/sessions/{sessionId}", {
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

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof CoditectError) return `${error.code}: ${Object.keys(error.fields())}`;
    throw error;
  }
  return "not refused";
}

export async function main(baseUrl: string, email: string): Promise<void> {
  const coditect = createCoditect({ baseUrl });
  console.log(await register(coditect, email, PASSWORD));
  console.log(await logIn(coditect, email, PASSWORD));
  const first = await coditect.post("/api/v5/sessions", { body: { name: "first" } });
  await coditect.post("/api/v5/sessions", { body: { name: "second" } });
  console.log((await names(coditect)).join(", "));
  console.log(await describe(coditect, first.sessionId));
  console.log(await describe(coditect, first.userId));
  console.log(await refusal(coditect.post("/api/v5/sessions", { body: { name: "x".repeat(201) } })));
  console.log(await logIn(coditect, email, "another one"));
  console.log(await register(coditect, email, "another correct horse battery"));
  console.log(await register(coditect, `x${email}`, "short"));
  await coditect.logout();
  console.log(await describe(coditect, first.sessionId));
}
