import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createCoditect,
  isCode,
  type LoggedIn,
  LoginChangedError,
  NetworkError,
  type State,
  type Tokens,
} from "@coditect/client";
import { Api, LOGIN, OFFLINE, ok, refused, TENANT, USER } from "./api.js";
import { HeldChannels, lateBody } from "./late.js";

const REFRESH = "POST /api/v5/auth/refresh";
const ME = "/api/v5/auth/me";
const EVE = { userId: "u2", email: "eve@example.com", firstName: "Eve" };
const TEAM = { tenantId: "t2", name: "Team" };

async function loggedIn(api: Api, options = {}) {
  const coditect = createCoditect({ ...api.options, ...options });
  await coditect.login(LOGIN);
  return coditect;
}

test("a login changes the state, and its token is sent", async () => {
  const api = new Api();
  const coditect = createCoditect(api.options);
  const states: State[] = [];
  coditect.subscribe(() => states.push(coditect.state));
  assert.deepEqual(coditect.state, { status: "signedOut" });
  const answer = await coditect.login(LOGIN);
  assert.deepEqual(answer, { user: USER, tenant: TENANT });
  assert.deepEqual(states, [{ status: "signedIn", user: USER, tenant: TENANT }]);
  await coditect.get(ME);
  assert.equal(api.requests.at(-1)?.headers.get("Authorization"), "Bearer access1");
});

test("a challenge is no login", async () => {
  const api = new Api();
  const coditect = createCoditect(api.options);
  api.once("/api/v5/auth/login", () => ok({ challenge: { token: "c" } }));
  assert.deepEqual(await coditect.login(LOGIN), { challenge: { token: "c" } });
  assert.equal(coditect.state.status, "signedOut");
});

test("calls at once refresh once, half a minute before the end", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.now += 869_000;
  await coditect.get(ME);
  assert.equal(api.count(REFRESH), 0);
  api.now += 2_000;
  await Promise.all([coditect.get(ME), coditect.get(ME), coditect.get("/api/v5/tenants")]);
  assert.equal(api.count(REFRESH), 1);
});

test("a rejected token is exchanged once, and the call repeated", async () => {
  for (const code of ["ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_REVOKED", "ACCESS_TOKEN_INVALID"]) {
    const api = new Api();
    const coditect = await loggedIn(api);
    api.once("/api/v5/auth/tokens", () => refused(401, code));
    await coditect.post("/api/v5/auth/tokens", { body: { name: "ci", scopes: [] } });
    assert.deepEqual(api.asked.slice(1), [
      "POST /api/v5/auth/tokens",
      REFRESH,
      "POST /api/v5/auth/tokens",
    ]);
    assert.deepEqual(await api.requests.at(-1)?.json(), { name: "ci", scopes: [] });
  }
});

test("another 401 is only an error", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.once(ME, () => refused(401, "BAD_CREDENTIALS"));
  await assert.rejects(coditect.get(ME), (error) => isCode(error, "BAD_CREDENTIALS"));
  assert.equal(api.count(REFRESH), 0);
});

test("a refused refresh ends the login, and says so", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.issued += 1; // by another device, which has stolen the token
  await assert.rejects(coditect.get(ME), (error) => isCode(error, "ACCESS_TOKEN_REVOKED"));
  assert.deepEqual(coditect.state, { status: "signedOut", reason: "ended" });
  await assert.rejects(coditect.get(ME), (error) => isCode(error, "ACCESS_TOKEN_MISSING"));
  assert.equal(api.count(REFRESH), 1);
});

test("neither an outage nor a lost network ends the login", async () => {
  const api = new Api();
  const coditect = await loggedIn(api, { retries: 0 });
  api.now += 1_000_000;
  api.once("/api/v5/auth/refresh", () => refused(503, "STORAGE_UNAVAILABLE"));
  await assert.rejects(coditect.get(ME), (error) => isCode(error, "STORAGE_UNAVAILABLE"));
  api.once("/api/v5/auth/refresh", () => OFFLINE);
  await assert.rejects(coditect.get(ME), NetworkError);
  assert.equal(coditect.state.status, "signedIn");
  await coditect.get(ME);
});

