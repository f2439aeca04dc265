import assert from "node:assert/strict";
import { test } from "node:test";
import { CoditectError, createCoditect, isCode, NetworkError } from "@coditect/client";
import { Api, LOGIN, OFFLINE, ok, refused } from "./api.js";

const SESSIONS = "/api/v5/sessions";

async function loggedIn(options = {}) {
  const api = new Api();
  const coditect = createCoditect({ ...api.options, ...options });
  await coditect.login(LOGIN);
  api.asked.length = 0;
  api.requests.length = 0;
  return { api, coditect };
}

test("reads are repeated after an outage, longer and longer", async () => {
  const { api, coditect } = await loggedIn();
  api.once(SESSIONS, () => refused(503, "STORAGE_UNAVAILABLE"));
  api.once(SESSIONS, () => OFFLINE);
  await coditect.get(SESSIONS);
  assert.equal(api.asked.length, 3);
  const [first, second] = api.waits as [number, number];
  assert.ok(125 <= first && first <= 250 && 250 <= second && second <= 500, `${first} ${second}`);
});

test("in the end there is the last error", async () => {
  const { api, coditect } = await loggedIn({ retries: 1 });
  api.handlers.push(() => refused(504, "GATEWAY_TIMEOUT"));
  await assert.rejects(coditect.get(SESSIONS), (error) => isCode(error, "GATEWAY_TIMEOUT"));
  assert.equal(api.asked.length, 2);
});

test("a limit is waited for if it says how long, and not for long", async () => {
  const limited = (seconds?: string) =>
    refused(429, "RATE_LIMITED", { headers: seconds === undefined ? {} : { "Retry-After": seconds } });
  const { api, coditect } = await loggedIn();
  api.once(SESSIONS, () => limited("3"));
  await coditect.get(SESSIONS);
  assert.deepEqual(api.waits, [3000]);
  for (const [seconds, expected] of [["60", 60], [undefined, undefined]] as const) {
    api.once(SESSIONS, () => limited(seconds));
    await assert.rejects(
      coditect.get(SESSIONS),
      (error) => isCode(error, "RATE_LIMITED") && error.retryAfter === expected,
    );
  }
  assert.equal(api.waits.length, 1);
});

test("a write that takes a key is repeated with the same one", async () => {
  const { api, coditect } = await loggedIn();
  api.once(SESSIONS, () => OFFLINE);
  await coditect.post(SESSIONS, { body: { name: "engine" } });
  await coditect.post(SESSIONS, { body: { name: "other" } });
  const keys = api.requests.map((request) => request.headers.get("Idempotency-Key"));
  assert.match(keys[0] ?? "", /^[0-9a-f]{32}$/);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[1], keys[2]);
  assert.deepEqual(await api.requests[1]?.json(), { name: "engine" });
});

test("a key of the caller's is left alone", async () => {
  const { api, coditect } = await loggedIn();
  await coditect.post(SESSIONS, { body: {}, params: { header: { "Idempotency-Key": "mine" } } });
  assert.equal(api.requests[0]?.headers.get("Idempotency-Key"), "mine");
});

test("a write that takes none is not repeated", async () => {
  const { api, coditect } = await loggedIn();
  const body = { name: "ci", scopes: [] };
  api.once("/api/v5/auth/tokens", () => refused(503, "STORAGE_UNAVAILABLE"));
  await assert.rejects(coditect.post("/api/v5/auth/tokens", { body }), CoditectError);
  api.once("/api/v5/auth/tokens", () => OFFLINE);
  await assert.rejects(coditect.post("/api/v5/auth/tokens", { body }), NetworkError);
  assert.equal(api.asked.length, 2);
});

test("an error tells its fields, what varies and the request", async () => {
  const { api, coditect } = await loggedIn();
  const type = (name: string) => `type.googleapis.com/google.rpc.${name}`;
  const violation = { field: "name", reason: "TOO_LONG", description: "It is too long." };
  api.once(SESSIONS, () =>
    refused(400, "INVALID_REQUEST", {
      details: [
        { "@type": type("BadRequest"), fieldViolations: [violation] },
        { "@type": type("ErrorInfo"), reason: "X", domain: "y", metadata: { limit: "3" } },
      ],
    }),
  );
  await assert.rejects(coditect.post(SESSIONS, { body: {} }), (error) => {
    assert.ok(error instanceof CoditectError);
    assert.deepEqual(error.fields(), {
      name: { reason: "TOO_LONG", description: "It is too long." },
    });
    assert.deepEqual(error.metadata, { limit: "3" });
    assert.deepEqual([error.status, error.requestId], [400, "r1"]);
    return true;
  });
});

