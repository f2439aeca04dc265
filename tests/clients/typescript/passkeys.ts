// Registers a passkey and logs in with it by `@simplewebauthn/browser`, which many pages use.

import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { type components, createCoditect, type Tokens } from "@coditect/client";

// To the document, options are any object: their members are WebAuthn's to name. That the library's
// types fit what the product answers is tested with its answers.
type Options = components["schemas"]["auth.StartPasskeyResponse"]["options"];
const forCreation = (options: Options) =>
  options as unknown as PublicKeyCredentialCreationOptionsJSON;
const forRequest = (options: Options) =>
  options as unknown as PublicKeyCredentialRequestOptionsJSON;

export async function register(baseUrl: string, accessToken: string): Promise<Tokens> {
  const api = createCoditect({ baseUrl }).api;
  const headers = { Authorization: `Bearer ${accessToken}` };
  const asked = await api.POST("/api/v5/auth/factors/passkeys/options", { headers, body: {} });
  if (asked.error) throw new Error(asked.error.error.code);
  const credential = await startRegistration({ optionsJSON: forCreation(asked.data.data.options) });
  const made = await api.POST("/api/v5/auth/factors/passkeys", {
    headers,
    body: { credential: { ...credential }, name: "Laptop" },
  });
  if (made.error) throw new Error(made.error.error.code);
  return made.data.data.tokens;
}

export async function logIn(baseUrl: string): Promise<Tokens> {
  const api = createCoditect({ baseUrl }).api;
  const asked = await api.POST("/api/v5/auth/login/passkey/options", { body: {} });
  if (asked.error) throw new Error(asked.error.error.code);
  const credential = await startAuthentication({ optionsJSON: forRequest(asked.data.data.options) });
  const login = await api.POST("/api/v5/auth/login/passkey", {
    body: { credential: { ...credential } },
  });
  if (login.error) throw new Error(login.error.error.code);
  return login.data.data.tokens;
}

export async function logInAfterPassword(
  baseUrl: string,
  email: string,
  password: string,
): Promise<Tokens> {
  const api = createCoditect({ baseUrl }).api;
  const first = await api.POST("/api/v5/auth/login", { body: { email, password } });
  if (first.error) throw new Error(first.error.error.code);
  const challenge = first.data.data.challenge;
  if (!challenge?.passkeyOptions) throw new Error("no passkey is asked for");
  const credential = await startAuthentication({
    optionsJSON: forRequest(challenge.passkeyOptions),
  });
  const second = await api.POST("/api/v5/auth/login/second-factor", {
    body: { challengeToken: challenge.token, credential: { ...credential } },
  });
  if (second.error) throw new Error(second.error.error.code);
  return second.data.data.tokens;
}