test("a token that is still good is used while there is no other", async () => {
  const api = new Api();
  const coditect = await loggedIn(api, { retries: 0 });
  api.now += 880_000;
  api.once("/api/v5/auth/refresh", () => refused(503, "STORAGE_UNAVAILABLE"));
  await coditect.get(ME);
  assert.equal(api.requests.at(-1)?.headers.get("Authorization"), "Bearer access1");
});

test("tokens of an answer are in force before any other call can miss them", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  const again = coditect.reauthenticate({ password: LOGIN.password });
  await Promise.all([again, coditect.get(ME), coditect.get(ME)]);
  await coditect.get(ME);
  assert.equal(api.requests.at(-1)?.headers.get("Authorization"), `Bearer access${api.issued}`);
  assert.equal(coditect.state.status, "signedIn");
});

test("a logout sends the refresh token, also with an expired access token", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.now += 1_000_000;
  await coditect.logout();
  assert.deepEqual(await api.requests.at(-1)?.json(), { refreshToken: "refresh1" });
  assert.equal(api.requests.at(-1)?.headers.has("Authorization"), false);
  assert.equal(api.count(REFRESH), 0);
  assert.deepEqual(coditect.state, { status: "signedOut", reason: "loggedOut" });
});

test("who cannot log out is still logged in", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.once("/api/v5/auth/logout", () => OFFLINE);
  await assert.rejects(coditect.logout(), NetworkError);
  assert.equal(coditect.state.status, "signedIn");
});

test("the state follows what the API shows of the user and the tenant", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  api.once(ME, () => ok({ ...USER, firstName: "Augusta" }));
  await coditect.patch(ME, { body: { firstName: "Augusta" } });
  assert.ok(coditect.state.status === "signedIn");
  assert.equal(coditect.state.user.firstName, "Augusta");
  api.once("/api/v5/tenants/t2", () => ok({ tenantId: "t2", name: "Other" }));
  const before = coditect.state;
  await coditect.get("/api/v5/tenants/{tenantId}", { params: { path: { tenantId: "t2" } } });
  assert.equal(coditect.state, before);
});

test("a store keeps the refresh token, and another client goes on with it", async () => {
  const api = new Api();
  let kept: string | null = null;
  const tokens = { load: () => kept, save: (token: string | null) => void (kept = token) };
  const first = await loggedIn(api, { tokens });
  assert.equal(kept, "refresh1");
  const second = createCoditect({ ...api.options, tokens });
  assert.equal((await second.start()).status, "signedIn");
  assert.equal(kept, "refresh2");
  await first.get(ME);
  assert.equal(first.state.status, "signedIn");
  await second.logout();
  assert.equal(kept, null);
});

test("a start without a login resolves, one without a network can be repeated", async () => {
  const api = new Api();
  const coditect = createCoditect({ ...api.options, tokens: "cookie", retries: 0 });
  assert.deepEqual(coditect.state, { status: "starting" });
  api.once("/api/v5/auth/refresh", () => OFFLINE);
  await assert.rejects(coditect.start(), NetworkError);
  assert.deepEqual(coditect.state, { status: "starting" });
  api.once("/api/v5/auth/refresh", () => refused(401, "REFRESH_TOKEN_INVALID"));
  assert.deepEqual(await coditect.start(), { status: "signedOut" });
  coditect.close();
});

test("a call before the start waits for it", async () => {
  const api = new Api();
  const coditect = createCoditect({ ...api.options, tokens: "cookie" });
  await Promise.all([coditect.get(ME), coditect.start()]);
  assert.deepEqual(api.asked, [REFRESH, "GET /api/v5/auth/me"]);
  coditect.close();
});

test("cookie mode asks for the cookie where tokens are exchanged, and only there", async () => {
  const api = new Api();
  const coditect = createCoditect({ ...api.options, tokens: "cookie" });
  await coditect.login(LOGIN);
  await coditect.get(ME);
  await coditect.logout();
  const sent = api.requests.map(({ headers, credentials }) => [
    headers.get("X-Coditect-Tokens"),
    credentials,
  ]);
  assert.deepEqual(sent, [["cookie", "include"], [null, "same-origin"], ["cookie", "include"]]);
  coditect.close();
});

