/** The authorization request of a program, as it came in the address (RFC 6749, section 4.1.1). */

import type { components } from "@coditect/client";

type Parameters = components["schemas"]["auth.AuthorizationParameters"];

const NAMES = {
  client_id: "clientId",
  response_type: "responseType",
  redirect_uri: "redirectUri",
  scope: "scope",
  state: "state",
  code_challenge: "codeChallenge",
  code_challenge_method: "codeChallengeMethod",
  nonce: "nonce",
  prompt: "prompt",
  max_age: "maxAge",
  acr_values: "acrValues",
  login_hint: "loginHint",
  response_mode: "responseMode",
  request: "request",
  request_uri: "requestUri",
} as const;

/** The parameters; what OAuth does not know is left out. Undefined if one comes twice (section 3.1). */
export function parametersOf(search: string): Parameters | undefined {
  const query = new URLSearchParams(search);
  const found: Parameters = {};
  for (const [name, member] of Object.entries(NAMES) as [keyof typeof NAMES, (typeof NAMES)[keyof typeof NAMES]][]) {
    const [value, ...more] = query.getAll(name);
    if (more.length > 0) return undefined;
    if (value !== undefined) found[member] = value;
  }
  const resource = query.getAll("resource");
  return resource.length > 0 ? { ...found, resource } : found;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Where an address leads: to a site, to a program of this computer, or to an app of the device. */
export function placeOf(uri: string): { kind: "site" | "computer" | "app"; name: string } {
  const { hostname, host, protocol } = new URL(uri);
  if (protocol !== "https:" && protocol !== "http:") return { kind: "app", name: protocol };
  return LOOPBACK.test(hostname) ? { kind: "computer", name: host } : { kind: "site", name: `${protocol}//${host}` };
}
