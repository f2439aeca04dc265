// Finds the authorization server and the API by their documents, as oauth4webapi checks them.
import * as oauth from "oauth4webapi";

const issuer = new URL(process.argv[2]);
const options = { [oauth.allowInsecureRequests]: true };

for (const algorithm of ["oauth2", "oidc"]) {
  const answer = await oauth.discoveryRequest(issuer, { ...options, algorithm });
  const server = await oauth.processDiscoveryResponse(issuer, answer);
  console.log(server.issuer, server.token_endpoint);
}
const api = new URL(`${issuer.origin}/api/v5`);
const answer = await oauth.resourceDiscoveryRequest(api, options);
const resource = await oauth.processResourceDiscoveryResponse(api, answer);
console.log(resource.resource, ...resource.authorization_servers);