test("tabs take over the tokens, the tenant and the logout of each other", async () => {
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const, channel: "two-tabs" };
  const [first, second] = [createCoditect(options), createCoditect(options)];
  await first.login(LOGIN);
  await until(() => second.state.status === "signedIn");
  await second.get(ME);
  assert.equal(api.count(REFRESH), 0);
  assert.deepEqual(second.state, first.state);
  api.once("/api/v5/auth/switch-tenant", () =>
    ok({ user: USER, tenant: { tenantId: "t2", name: "Team" }, tokens: api.tokens() }),
  );
  await second.switchTenant("t2");
  await until(() => first.state.status === "signedIn" && first.state.tenant.tenantId === "t2");
  await first.logout();
  await until(() => second.state.status === "signedOut");
  assert.deepEqual(second.state, { status: "signedOut", reason: "loggedOut" });
  first.close();
  second.close();
});

test("a refresh that a logout of another tab overtakes is dropped", async () => {
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const, channel: "overtaken" };
  const [first, second] = [createCoditect(options), createCoditect(options)];
  await first.login(LOGIN);
  await until(() => second.state.status === "signedIn");
  let answer = (_: Response) => {};
  api.once("/api/v5/auth/refresh", () => new Promise<Response>((resolve) => (answer = resolve)));
  api.now += 1_000_000;
  const call = assert.rejects(second.get(ME), (error) => isCode(error, "ACCESS_TOKEN_MISSING"));
  await until(() => api.count(REFRESH) === 1);
  await first.logout();
  await until(() => second.state.status === "signedOut");
  answer(ok({ user: USER, tenant: TENANT, tokens: api.tokens() }));
  await call;
  assert.deepEqual(second.state, { status: "signedOut", reason: "loggedOut" });
  first.close();
  second.close();
});

test("a refresh whose body a logout of another tab overtakes is dropped", async () => {
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const, channel: "late-body" };
  const [first, second] = [createCoditect(options), createCoditect(options)];
  await first.login(LOGIN);
  await until(() => second.state.status === "signedIn");
  const late = lateBody(ok({ user: USER, tenant: TENANT, tokens: api.tokens() }));
  api.once("/api/v5/auth/refresh", () => late.response);
  api.now += 1_000_000;
  const call = assert.rejects(second.get(ME), (error) => isCode(error, "ACCESS_TOKEN_MISSING"));
  await late.asked;
  await first.logout();
  await until(() => second.state.status === "signedOut");
  late.send();
  await call;
  assert.deepEqual(second.state, { status: "signedOut", reason: "loggedOut" });
  assert.deepEqual(first.state, { status: "signedOut", reason: "loggedOut" });
  first.close();
  second.close();
});

test("what a tab learns of a login late does not bring it back", async () => {
  const channels = new HeldChannels();
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const };
  const [first, second] = channels.during(() => [createCoditect(options), createCoditect(options)]);
  await first.login(LOGIN);
  channels.deliver();
  const late = lateBody(ok({ ...USER, firstName: "Augusta" }));
  api.once(ME, () => late.response);
  const learned = first.get(ME);
  await late.asked;
  api.now += 10;
  await second.logout();
  // The first tab has not heard of that when it learns the new name.
  api.now += 10;
  late.send();
  await learned;
  channels.deliver();
  assert.deepEqual(second.state, { status: "signedOut", reason: "loggedOut" });
  assert.deepEqual(first.state, { status: "signedOut", reason: "loggedOut" });
});

test("what a tab learns of a login does not undo the refresh of another tab", async () => {
  const channels = new HeldChannels();
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const };
  const [first, second] = channels.during(() => [createCoditect(options), createCoditect(options)]);
  await first.login(LOGIN);
  channels.deliver();
  let answer = (_: Response) => {};
  api.once("/api/v5/auth/refresh", () => new Promise<Response>((resolve) => (answer = resolve)));
  const late = lateBody(ok({ ...USER, firstName: "Augusta" }));
  api.once(ME, () => late.response);
  const learned = first.get(ME);
  await late.asked;
  api.now += 1_000_000;
  const call = second.get(ME);
  await until(() => api.count(REFRESH) === 1);
  late.send();
  await learned;
  channels.deliver();
  assert.ok(second.state.status === "signedIn" && second.state.user.firstName === "Augusta");
  answer(ok({ user: USER, tenant: TENANT, tokens: api.tokens() }));
  await call;
  assert.equal(api.count(REFRESH), 1);
  channels.deliver();
  await first.get(ME);
  assert.equal(api.count(REFRESH), 1);
});

