// A program with openid-client. It gets all that it knows of the server from discovery.

import * as client from "openid-client";
import {
  SCOPE, approveDevice, authorize, clientId, clientSecret, finish, issuer, redirectUri,
} from "./person.mjs";

const config = await client.discovery(
  new URL(issuer),
  clientId,
  clientSecret,
  clientSecret ? client.ClientSecretBasic(clientSecret) : client.None(),
  // The server is on this machine. Outside of tests it has TLS.
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedNonce = client.randomNonce();
const expectedState = client.randomState();
const callback = await authorize(
  client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: SCOPE,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    nonce: expectedNonce,
    state: expectedState,
  }),
);
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true,
});
const claims = tokens.claims();
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
const introspection = clientSecret
  ? await client.tokenIntrospection(config, refreshed.access_token)
  : null;
await client.tokenRevocation(config, refreshed.refresh_token);
const revoked = await client.refreshTokenGrant(config, refreshed.refresh_token).catch((e) => e.error);
const introspectionAfter = clientSecret
  ? await client.tokenIntrospection(config, refreshed.access_token)
  : null;

const device = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
await approveDevice(device);
const deviceTokens = await client.pollDeviceAuthorizationGrant(config, device);

finish({
  claims,
  userinfo,
  scope: tokens.scope,
  rotated: refreshed.refresh_token !== tokens.refresh_token,
  introspection,
  revoked,
  introspectionAfter,
  deviceUser: await client.fetchUserInfo(config, deviceTokens.access_token, claims.sub),
});
