/** What the pages of OAuth clients have in common. */

import type { components } from "@coditect/client";

export type OAuthClient = components["schemas"]["auth.OAuthClient"];
export type NewClient = components["schemas"]["auth.CreateClientRequest"];
export type Method = OAuthClient["authMethod"];

export const CLIENT = "/api/v5/tenants/{tenantId}/clients/{clientId}";
export const METHODS = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const satisfies readonly Method[];

export const GRANTS = [
  "authorization_code",
  "refresh_token",
  "urn:ietf:params:oauth:grant-type:device_code",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:token-exchange",
] as const;

export type Grant = (typeof GRANTS)[number];

/** Those that need a client that can show who it is. */
const CONFIDENTIAL: readonly Grant[] = ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"];

/** Ways to get tokens that a client can have. */
export function grantsOf(method: Method, kind: "self" | "organization"): Grant[] {
  return GRANTS.filter(
    (grant) =>
      (method !== "none" || !CONFIDENTIAL.includes(grant)) &&
      // Only an organization has service accounts.
      (grant !== "client_credentials" || kind === "organization"),
  );
}

/** Whether a client has a secret. */
export function hasSecret(method: Method): boolean {
  return method === "client_secret_basic" || method === "client_secret_post";
}