test("a logout that comes too late does not end the next login of another tab", async () => {
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const, channel: "late-logout" };
  const [first, second] = [createCoditect(options), createCoditect(options)];
  await first.login(LOGIN);
  await until(() => second.state.status === "signedIn");
  api.now += 1_000_000;
  const late = lateBody(refused(401, "ACCESS_TOKEN_MISSING"));
  api.once("/api/v5/auth/logout", () => late.response);
  const logout = first.logout();
  await late.asked;
  api.now += 10;
  api.once("/api/v5/auth/login", () => ok({ user: EVE, tenant: TEAM, tokens: api.tokens() }));
  await second.login(LOGIN);
  await until(() => first.state.status === "signedIn" && first.state.user.userId === EVE.userId);
  late.send();
  await logout;
  assert.deepEqual(first.state, { status: "signedIn", user: EVE, tenant: TEAM });
  assert.deepEqual(second.state, first.state);
  first.close();
  second.close();
});

test("a tab that has logged out stays so when another one finds the login ended", async () => {
  const channels = new HeldChannels();
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const };
  const [first, second] = channels.during(() => [createCoditect(options), createCoditect(options)]);
  await first.login(LOGIN);
  channels.deliver();
  await first.logout();
  api.now += 10;
  // The second tab has not heard of that.
  api.once(ME, () => refused(401, "ACCESS_TOKEN_REVOKED"));
  api.once("/api/v5/auth/refresh", () => refused(401, "REFRESH_TOKEN_INVALID"));
  await assert.rejects(second.get(ME), (error) => isCode(error, "ACCESS_TOKEN_REVOKED"));
  channels.deliver();
  assert.deepEqual(first.state, { status: "signedOut", reason: "loggedOut" });
});

test("a call that waited is not made for the user or the tenant that took the place of its own", async () => {
  for (const other of [{ user: EVE, tenant: TENANT }, { user: USER, tenant: TEAM }]) {
    for (const early of [true, false]) {
      const api = new Api();
      const coditect = createCoditect({ ...api.options, tokens: "cookie" });
      await coditect.login(LOGIN);
      // The cookie is that of another login by now, and nothing has told this tab.
      api.once("/api/v5/auth/refresh", () => ok({ ...other, tokens: api.tokens() }));
      if (early) api.now += 1_000_000;
      else api.once("/api/v5/auth/tokens", () => refused(401, "ACCESS_TOKEN_REVOKED"));
      const call = coditect.post("/api/v5/auth/tokens", { body: { name: "ci", scopes: [] } });
      await assert.rejects(call, LoginChangedError);
      assert.equal(api.count("POST /api/v5/auth/tokens"), early ? 0 : 1);
      assert.deepEqual(coditect.state, { status: "signedIn", ...other });
      await coditect.get(ME);
      coditect.close();
    }
  }
});

test("an answer that comes after the login of another user is not given", async () => {
  const api = new Api();
  const coditect = await loggedIn(api);
  const late = lateBody(ok({ tenantId: "t3", name: "Ada's team" }));
  api.once("/api/v5/tenants", () => late.response);
  const made = assert.rejects(coditect.post("/api/v5/tenants", { body: { name: "Ada's team" } }), LoginChangedError);
  await late.asked;
  await coditect.adopt(api.tokens() as Tokens, { user: EVE, tenant: TEAM } as LoggedIn);
  late.send();
  await made;
  const headers = { Authorization: "Bearer of-a-program" };
  const other = lateBody(ok({ name: "it" }));
  api.once(ME, () => other.response);
  const own = coditect.get(ME, { headers });
  await other.asked;
  await coditect.adopt(api.tokens() as Tokens, { user: USER, tenant: TENANT } as LoggedIn);
  other.send();
  assert.deepEqual(await own, { name: "it" });
});

