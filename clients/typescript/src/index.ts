/** A client of the Coditect API for browsers and Node.js. */

export { createCoditect, type Coditect, type CoditectOptions } from "./client.js";
export type { Clock } from "./clock.js";
export type { components, operations, paths } from "./contract.js";
export { CoditectError, isCode, LoginChangedError, NetworkError } from "./errors.js";
export type { TokenStore } from "./login.js";
export type { ErrorCode } from "./operations.js";
export type {
  Api,
  Body,
  Challenge,
  Data,
  ErrorDetail,
  Init,
  Item,
  LoggedIn,
  LoginResult,
  Registered,
  State,
  Tenant,
  Tokens,
  User,
} from "./types.js";
