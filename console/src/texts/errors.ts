/** Errors in plain words, by their codes. */

import { CoditectError, LoginChangedError, NetworkError } from "@coditect/client";

import type { Violation } from "../app/loading";
import { isPasskeyFault } from "../auth/logins/passkeys";
import { ProofCancelled } from "../auth/logins/proof";
import { catalogue, useLanguage, useTexts } from "./catalogue";
import { errorCodes } from "./error_codes";
import { fieldReasons } from "./field_reasons";
import { relativeTime } from "./relative_time";

const errors = catalogue({
  en: {
    network: "The server cannot be reached. Please check your connection and try again.",
    cancelled: "Not done, because it was not confirmed.",
    changed: "Not done, because another login or another team has taken its place in another tab.",
    passkey: "The passkey was not used: it was cancelled, took too long, or belongs to another site.",
    other: "Something went wrong.",
    again: (when: string) => `Please try again ${when}.`,
  },
  de: {
    network: "Der Server ist nicht erreichbar. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    cancelled: "Nicht ausgeführt, weil es nicht bestätigt wurde.",
    changed: "Nicht ausgeführt, weil inzwischen in einem anderen Tab eine andere Anmeldung oder ein anderes Team gilt.",
    passkey: "Der Passkey wurde nicht verwendet: abgebrochen, zu spät, oder er gehört zu einer anderen Seite.",
    other: "Etwas ist schiefgegangen.",
    again: (when: string) => `Bitte versuchen Sie es ${when} noch einmal.`,
  },
});

const MINUTE = 60;
const TOO_MANY_REQUESTS = 429;

/** Returns what makes a sentence of an error. */
export function useErrorText(): (error: unknown) => string {
  const texts = useTexts(errors);
  const codes = useTexts(errorCodes);
  const language = useLanguage();
  const refused = (error: CoditectError): string => {
    // A newer server can give codes that are unknown here; its own sentence is better than none.
    const said = codes[error.code] ?? error.message;
    const text = typeof said === "string" ? said : said(error.metadata);
    if (error.status !== TOO_MANY_REQUESTS || error.retryAfter === undefined) return text;
    const minutes = Math.ceil(Math.max(error.retryAfter, 1) / MINUTE);
    return `${text} ${texts.again(relativeTime(minutes * MINUTE, language))}`;
  };
  return (error) => {
    if (error instanceof NetworkError) return texts.network;
    if (error instanceof ProofCancelled) return texts.cancelled;
    if (error instanceof LoginChangedError) return texts.changed;
    if (error instanceof CoditectError) return refused(error);
    return isPasskeyFault(error) ? texts.passkey : texts.other;
  };
}

/** Returns what makes a sentence of the fault of a field. */
export function useViolationText(): (violation: Violation) => string {
  const reasons = useTexts(fieldReasons);
  return ({ reason, description }) => {
    const said = reasons[reason] ?? description;
    return typeof said === "string" ? said : said(/\d+/.exec(description)?.[0]);
  };
}

/** The id by which an operator finds the call; undefined if no service was reached. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof CoditectError ? error.requestId : undefined;
}