test("the role of a user does not become that of the next one in the same tenant", async () => {
  for (const elsewhere of [false, true]) {
    const channels = new HeldChannels();
    const api = new Api();
    const options = { ...api.options, tokens: "cookie" as const };
    const [first, second] = channels.during(() => [createCoditect(options), createCoditect(options)]);
    const [owned, joined] = [{ ...TENANT, role: "owner" }, { ...TENANT, role: "member" }];
    api.once("/api/v5/auth/login", () => ok({ user: USER, tenant: owned, tokens: api.tokens() }));
    await first.login(LOGIN);
    channels.deliver();
    const late = lateBody(ok(owned));
    api.once("/api/v5/tenants/t1", () => late.response);
    const call = first.get("/api/v5/tenants/{tenantId}", { params: { path: { tenantId: "t1" } } });
    const refusal = assert.rejects(call, LoginChangedError);
    await late.asked;
    const next = elsewhere ? second : first;
    await next.logout();
    api.once("/api/v5/auth/login", () => ok({ user: EVE, tenant: joined, tokens: api.tokens() }));
    await next.login(LOGIN);
    channels.deliver();
    late.send();
    await refusal;
    channels.deliver();
    assert.deepEqual(first.state, { status: "signedIn", user: EVE, tenant: joined });
    assert.deepEqual(second.state, first.state);
  }
});

test("the state follows the first call, which is made before the start", async () => {
  for (const rejected of [false, true]) {
    const api = new Api();
    const coditect = createCoditect({ ...api.options, tokens: "cookie" });
    assert.equal(coditect.state.status, "starting");
    if (rejected) api.once("/api/v5/tenants/t1", () => refused(401, "ACCESS_TOKEN_REVOKED"));
    api.once("/api/v5/tenants/t1", () => ok({ ...TENANT, name: "Team Ada" }));
    const init = { params: { path: { tenantId: "t1" } }, body: { name: "Team Ada" } };
    await coditect.patch("/api/v5/tenants/{tenantId}", init);
    assert.deepEqual(coditect.state, { status: "signedIn", user: USER, tenant: { ...TENANT, name: "Team Ada" } });
  }
});

test("a password that is given again goes to its own account alone", async () => {
  const api = new Api();
  const options = { ...api.options, tokens: "cookie" as const, channel: "again" };
  const [first, second] = [createCoditect(options), createCoditect(options)];
  await first.login(LOGIN);
  await until(() => second.state.status === "signedIn");
  let answer = (_: Response) => {};
  api.once("/api/v5/auth/switch-tenant", () => new Promise<Response>((resolve) => (answer = resolve)));
  const change = second.switchTenant("t2");
  await until(() => api.count("POST /api/v5/auth/switch-tenant") === 1);
  const again = assert.rejects(second.reauthenticate({ password: LOGIN.password }), LoginChangedError);
  answer(ok({ user: EVE, tenant: TEAM, tokens: api.tokens() }));
  await Promise.all([change, again]);
  assert.equal(api.count("POST /api/v5/auth/reauthenticate"), 0);
  first.close();
  second.close();
});

test("messages of something else on the channel change nothing", async () => {
  const api = new Api();
  const coditect = createCoditect({ ...api.options, tokens: "cookie", channel: "noise" });
  await coditect.login(LOGIN);
  const before = coditect.state;
  const channel = new BroadcastChannel("noise");
  const time = api.now + 1;
  const noise = [
    ...[null, "eyJ0eXAi", 1, [], {}, { time }, { state: before }, { state: { status: "starting" }, time }],
    ...[{ state: { status: "signedIn" }, time }, { state: before, time }, { state: before, access: {}, time }],
    { state: { status: "signedIn", user: {}, tenant: {} }, access: { token: "t", until: time }, time },
  ];
  const seen: State[] = [];
  coditect.subscribe(() => seen.push(coditect.state));
  for (const one of noise) channel.postMessage(one);
  channel.postMessage({ state: { status: "signedOut" }, time });
  await until(() => coditect.state.status === "signedOut");
  assert.deepEqual(seen, [{ status: "signedOut" }]);
  channel.close();
  coditect.close();
});

/** Waits until a message has made something so. */
async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds());
}
