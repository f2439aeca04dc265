// A program with oauth4webapi. It gets all that it knows of the server from discovery.

import * as oauth from "oauth4webapi";
import {
  SCOPE, approveDevice, authorize, clientId, clientSecret, finish, issuer, redirectUri,
} from "./person.mjs";

// The server is on this machine. Outside of tests it has TLS.
const options = { [oauth.allowInsecureRequests]: true };
const url = new URL(issuer);
const server = await oauth.processDiscoveryResponse(
  url,
  await oauth.discoveryRequest(url, { ...options, algorithm: "oauth2" }),
);
const client = { client_id: clientId };
const auth = clientSecret ? oauth.ClientSecretBasic(clientSecret) : oauth.None();

const verifier = oauth.generateRandomCodeVerifier();
const nonce = oauth.generateRandomNonce();
const state = oauth.generateRandomState();
const page = new URL(server.authorization_endpoint);
for (const [name, value] of Object.entries({
  client_id: clientId,
  redirect_uri: redirectUri,
  response_type: "code",
  scope: SCOPE,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  nonce,
  state,
})) page.searchParams.set(name, value);
// It checks state and, against mix-up, `iss` (RFC 9207).
const parameters = oauth.validateAuthResponse(server, client, await authorize(page), state);
const answer = await oauth.authorizationCodeGrantRequest(
  server, client, auth, parameters, redirectUri, verifier, options,
);
const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, {
  expectedNonce: nonce, requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(server, answer, options);
const claims = oauth.getValidatedIdTokenClaims(tokens);

const userinfoOf = async (accessToken) =>
  oauth.processUserInfoResponse(
    server, client, claims.sub, await oauth.userInfoRequest(server, client, accessToken, options),
  );
const refresh = async (token) =>
  oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, auth, token, options),
  );
const introspect = async (token) =>
  clientSecret
    ? oauth.processIntrospectionResponse(
        server, client, await oauth.introspectionRequest(server, client, auth, token, options),
      )
    : null;

const userinfo = await userinfoOf(tokens.access_token);
const refreshed = await refresh(tokens.refresh_token);
const introspection = await introspect(refreshed.access_token);
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, auth, refreshed.refresh_token, options),
);
const revoked = await refresh(refreshed.refresh_token).catch((e) => e.error);
const introspectionAfter = await introspect(refreshed.access_token);

const device = await oauth.processDeviceAuthorizationResponse(
  server, client,
  await oauth.deviceAuthorizationRequest(server, client, auth, { scope: SCOPE }, options),
);
const poll = async () =>
  oauth.processDeviceCodeResponse(
    server, client,
    await oauth.deviceCodeGrantRequest(server, client, auth, device.device_code, options),
  );
const pending = await poll().catch((e) => e.error);
await approveDevice(device);
await new Promise((resolve) => setTimeout(resolve, 1000 * device.interval));
const deviceTokens = await poll();

finish({
  claims,
  userinfo,
  scope: tokens.scope,
  rotated: refreshed.refresh_token !== tokens.refresh_token,
  introspection,
  revoked,
  introspectionAfter,
  pending,
  deviceUser: await userinfoOf(deviceTokens.access_token),
});
