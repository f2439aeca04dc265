// A program on a server with openid-client that shows who it is by its own key, and never by a secret:
// it pushes its authorization requests, and gets tokens of its service account.

import * as client from "openid-client";
import { authorize, clientId, clientSecret, finish, issuer, redirectUri } from "./person.mjs";

const key = await crypto.subtle.importKey(
  "jwk", JSON.parse(clientSecret), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"],
);
const config = await client.discovery(
  new URL(issuer),
  clientId,
  undefined,
  client.PrivateKeyJwt(key),
  // The server is on this machine. Outside of tests it has TLS.
  { execute: [client.allowInsecureRequests], algorithm: "oauth2" },
);

const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const callback = await authorize(
  await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: redirectUri,
    scope: "sessions:read offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
  }),
);
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier, expectedState,
});
const introspection = await client.tokenIntrospection(config, tokens.access_token);
const own = await client.clientCredentialsGrant(config, { scope: "sessions:read" });
const exchanged = await client.genericGrantRequest(
  config,
  "urn:ietf:params:oauth:grant-type:token-exchange",
  {
    subject_token: tokens.access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    scope: "sessions:read",
  },
);
await client.tokenRevocation(config, tokens.refresh_token);

finish({
  introspection,
  own: await client.tokenIntrospection(config, own.access_token),
  exchangedClaims: JSON.parse(atob(exchanged.access_token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))),
  afterRevocation: await client.tokenIntrospection(config, exchanged.access_token),
});