test("what a proxy answers is no answer of the API", async () => {
  const { api, coditect } = await loggedIn({ retries: 0 });
  api.once(SESSIONS, () => new Response("<h1>Bad Gateway</h1>", { status: 502 }));
  await assert.rejects(
    coditect.get(SESSIONS),
    (error) => error instanceof NetworkError && error.status === 502,
  );
});

test("a list has all pages", async () => {
  const { api, coditect } = await loggedIn();
  api.once(SESSIONS, () => ok({ sessions: [{ name: "a" }, { name: "b" }], nextPageToken: "next" }));
  api.once(SESSIONS, () => ok({ sessions: [{ name: "c" }], nextPageToken: "" }));
  const names: string[] = [];
  const query = { scope: "mine" } as const;
  for await (const session of coditect.list(SESSIONS, { params: { query } })) names.push(session.name);
  assert.deepEqual(names, ["a", "b", "c"]);
  assert.deepEqual(
    api.requests.map((request) => new URL(request.url).search),
    ["?scope=mine", "?scope=mine&pageToken=next"],
  );
});

test("a download is not read by the client", async () => {
  const { api, coditect } = await loggedIn();
  api.once("/api/v5/auth/me/export", () => new Response('{"a":1}\n{"b":2}\n'));
  const response = await coditect.download("/api/v5/auth/me/export");
  assert.equal(await response.text(), '{"a":1}\n{"b":2}\n');
  api.once("/api/v5/auth/me/export", () => refused(429, "DOWNLOAD_LIMIT_REACHED"));
  await assert.rejects(coditect.download("/api/v5/auth/me/export"), (error) =>
    isCode(error, "DOWNLOAD_LIMIT_REACHED"),
  );
});

test("a call that its caller ends fails with the caller's reason", async () => {
  const { api, coditect } = await loggedIn();
  const controller = new AbortController();
  const reason = new Error("another page");
  api.once(SESSIONS, () => {
    controller.abort(reason);
    return OFFLINE;
  });
  await assert.rejects(coditect.get(SESSIONS, { signal: controller.signal }), reason);
});

test("a call that is out of time while it waits for its repeat has no answer", async () => {
  const { api, coditect } = await loggedIn();
  const controller = new AbortController();
  api.once(SESSIONS, () => {
    controller.abort(new DOMException("late", "TimeoutError"));
    return refused(503, "STORAGE_UNAVAILABLE");
  });
  await assert.rejects(coditect.get(SESSIONS, { signal: controller.signal }), NetworkError);
  assert.equal(api.asked.length, 1);
});

test("a call with a token of its own leaves the login alone", async () => {
  const { api, coditect } = await loggedIn();
  const before = coditect.state;
  const headers = { Authorization: "Bearer other" };
  const { error } = await coditect.api.GET(SESSIONS, { headers });
  assert.equal(error?.error.code, "ACCESS_TOKEN_REVOKED");
  assert.equal(coditect.state, before);
  assert.deepEqual(api.asked, ["GET /api/v5/sessions"]);
});

test("no parameter of a path leads to another resource", async () => {
  const api = new Api();
  const coditect = createCoditect(api.options);
  await coditect.login(LOGIN);
  const path = "/api/v5/tenants/{tenantId}/members/{userId}";
  const remove = (userId: string) => coditect.delete(path, { params: { path: { tenantId: "t1", userId } } });
  for (const dots of ["", ".", ".."]) await assert.rejects(remove(dots), TypeError);
  assert.equal(api.requests.length, 1);
  for (const odd of ["../x", "a/..", "%2e%2e", "a?b#c"]) {
    await remove(odd);
    const { pathname, search } = new URL(api.requests.at(-1)?.url ?? "");
    assert.deepEqual([pathname, search], [`/api/v5/tenants/t1/members/${encodeURIComponent(odd)}`, ""]);
  }
});
