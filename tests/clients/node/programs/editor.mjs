// An editor with oauth4webapi that knows nothing but the URL of the API, as a client of the Model
// Context Protocol does: it asks without a token, follows the challenge, and registers itself.

import * as oauth from "oauth4webapi";
import { authorize, finish } from "./person.mjs";

const [api, redirectUri] = process.argv.slice(2);
// The server is on this machine. Outside of tests it has TLS.
const options = { [oauth.allowInsecureRequests]: true };
const sessions = new URL(`${api}/sessions`);
const call = (accessToken) =>
  oauth.protectedResourceRequest(accessToken, "GET", sessions, undefined, undefined, options);

const refused = await call("none").catch((error) => error);
const [challenge] = refused.cause;
const documented = new URL(challenge.parameters.resource_metadata);
const resource = await oauth.processResourceDiscoveryResponse(
  new URL(api), await fetch(documented),
);
const issuer = new URL(resource.authorization_servers[0]);
const server = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { ...options, algorithm: "oauth2" }),
);

const client = await oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(
    server,
    {
      client_name: "Editor of others",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    },
    options,
  ),
);

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const request = {
  response_type: "code",
  redirect_uri: redirectUri,
  scope: "sessions:read offline_access",
  resource: resource.resource,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
};
const pushed = await oauth.processPushedAuthorizationResponse(
  server, client,
  await oauth.pushedAuthorizationRequest(server, client, oauth.None(), request, options),
);
const page = new URL(server.authorization_endpoint);
page.searchParams.set("client_id", client.client_id);
page.searchParams.set("request_uri", pushed.request_uri);
const parameters = oauth.validateAuthResponse(server, client, await authorize(page), state);
const tokens = await oauth.processAuthorizationCodeResponse(
  server, client,
  await oauth.authorizationCodeGrantRequest(
    server, client, oauth.None(), parameters, redirectUri, verifier,
    { ...options, additionalParameters: { resource: resource.resource } },
  ),
);
const answer = await call(tokens.access_token);
const elsewhere = new URL(`${api}/auth/me`);
const outOfScope = await oauth
  .protectedResourceRequest(tokens.access_token, "GET", elsewhere, undefined, undefined, options)
  .catch((error) => error);

finish({
  challenge: challenge.parameters,
  sessions: (await answer.json()).data.sessions.map((session) => session.name),
  scope: tokens.scope,
  outOfScope: outOfScope.cause[0].parameters,
  outOfScopeStatus: outOfScope.status,
});
