/** The browser's passkeys (WebAuthn Level 3). */

import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";

type Json = Record<string, unknown>;

/** Has a passkey sign. Raises the browser's `DOMException` if its user cancels. */
export async function signWithPasskey(options: Json): Promise<Json> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  return (await startAuthentication({ optionsJSON })) as unknown as Json;
}

/** Has a passkey made. Raises the browser's `DOMException` if its user cancels. */
export async function makePasskey(options: Json): Promise<Json> {
  const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
  return (await startRegistration({ optionsJSON })) as unknown as Json;
}

/** Whether an error is the browser's own about a passkey. */
export function isPasskeyFault(error: unknown): boolean {
  return error instanceof Error && (error instanceof DOMException || error.name === "WebAuthnError" || error.name === "NotAllowedError");
}
