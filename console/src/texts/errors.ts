/** Errors in plain words, by their codes. */

import { CoditectError, NetworkError } from "@coditect/client";

import type { Violation } from "../app/loading";
import { isPasskeyFault } from "../auth/logins/passkeys";
import { ProofCancelled } from "../auth/logins/proof";
import { catalogue, useTexts } from "./catalogue";
import { tenantErrors } from "./tenant_errors";

const errors = catalogue({
  en: {
    network: "The server cannot be reached. Please check your connection and try again.",
    cancelled: "Not done, because it was not confirmed.",
    passkey: "The passkey was not used: it was cancelled, took too long, or belongs to another site.",
    other: "Something went wrong.",
    codes: { ...tenantErrors.en.codes } as Record<string, string>,
    reasons: { ...tenantErrors.en.reasons } as Record<string, string>,
  },
  de: {
    network: "Der Server ist nicht erreichbar. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    cancelled: "Nicht ausgeführt, weil es nicht bestätigt wurde.",
    passkey: "Der Passkey wurde nicht verwendet: abgebrochen, zu spät, oder er gehört zu einer anderen Seite.",
    other: "Etwas ist schiefgegangen.",
    codes: { ...tenantErrors.de.codes } as Record<string, string>,
    reasons: { ...tenantErrors.de.reasons } as Record<string, string>,
  },
});

/** Returns what makes a sentence of an error. */
export function useErrorText(): (error: unknown) => string {
  const texts = useTexts(errors);
  return (error) => {
    if (error instanceof NetworkError) return texts.network;
    if (error instanceof ProofCancelled) return texts.cancelled;
    if (error instanceof CoditectError) return texts.codes[error.code] ?? error.message;
    return isPasskeyFault(error) ? texts.passkey : texts.other;
  };
}

/** Returns what makes a sentence of the fault of a field. */
export function useViolationText(): (violation: Violation) => string {
  const texts = useTexts(errors);
  return (violation) => texts.reasons[violation.reason] ?? violation.description;
}

/** The id by which an operator finds the call; undefined if no service was reached. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof CoditectError ? error.requestId : undefined;
}
