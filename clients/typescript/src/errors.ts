/** What a call can fail with. */

import type { ErrorCode } from "./operations.js";
import type { ErrorDetail } from "./types.js";

/** The API refused the call. */
export class CoditectError<Code extends ErrorCode = ErrorCode> extends Error {
  /** Why; docs/errors.md has all of them. A newer server can give codes that are not among these. */
  readonly code: Code;
  /** The HTTP status. */
  readonly status: number;
  readonly details: readonly ErrorDetail[];
  /** By which the operators of the API find the call. */
  readonly requestId: string;
  /** After how many seconds a repeat makes sense. */
  readonly retryAfter?: number;

  constructor(
    error: { code: Code; message: string; details: readonly ErrorDetail[]; requestId: string },
    status: number,
    retryAfter?: number,
  ) {
    super(error.message);
    this.name = "CoditectError";
    this.code = error.code;
    this.status = status;
    this.details = error.details;
    this.requestId = error.requestId;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }

  /** What is wrong with the fields of the request, by their names. */
  fields(): Record<string, { reason: string; description: string }> {
    const violations = this.details.flatMap((detail) =>
      detail["@type"] === "type.googleapis.com/google.rpc.BadRequest" ? detail.fieldViolations : [],
    );
    return Object.fromEntries(
      violations.map(({ field, reason, description }) => [field, { reason, description }]),
    );
  }

  /** What varies about the error, such as a `limit` or the `currentRevision`. */
  get metadata(): Record<string, string> {
    const infos = this.details.flatMap((detail) =>
      detail["@type"] === "type.googleapis.com/google.rpc.ErrorInfo" ? [detail.metadata] : [],
    );
    return Object.assign({}, ...infos) as Record<string, string>;
  }
}

/** There is no answer of the API: the machine is offline, say, or a proxy answered instead. */
export class NetworkError extends Error {
  /** The HTTP status, if a proxy answered. */
  readonly status?: number;

  constructor(message: string, { cause, status }: { cause?: unknown; status?: number } = {}) {
    super(message, { cause });
    this.name = "NetworkError";
    if (status !== undefined) this.status = status;
  }
}

/** Another user logged in, or another tenant became active, while the call waited: it was not sent for them.
 *
 * Or another user logged in before its answer came: what it did for the user before is done, and is not shown.
 */
export class LoginChangedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "LoginChangedError";
  }
}

/** Whether an error has one of these codes. */
export function isCode<Code extends ErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is CoditectError<Code> {
  return error instanceof CoditectError && (codes as string[]).includes(error.code);
}

/** The error that an answer stands for. */
export function errorOf(body: unknown, response: Response): CoditectError | NetworkError {
  if (!isEnvelope(body)) {
    return new NetworkError(`no answer of the API, but status ${response.status}`, {
      status: response.status,
    });
  }
  return new CoditectError(body.error, response.status, retryAfter(response));
}

/** After how many seconds a call may be repeated, as an answer says it (RFC 9110, section 10.2.3). */
export function retryAfter(response: Response, now = Date.now()): number | undefined {
  const value = response.headers.get("Retry-After");
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

interface Envelope {
  error: { code: ErrorCode; message: string; details: ErrorDetail[]; requestId: string };
}

function isEnvelope(body: unknown): body is Envelope {
  const error = (body as Partial<Envelope> | null | undefined)?.error;
  return typeof error?.code === "string" && Array.isArray(error.details);
}
