/** What the API takes and gives, by path and method, without the envelope of the answers. */

import type { ClientPathsWithMethod, Client, MaybeOptionalInit, MethodResponse } from "openapi-fetch";
import type { components, paths } from "./contract.js";

export type Api = Client<paths>;
export type Method = "get" | "post" | "put" | "patch" | "delete";
export type Path<M extends Method> = ClientPathsWithMethod<Api, M>;

/** What a call is given: `body`, `params`, `signal`; as openapi-fetch takes it. */
export type Init<M extends Method, P extends Path<M>> = MaybeOptionalInit<paths[P], M>;

/** The arguments after the path: none are needed if nothing in them is required. */
export type Rest<I> = undefined extends I ? [init?: I] : [init: I];

type Unwrapped<Body> = Body extends { success: true; data: infer Data } ? Data : Body;

/** The `data` of the answer; the whole answer where it has no envelope. */
export type Data<M extends Method, P extends Path<M>> = Unwrapped<MethodResponse<Api, M, P>>;

/** The paths whose answer is a page of a list. */
export type ListPath = {
  [P in Path<"get">]: Data<"get", P> extends { nextPageToken: string } ? P : never;
}[Path<"get">];

/** What such a list has. */
export type Item<P extends ListPath> = Extract<
  Data<"get", P>[keyof Data<"get", P>],
  readonly unknown[]
>[number];

/** The paths whose answer is a download. */
export type DownloadPath = {
  [P in Path<"get">]: paths[P] extends {
    get: { responses: { 200: { content: { "application/x-ndjson": unknown } } } };
  }
    ? P
    : never;
}[Path<"get">];

export type Body<P extends Path<"post">> =
  NonNullable<Init<"post", P>> extends { body?: infer B } ? NonNullable<B> : never;

export type User = components["schemas"]["auth.User"];
export type Tenant = components["schemas"]["auth.Tenant"];
export type Tokens = components["schemas"]["auth.Tokens"];
export type Challenge = components["schemas"]["auth.Challenge"];
export type ErrorDetail = components["schemas"]["ErrorDetail"];

/** Whether a user is logged in, and who, and in which tenant. */
export type State =
  | { readonly status: "starting" }
  /** `reason` is absent if no user was logged in since the start. */
  | { readonly status: "signedOut"; readonly reason?: "loggedOut" | "ended" }
  | { readonly status: "signedIn"; readonly user: User; readonly tenant: Tenant };

/** A new login. `deviceToken` is absent in cookie mode. */
export interface LoggedIn {
  user: User;
  tenant: Tenant;
  deviceToken?: string;
  challenge?: never;
}

/** A new login, or what must be shown before. */
export type LoginResult = LoggedIn | { challenge: Challenge; user?: never; tenant?: never };

/** A new login; undefined where the address must be proved first. */
export type Registered = LoggedIn | undefined;
