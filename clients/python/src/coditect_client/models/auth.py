"""The shapes of auth: TypedDicts, in the spelling of JSON.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, final


class AnswerAuthorizationRequest(TypedDict):
    """Answers an authorization request."""

    parameters: AuthorizationParameters
    """The request."""

    approve: NotRequired[bool | None]
    """Whether to let the program act.

    It is refused otherwise.
    """

    tenantId: NotRequired[str | None]
    """The tenant that the program acts in.

    If it is not given, the client's own, or the active one.
    """


class AnswerAuthorizationResponse(TypedDict):
    """Where the browser goes."""

    redirectUri: str
    """The redirect URI of the client, with a code or an error."""


class AnswerAuthorizePageRequest(TypedDict):
    """The request of a program, and what the user has typed."""

    client_id: NotRequired[str]
    """The client."""

    response_type: NotRequired[str]
    """`code`."""

    redirect_uri: NotRequired[str]
    """Where the browser goes afterwards; one that is registered for the client."""

    scope: NotRequired[str]
    """What the client asks for, separated by spaces.

    Empty for all that it may have.
    """

    state: NotRequired[str]
    """What the client gets back unchanged."""

    code_challenge: NotRequired[str]
    """The challenge of PKCE (RFC 7636)."""

    code_challenge_method: NotRequired[str]
    """`S256`."""

    nonce: NotRequired[str]
    """What the ID token repeats."""

    prompt: NotRequired[str]
    """`none`, `login`, `consent` or `select_account`; several are separated by spaces."""

    max_age: NotRequired[str]
    """How old the login of the user may be, in seconds."""

    acr_values: NotRequired[str]
    """How surely the user must be known: `aal1` or `aal2`."""

    login_hint: NotRequired[str]
    """The email address of the user, if the client knows it."""

    response_mode: NotRequired[str]
    """`query`."""

    request_uri: NotRequired[str]
    """The request, if the client has pushed it (RFC 9126)."""

    request: NotRequired[str]
    """A request as a JWT, which is refused (RFC 9101)."""

    ui_locales: NotRequired[str]
    """The languages that the client suggests."""

    resource: NotRequired[list[str]]
    """What the tokens are for (RFC 8707)."""

    step: NotRequired[str]
    """The button that was pressed.

    Empty for a page that is opened.
    """

    form_token: NotRequired[str]
    """What shows that the form is one of our own."""

    email: NotRequired[str]
    """The email address of the account."""

    password: NotRequired[str]
    """The password of the account."""

    challenge: NotRequired[str]
    """What a second factor answers."""

    code: NotRequired[str]
    """A code of an authenticator app, or a recovery code."""

    tenant_id: NotRequired[str]
    """The tenant that the program acts in."""


class AnswerDeviceLoginRequest(TypedDict):
    """Answers a device."""

    approve: NotRequired[bool | None]
    """Whether to let the device in.

    It is refused otherwise.
    """

    tenantId: NotRequired[str | None]
    """The tenant that the device acts in; the active one if it is not given."""


class AnswerDeviceLoginResponse(TypedDict):
    """The device was answered."""


class AnswerDevicePageRequest(TypedDict):
    """What the user has typed on the page of a device."""

    user_code: NotRequired[str]
    """The code of the device."""

    step: NotRequired[str]
    """The button that was pressed.

    Empty for a page that is opened.
    """

    form_token: NotRequired[str]
    """What shows that the form is one of our own."""

    email: NotRequired[str]
    """The email address of the account."""

    password: NotRequired[str]
    """The password of the account."""

    challenge: NotRequired[str]
    """What a second factor answers."""

    code: NotRequired[str]
    """A code of an authenticator app, or a recovery code."""

    tenant_id: NotRequired[str]
    """The tenant that the program acts in."""


class AuthorizationParameters(TypedDict):
    """An authorization request, as it came with the browser (RFC 6749, section 4.1.1)."""

    clientId: NotRequired[str]
    """The client."""

    responseType: NotRequired[str]
    """What is asked for: `code`."""

    redirectUri: NotRequired[str]
    """Where the answer goes: one of the URIs of the client, exactly.

    A client that has only one may leave it out.
    """

    scope: NotRequired[str]
    """The scopes that are asked for, separated by spaces.

    Empty for all that the client may have.
    """

    state: NotRequired[str]
    """What comes back with the answer."""

    codeChallenge: NotRequired[str]
    """The base64url of the SHA-256 of a verifier (RFC 7636)."""

    codeChallengeMethod: NotRequired[str]
    """How the challenge was made: `S256`."""

    nonce: NotRequired[str]
    """What the ID token repeats."""

    prompt: NotRequired[str]
    """How the user is asked: `none`, or some of `login`, `consent` and `select_account`.

    The check says what the page does for it.
    """

    maxAge: NotRequired[str]
    """The greatest age of the user's proof of who they are, in seconds."""

    acrValues: NotRequired[str]
    """How surely the user is to be known: `aal1`, `aal2`."""

    loginHint: NotRequired[str]
    """Whom the client expects, for the login form."""

    responseMode: NotRequired[str]
    """How the answer goes to the redirect URI: `query`."""

    resource: NotRequired[list[str]]
    """What the tokens are for: the API, and nothing else (RFC 8707)."""

    request: NotRequired[str]
    """A signed request (RFC 9101).

    It is refused.
    """

    requestUri: NotRequired[str]
    """The name of a pushed request (RFC 9126)."""


class AuthorizationServerMetadata(TypedDict):
    """The authorization server, as RFC 8414 and OpenID Connect Discovery 1.0 describe one."""

    issuer: str
    """The identifier of the authorization server: `iss` of its tokens."""

    authorization_endpoint: str
    """Where users log in and consent."""

    token_endpoint: str
    """Where programs get tokens."""

    device_authorization_endpoint: str
    """Where devices without a browser begin a login (RFC 8628)."""

    pushed_authorization_request_endpoint: str
    """Where programs push authorization requests (RFC 9126)."""

    revocation_endpoint: str
    """Where programs give tokens back (RFC 7009)."""

    introspection_endpoint: str
    """Where programs ask whether a token is good (RFC 7662)."""

    userinfo_endpoint: str
    """Where programs ask who the user is (OpenID Connect)."""

    registration_endpoint: NotRequired[str]
    """Where programs register (RFC 7591).

    Absent unless the operator allows it.
    """

    jwks_uri: str
    """The keys that verify access tokens and ID tokens."""

    scopes_supported: list[str]
    """The scopes that a program can ask for."""

    response_types_supported: list[str]
    """How the authorization endpoint answers."""

    response_modes_supported: list[str]
    """Where it puts its answer."""

    grant_types_supported: list[str]
    """What the token endpoint takes."""

    token_endpoint_auth_methods_supported: list[str]
    """How programs authenticate at the token endpoint."""

    token_endpoint_auth_signing_alg_values_supported: list[str]
    """The algorithms of a program's own signatures there."""

    revocation_endpoint_auth_methods_supported: list[str]
    """How programs authenticate at the revocation endpoint."""

    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    """The algorithms of a program's own signatures there."""

    introspection_endpoint_auth_methods_supported: list[str]
    """How programs authenticate at the introspection endpoint."""

    introspection_endpoint_auth_signing_alg_values_supported: list[str]
    """The algorithms of a program's own signatures there."""

    code_challenge_methods_supported: list[str]
    """The methods of PKCE (RFC 7636), which is required."""

    require_pushed_authorization_requests: bool
    """Whether an authorization request must be pushed first."""

    authorization_response_iss_parameter_supported: bool
    """Whether the answer of the authorization endpoint has the issuer (RFC 9207)."""

    client_id_metadata_document_supported: bool
    """Whether the URL of a document can be a client id.

    False unless the operator allows it.
    """

    subject_types_supported: list[str]
    """What `sub` is: the same for all programs."""

    id_token_signing_alg_values_supported: list[str]
    """The algorithms of ID tokens: those of the published keys."""

    claims_supported: list[str]
    """The claims of ID tokens and of the user info."""

    acr_values_supported: list[str]
    """How surely a user can be known."""

    prompt_values_supported: list[str]
    """What a program can ask the authorization endpoint to do."""

    ui_locales_supported: list[str]
    """The languages of the pages (BCP 47)."""

    claims_parameter_supported: bool
    """Whether programs can ask for single claims."""

    request_parameter_supported: bool
    """Whether an authorization request can be a signed object."""

    request_uri_parameter_supported: bool
    """Whether it can be the URL of one.

    Those of pushed requests are taken all the same.
    """


class Challenge(TypedDict):
    """What must be shown before a login has tokens."""

    token: str
    """What `login/second-factor` takes."""

    kinds: list[Literal["totp", "passkey", "recovery_codes"]]
    """The kinds of second factors that the user has."""

    passkeyOptions: NotRequired[dict[str, Any]]
    """Options for `navigator.credentials.get` (WebAuthn, its JSON form).

    Absent if the user has no passkey.
    """

    expireTime: str
    """When the challenge ends."""

    recoveryTime: NotRequired[str]
    """When the factors can be removed, if a recovery of lost factors is under way."""


class ChangeEmailRequest(TypedDict):
    """Asks for another email address."""

    newEmail: str
    """The new email address."""


class ChangeEmailResponse(TypedDict):
    """Says that the emails are queued."""


class ChangePasswordRequest(TypedDict):
    """Asks for another password."""

    currentPassword: str
    """The current password."""

    newPassword: str
    """The new password: printable characters, at least as many as the deployment asks for (15, unless `PASSWORD_MIN_LENGTH` says otherwise, and never less than 8).

    It must be no common password (COMMON), not be made of the user's names, company and address
    or of words of the product (CONTEXT_WORDS), and not be known from a breach (BREACHED).
    """


class ChangePasswordResponse(TypedDict):
    """Says that the password is changed."""


class CheckAuthorizationRequest(TypedDict):
    """Asks what to do with an authorization request."""

    parameters: AuthorizationParameters
    """The request."""

    prompted: NotRequired[bool | None]
    """Whether the page has done the step that an earlier answer named, since it was opened.

    What `prompt` and `max_age=0` ask for then counts as done.
    """


class CheckAuthorizationResponse(TypedDict):
    """What the page does next.

    With the step `redirect` it has only `step`, `redirectUri` and `confirm`.
    """

    clientId: str
    """The id of the client."""

    clientName: str
    """The name of the client.

    If it is not `clientKnown`, a stranger has chosen it.
    """

    redirectUri: str
    """Where the answer goes, for the page to show.

    With the step `redirect`: where the page sends the browser, with an error or, for
    `prompt=none`, a code.
    """

    scopes: list[ConsentScope]
    """What the client asks for."""

    tenantId: NotRequired[str]
    """The tenant whose own client it is, if a user is logged in.

    Absent if the user chooses.
    """

    step: Literal["redirect", "log_in", "select_account", "reauthenticate", "enroll", "consent"]
    """What the page does next.

    `redirect`: send the browser to `redirectUri`. `log_in`: have the user log in by any method,
    also one who is logged in (`prompt` has `login` and `select_account`). `select_account`: ask
    whether to go on as this user, or log out and in as another one. `reauthenticate`: have the
    user prove again who they are (POST `auth/reauthenticate`), for `prompt=login`, after
    `max_age`, or with the second factor that `acr_values` asks for. `enroll`: say that the
    client asks for a second factor, which the user does not have; they add one, or refuse.
    `consent`: show what the client asks for; the user allows it (POST `oauth/authorizations`),
    or refuses.
    """

    loginHint: str
    """Whom the client expects, for the login form; the word of a stranger."""

    deniedUri: str
    """Where the page sends the browser if the user refuses, with or without a login.

    A pushed request can be opened again until it ends.
    """

    confirm: bool
    """Whether the page asks before it sends a browser there without an answer of a user who is logged in: with the step `redirect`, and with `deniedUri` before a login.

    Anybody can register a client, so the address may be anywhere (RFC 9700, section 4.11.2).
    """

    clientKnown: bool
    """Whether this product or an admin of the tenant has named the client."""


class ConfirmFactorRecoveryRequest(TypedDict):
    """Proves the address: with the `token` of the link, or with `email` and `code`."""

    token: NotRequired[str | None]
    """The token in the link."""

    email: NotRequired[str | None]
    """The address that the code was mailed to."""

    code: NotRequired[str | None]
    """The code in the email."""


class ConfirmFactorRecoveryResponse(TypedDict):
    """A recovery that is under way, or has ended."""

    recoveryTime: NotRequired[str]
    """When the factors can be removed, by a further proof.

    Absent if this one has removed them.
    """


class ConfirmTotpRequest(TypedDict):
    """Confirms an authenticator app."""

    code: str
    """The six digits that the app shows."""


class ConfirmTotpResponse(TypedDict):
    """A confirmed authenticator app."""

    factor: Factor
    """The factor."""

    recoveryCodes: list[str]
    """Recovery codes, with the first factor of the user.

    They are shown only here.
    """

    tokens: Tokens
    """Tokens of the new login.

    The access token is for the same tenant.
    """


class ConsentScope(TypedDict):
    """Something that a client asks for."""

    name: str
    """Its name, as tokens spell it."""

    consent: str
    """What it lets the client do, in words for the user."""


class CorrectUserEmailRequest(TypedDict):
    """Asks to correct an address."""

    reason: str
    """Why, for the operator log."""

    email: str
    """The new address."""


class CreateClientRequest(TypedDict):
    """A new client."""

    name: str
    """The name that users see."""

    authMethod: Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
    """How it shows who it is: a public client by its id alone (`none`)."""

    redirectUris: NotRequired[list[str] | None]
    """Where a browser may be sent back to, compared exactly: 10 URIs at most, with https.

    A public client may also name `127.0.0.1`, `[::1]` or `localhost` with http, where any port
    matches, and a scheme that is a domain written backwards.
    """

    grantTypes: NotRequired[list[str] | None]
    """How it gets tokens: `authorization_code`, `refresh_token`, `urn:ietf:params:oauth:grant-type:device_code` and, for a confidential client, `client_credentials` and `urn:ietf:params:oauth:grant-type:token-exchange`.

    Empty for `authorization_code` and `refresh_token`.
    """

    scopes: list[str]
    """The scopes that it may ask for."""

    jwks: NotRequired[dict[str, Any] | None]
    """The public keys of a client with `private_key_jwt` (RFC 7517): 5 at most."""

    serviceAccountId: NotRequired[str | None]
    """The service account of a client with `client_credentials`."""


class CreateClientResponse(TypedDict):
    """The new client."""

    client: OAuthClient
    """The client."""

    clientSecret: NotRequired[str]
    """Its secret, which is shown only here.

    Absent for a client without one.
    """


class CreateClientSecretRequest(TypedDict):
    """Asks for a new secret of a client."""

    keepSeconds: NotRequired[int | None]
    """For how many seconds the secret before stays good, 604800 at most."""


class CreateClientSecretResponse(TypedDict):
    """The new secret."""

    client: OAuthClient
    """The client."""

    clientSecret: str
    """The secret, which is shown only here."""


class CreatePasskeyRequest(TypedDict):
    """A new passkey."""

    credential: dict[str, Any]
    """What `navigator.credentials.create` gave (WebAuthn, its JSON form)."""

    name: str
    """The name of the factor."""


class CreatePasskeyResponse(TypedDict):
    """The new passkey."""

    factor: Factor
    """The factor."""

    recoveryCodes: list[str]
    """Recovery codes, with the first factor of the user.

    They are shown only here.
    """

    tokens: Tokens
    """Tokens of the new login.

    The access token is for the same tenant.
    """


class CreatePersonalAccessTokenRequest(TypedDict):
    """Asks for a personal access token."""

    name: str
    """A name, for the user."""

    scopes: list[
        Literal[
            "account:read",
            "account:write",
            "tenants:read",
            "tenants:write",
            "sessions:read",
            "sessions:write",
        ]
    ]
    """What it is good for."""

    tenantId: NotRequired[str | None]
    """The tenant that it acts in.

    If absent, the active one.
    """

    days: NotRequired[int | None]
    """For how many days it is good.

    If absent, for 90, or as long as the policy of the tenant allows if that is less. An
    operator can set another number.
    """


class CreatePersonalAccessTokenResponse(TypedDict):
    """The new personal access token."""

    token: str
    """The token itself: `cdt_pat_` and 60 characters of base62.

    The last six are a checksum (CRC32), by which secret scanners know it.
    """

    personalAccessToken: PersonalAccessToken
    """What it is."""


class CreateRecoveryCodesRequest(TypedDict):
    """Asks for new recovery codes."""


class CreateRecoveryCodesResponse(TypedDict):
    """The new recovery codes."""

    recoveryCodes: list[str]
    """The codes.

    They are shown only here.
    """


class CreateServiceAccountKeyRequest(TypedDict):
    """Asks for a key of a service account."""

    name: str
    """A name, for the members."""

    days: NotRequired[int | None]
    """For how many days it is good.

    If absent, for 90, or as long as the policy of the organization allows if that is less. An
    operator can set another number.
    """


class CreateServiceAccountKeyResponse(TypedDict):
    """The new key."""

    token: str
    """The key itself: `cdt_sak_` and 60 characters of base62.

    The last six are a checksum (CRC32), by which secret scanners know it.
    """

    key: ServiceAccountKey
    """What it is."""


class CreateServiceAccountRequest(TypedDict):
    """Asks for a service account."""

    name: str
    """A name, for the members."""

    role: Literal["admin", "member"]
    """Its role in the organization, at most the caller's."""

    scopes: list[Literal["tenants:read", "sessions:read", "sessions:write"]]
    """What its tokens are good for."""


class CreateWorkspaceTokenRequest(TypedDict):
    """Asks for a token of a session."""

    scopes: NotRequired[
        list[Literal["account:read", "sessions:read", "sessions:write", "tenants:read"]] | None
    ]
    """What it is to be good for, as far as the caller's token is: if absent, `sessions:read` and `sessions:write`."""

    agent: NotRequired[str | None]
    """Who acts with it: a name for logs, `workspace` if absent.

    The token has it in `act` (RFC 8693, section 4.1).
    """


class CreateWorkspaceTokenResponse(TypedDict):
    """The new workspace token."""

    token: str
    """The token itself: `cdt_wst_` and 60 characters of base62.

    The last six are a checksum (CRC32), by which secret scanners know it.
    """

    tokenId: str
    """The id of the token."""

    expireTime: str
    """When it ends, unless the session or the login ends before."""

    scopes: list[Literal["account:read", "sessions:read", "sessions:write", "tenants:read"]]
    """What it is good for."""

    agent: str
    """Who acts with it."""


class DeleteClientResponse(TypedDict):
    """Says that the client is deleted."""


class DeleteFactorResponse(TypedDict):
    """Says that the factor is removed."""


class DeleteMeRequest(TypedDict):
    """Asks to delete the caller's account."""

    password: str
    """The password of the account."""


class DeleteMeResponse(TypedDict):
    """Says that the account is deleted, or when it will be."""

    deleteTime: NotRequired[str]
    """When the account is erased.

    A login before that undoes the deletion. Absent if it is erased already.
    """


class DeletePersonalAccessTokenResponse(TypedDict):
    """Says that the token is revoked."""


class DeleteServiceAccountKeyResponse(TypedDict):
    """Says that the key is revoked."""


class DeleteServiceAccountResponse(TypedDict):
    """Says that the service account is deleted."""


class DeleteUserRequest(TypedDict):
    """Asks to delete a user."""

    reason: str
    """Why, for the operator log."""


class DeleteUserResponse(TypedDict):
    """Says that the user is deleted, or when that happens."""

    deleteTime: NotRequired[str]
    """When the account is erased.

    Absent if it is erased already.
    """


class DeleteWorkspaceTokenResponse(TypedDict):
    """Says that the token is revoked."""


class DisableUserRequest(TypedDict):
    """Asks to disable a user."""

    reason: str
    """Why, for the operator log."""


class EnableUserRequest(TypedDict):
    """Asks to enable a user."""

    reason: str
    """Why, for the operator log."""


class EndGrantResponse(TypedDict):
    """The program has lost its access."""


class EndLoginResponse(TypedDict):
    """Says that the login has ended."""


class EnrollTotpRequest(TypedDict):
    """Asks for the secret of an authenticator app."""

    name: str
    """The name of the factor."""


class EnrollTotpResponse(TypedDict):
    """The secret of an authenticator app."""

    factorId: str
    """The id of the factor."""

    secret: str
    """The secret in base32, to be typed into the app."""

    uri: str
    """The same as an `otpauth://` URI."""

    qrSvg: str
    """A QR code of the URI, as an SVG document."""


class Factor(TypedDict):
    """A second factor."""

    factorId: str
    """The id of the factor."""

    kind: Literal["totp", "passkey", "recovery_codes"]
    """What it is.

    The recovery codes of a user are one factor.
    """

    name: str
    """The name that the user gave it."""

    createTime: str
    """When it was set up."""

    lastUsedTime: NotRequired[str]
    """When it was last used.

    Absent if it never was.
    """

    codesLeft: NotRequired[int]
    """How many recovery codes are left.

    Absent for other kinds.
    """


class ForgotPasswordRequest(TypedDict):
    """Asks for an email that resets the password."""

    email: str
    """The email address of the account."""


class ForgotPasswordResponse(TypedDict):
    """Says that the request is taken."""


class GetDeviceLoginResponse(TypedDict):
    """A device that waits to be let in."""

    clientId: str
    """The id of the client."""

    clientName: str
    """The name of the client.

    If it is not `clientKnown`, a stranger has chosen it.
    """

    userAgent: str
    """The User-Agent header of the device, cut to 256 characters."""

    address: str
    """The network address of the device."""

    sameNetwork: bool
    """Whether the device is in the network of this call.

    If it is not, somebody else may have sent the user the code.
    """

    scopes: list[ConsentScope]
    """What the client asks for."""

    createTime: str
    """When the device asked."""

    expireTime: str
    """When the code ends."""

    tenantId: NotRequired[str]
    """The tenant that the client is bound to.

    Absent if it can act in any tenant of the user.
    """

    clientKnown: bool
    """Whether this product or an admin of the tenant has named the client."""


class GetJwksResponse(TypedDict):
    """The public keys, a JWK set (RFC 7517)."""

    keys: list[Jwk]
    """The keys that sign tokens now or soon."""


class GetUserInfoResponse(TypedDict):
    """Who the user is (OpenID Connect Core 1.0, section 5.1)."""

    sub: str
    """The user."""

    name: NotRequired[str]
    """The full name.

    Needs the scope `profile`, as the next three do.
    """

    given_name: NotRequired[str]
    """The first name."""

    family_name: NotRequired[str]
    """The last name."""

    locale: NotRequired[str]
    """The language of emails to the user (BCP 47)."""

    email: NotRequired[str]
    """The email address.

    Needs the scope `email`, as the next one does.
    """

    email_verified: NotRequired[bool]
    """Whether the user has proved that the address is theirs."""


class Grant(TypedDict):
    """A program that acts for the user."""

    grantId: str
    """The id of the grant."""

    clientId: str
    """The id of the client."""

    clientName: str
    """The name of the client, which a stranger may have chosen.

    Empty if the client is gone.
    """

    scopes: list[ConsentScope]
    """What the program may do."""

    tenantId: str
    """The tenant that the program acts in."""

    createTime: str
    """When the user let the program in."""

    lastUsedTime: str
    """When the program last got tokens."""

    expireTime: str
    """When the grant ends unless the program gets tokens before."""

    userAgent: str
    """The User-Agent header of the program, cut to 256 characters."""

    address: str
    """The network address that the program first came from."""

    current: bool
    """Whether it is the grant of the access token in use."""


class HoldUserRequest(TypedDict):
    """Asks to put a user under a legal hold."""

    reason: str
    """Why, for the operator log."""


class IntrospectTokenRequest(TypedDict):
    """Asks about a token."""

    token: str
    """A refresh or access token."""

    token_type_hint: NotRequired[str]
    """What kind of token it is.

    It is not needed.
    """

    client_id: NotRequired[str]
    """The client.

    A confidential one may be in the Authorization header instead.
    """

    client_secret: NotRequired[str]
    """The secret of a confidential client."""

    client_assertion: NotRequired[str]
    """The assertion of a confidential client (RFC 7523)."""

    client_assertion_type: NotRequired[str]
    """The type of the assertion."""


class IntrospectTokenResponse(TypedDict):
    """What a token is good for (RFC 7662, section 2.2).

    Only `active` is there if it is not good.
    """

    active: bool
    """Whether the token is good."""

    scope: NotRequired[str]
    """What it is good for, separated by spaces."""

    client_id: NotRequired[str]
    """The client."""

    token_type: NotRequired[str]
    """`Bearer` for an access token.

    Absent for a refresh token.
    """

    exp: NotRequired[int]
    """When it ends, in seconds since 1970."""

    iat: NotRequired[int]
    """When it was issued, in seconds since 1970."""

    sub: NotRequired[str]
    """The user or service account."""

    aud: NotRequired[str]
    """What it is for.

    Absent for a refresh token.
    """

    iss: NotRequired[str]
    """Who issued it."""

    tenant_id: NotRequired[str]
    """The tenant that it is for."""

    sid: NotRequired[str]
    """The grant."""

    auth_time: NotRequired[int]
    """When the user last proved who they are, in seconds since 1970."""

    acr: NotRequired[str]
    """How surely the user is known by that: `aal1` or `aal2`."""

    jti: NotRequired[str]
    """The id of an access token."""

    act: NotRequired[dict[str, Any]]
    """Who acts for the user, in `sub`, and in `act` who had the token before (RFC 8693, section 4.1).

    Absent for a token that names no actor.
    """


class Jwk(TypedDict):
    """One public key (RFC 7517): of Ed25519 (RFC 8037), or of P-256 (RFC 7518)."""

    kty: Literal["OKP", "EC"]
    """The key type."""

    crv: Literal["Ed25519", "P-256"]
    """The curve."""

    x: str
    """The public key, or its first coordinate if the key type is EC, base64url without padding."""

    kid: str
    """The id of the key."""

    alg: Literal["EdDSA", "ES256"]
    """The algorithm."""

    use: Literal["sig"]
    """The use of the key."""

    y: NotRequired[str]
    """The second coordinate of the public key, base64url without padding.

    Only if the key type is EC.
    """


class ListActivityResponse(TypedDict):
    """A page of the security log."""

    events: list[SecurityEvent]
    """The events, newest first."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListClientsResponse(TypedDict):
    """A page of clients."""

    clients: list[OAuthClient]
    """The clients."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListFactorsResponse(TypedDict):
    """All second factors of the caller."""

    factors: list[Factor]
    """The factors."""

    recoveryTime: NotRequired[str]
    """When all factors can be removed, if a recovery of lost factors is under way: a login with a second factor cancels it."""


class ListGrantsResponse(TypedDict):
    """A page of grants."""

    grants: list[Grant]
    """The grants, in the order of their ids."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListLoginsResponse(TypedDict):
    """A page of logins."""

    logins: list[Login]
    """The logins."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListOperatorLogResponse(TypedDict):
    """A page of the operator log."""

    acts: list[OperatorAct]
    """The acts."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListOperatorsResponse(TypedDict):
    """A page of the operators."""

    operators: list[Operator]
    """The operators."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListPersonalAccessTokensResponse(TypedDict):
    """A page of personal access tokens."""

    personalAccessTokens: list[PersonalAccessToken]
    """The tokens."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListServiceAccountKeysResponse(TypedDict):
    """A page of keys."""

    keys: list[ServiceAccountKey]
    """The keys."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListServiceAccountsResponse(TypedDict):
    """A page of service accounts."""

    serviceAccounts: list[ServiceAccount]
    """The service accounts."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListUserActivityResponse(TypedDict):
    """A page of the activity."""

    events: list[SecurityEvent]
    """The events."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListUserLoginsResponse(TypedDict):
    """A page of the logins."""

    logins: list[Login]
    """The logins, none of which is `current`."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListUsersResponse(TypedDict):
    """A page of the users."""

    users: list[OperatedUser]
    """The users."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class ListWorkspaceTokensResponse(TypedDict):
    """The tokens of a session."""

    workspaceTokens: list[WorkspaceToken]
    """The tokens."""


class LogOutUserRequest(TypedDict):
    """Asks to log a user out."""

    reason: str
    """Why, for the operator log."""

    tokens: NotRequired[bool | None]
    """Whether the personal access tokens end, too."""


class Login(TypedDict):
    """One signed-in device."""

    loginId: str
    """The id of the login."""

    createTime: str
    """When the user logged in."""

    lastUsedTime: str
    """When the login last got tokens by a refresh or a proof of the password."""

    userAgent: str
    """The User-Agent header of the login, cut to 256 characters."""

    address: str
    """The network address that the login came from."""

    current: bool
    """Whether this is the login of the access token in use."""


class LoginRequest(TypedDict):
    """Asks for a login."""

    email: str
    """The email address of the account."""

    password: str
    """The password of the account."""

    tenantId: NotRequired[str | None]
    """The tenant that the login acts in."""

    deviceToken: NotRequired[str | None]
    """The `deviceToken` of an earlier login on this device.

    A browser does not need it: it has a cookie.
    """


class LoginResponse(TypedDict):
    """A new login, or the challenge that must be answered first."""

    user: NotRequired[User]
    """The user.

    Absent with a challenge.
    """

    tenant: NotRequired[Tenant]
    """The active tenant.

    Absent with a challenge.
    """

    tokens: NotRequired[Tokens]
    """The tokens of this login.

    Absent with a challenge.
    """

    deviceToken: NotRequired[str]
    """The secret by which the account knows this device, until the password is another one: wrong passwords from other devices do not stop its logins.

    Also set as the cookie `__Host-coditect_device`. Absent with a challenge, and with
    `X-Coditect-Tokens: cookie`.
    """

    challenge: NotRequired[Challenge]
    """What must be shown before there are tokens.

    Only present if the user has a second factor.
    """


class LoginWithPasskeyRequest(TypedDict):
    """Asks for a login by a passkey."""

    credential: dict[str, Any]
    """What `navigator.credentials.get` gave (WebAuthn, its JSON form)."""

    tenantId: NotRequired[str | None]
    """The tenant that the login acts in."""

    deviceToken: NotRequired[str | None]
    """The `deviceToken` of an earlier login on this device.

    A browser does not need it: it has a cookie.
    """


class LoginWithPasskeyResponse(TypedDict):
    """A new login."""

    user: User
    """The user."""

    tenant: Tenant
    """The active tenant."""

    tokens: Tokens
    """The tokens of this login."""

    deviceToken: NotRequired[str]
    """The secret by which the account knows this device; see `LoginResponse`."""


class LoginWithSecondFactorRequest(TypedDict):
    """Answers a challenge, with exactly one of `code`, `recoveryCode` and `credential`."""

    challengeToken: str
    """The token of the challenge."""

    code: NotRequired[str | None]
    """The six digits that an authenticator app shows."""

    recoveryCode: NotRequired[str | None]
    """A recovery code."""

    credential: NotRequired[dict[str, Any] | None]
    """What `navigator.credentials.get` gave (WebAuthn, its JSON form)."""


class LoginWithSecondFactorResponse(TypedDict):
    """A new login."""

    user: User
    """The user."""

    tenant: Tenant
    """The active tenant."""

    tokens: Tokens
    """The tokens of this login."""

    deviceToken: NotRequired[str]
    """The secret by which the account knows this device; see `LoginResponse`."""


class LogoutAllRequest(TypedDict):
    """Asks to end every login of the caller."""


class LogoutAllResponse(TypedDict):
    """Says that the logins have ended."""


class LogoutRequest(TypedDict):
    """Asks to end the login of a token.

    Needs an access token or a refresh token.
    """

    refreshToken: NotRequired[str | None]
    """The refresh token of the login.

    With `X-Coditect-Tokens: cookie` it is taken from the cookie, unless it is given.
    """


class LogoutResponse(TypedDict):
    """Says that the login has ended."""


class OAuthClient(TypedDict):
    """A client of a tenant."""

    clientId: str
    """The id of the client."""

    name: str
    """The name that users see."""

    kind: Literal["public", "confidential"]
    """Whether it can keep a secret."""

    authMethod: Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
    """How it shows who it is."""

    redirectUris: list[str]
    """Where a browser may be sent back to."""

    grantTypes: list[str]
    """How it gets tokens."""

    scopes: list[str]
    """The scopes that it may ask for."""

    jwks: NotRequired[dict[str, Any]]
    """Its public keys (RFC 7517).

    Absent without.
    """

    serviceAccountId: NotRequired[str]
    """The service account that it gets tokens of by `client_credentials`."""

    secrets: list[OAuthClientSecret]
    """Its secrets, the newest last."""

    createTime: str
    """When it was registered."""


class OAuthClientSecret(TypedDict):
    """A secret of a client, without the secret."""

    createTime: str
    """When it was made."""

    expireTime: NotRequired[str]
    """When it stops being good, because another one has taken its place.

    Absent if it does not.
    """


class OperatedUser(TypedDict):
    """A user as an operator sees it."""

    userId: str
    """The id of the user."""

    email: str
    """The email address."""

    emailVerified: bool
    """Whether the user has proved the address."""

    firstName: str
    """The first name."""

    lastName: str
    """The last name."""

    company: str
    """The company."""

    language: str
    """The language of emails to the user (BCP 47)."""

    createTime: str
    """When the user registered."""

    secondFactor: bool
    """Whether the user has an authenticator app or a passkey."""

    operator: bool
    """Whether the user is an operator."""

    disableTime: NotRequired[str]
    """Since when the user is disabled.

    Absent for a user who may log in.
    """

    holdTime: NotRequired[str]
    """Since when the account is under a legal hold.

    Absent without one.
    """

    deleteTime: NotRequired[str]
    """When the account is erased.

    Absent if it is not to be deleted.
    """


class Operator(TypedDict):
    """A user who runs the product for others."""

    userId: str
    """The id of the user."""

    email: str
    """The email address of the user."""

    grantTime: str
    """When the user was made an operator."""


class OperatorAct(TypedDict):
    """An act of an operator."""

    time: str
    """When it happened."""

    operatorId: str
    """The operator, who may no longer be one.

    Empty for what was done on the command line of the store's host.
    """

    act: Literal[
        "operator.granted",
        "operator.revoked",
        "users.listed",
        "user.viewed",
        "user.logins_listed",
        "user.activity_listed",
        "user.exported",
        "user.disabled",
        "user.enabled",
        "user.unlocked",
        "user.logged_out",
        "user.password_reset",
        "user.email_changed",
        "user.factors_removed",
        "user.held",
        "user.released",
        "user.deleted",
        "tenants.listed",
        "tenant.viewed",
        "tenant.members_listed",
        "tenant.suspended",
        "tenant.resumed",
        "tenant.handed_over",
        "logins.ended",
        "access_tokens.ended",
    ]
    """What was done.

    More kinds may follow.
    """

    userId: str
    """The user that it was done to, who may be deleted by now.

    Empty without one.
    """

    tenantId: str
    """The tenant that it was done to.

    Empty without one.
    """

    reason: str
    """Why, as the operator typed it.

    Empty for what only reads.
    """

    address: str
    """The network address that the call came from."""

    userAgent: str
    """The User-Agent header of the call, cut to 256 characters."""


class PersonalAccessToken(TypedDict):
    """A personal access token, without its secret."""

    tokenId: str
    """The id of the token."""

    name: str
    """The name that the user gave it."""

    scopes: list[
        Literal[
            "account:read",
            "account:write",
            "tenants:read",
            "tenants:write",
            "sessions:read",
            "sessions:write",
        ]
    ]
    """What it is good for."""

    tenantId: str
    """The tenant that it acts in."""

    createTime: str
    """When it was made."""

    expireTime: str
    """When it ends."""

    lastUsedTime: NotRequired[str]
    """When it was last used, to the hour.

    Absent if it never was.
    """


class PostUserInfoRequest(TypedDict):
    """Asks who the user is."""


class PostUserInfoResponse(TypedDict):
    """Who the user is, as the GET of the same path says."""

    sub: str
    """The user."""

    name: NotRequired[str]
    """The full name.

    Needs the scope `profile`, as the next three do.
    """

    given_name: NotRequired[str]
    """The first name."""

    family_name: NotRequired[str]
    """The last name."""

    locale: NotRequired[str]
    """The language of emails to the user (BCP 47)."""

    email: NotRequired[str]
    """The email address.

    Needs the scope `email`, as the next one does.
    """

    email_verified: NotRequired[bool]
    """Whether the user has proved that the address is theirs."""


class ProtectedResourceMetadata(TypedDict):
    """The API as a protected resource, as RFC 9728 describes one."""

    resource: str
    """The identifier of the API, which a program asks a token for (RFC 8707): `aud` of the token."""

    authorization_servers: list[str]
    """The issuers of its tokens."""

    jwks_uri: str
    """The keys that verify its tokens."""

    scopes_supported: list[str]
    """The scopes that open it."""

    bearer_methods_supported: list[str]
    """How a token is sent: in the header alone."""

    resource_name: str
    """Its name for people."""


class PushAuthorizationRequest(TypedDict):
    """Sends an authorization request in advance."""

    client_id: NotRequired[str]
    """The client.

    A confidential one may be in the Authorization header instead.
    """

    client_secret: NotRequired[str]
    """The secret of a confidential client."""

    client_assertion: NotRequired[str]
    """The assertion of a confidential client (RFC 7523)."""

    client_assertion_type: NotRequired[str]
    """The type of the assertion."""

    response_type: NotRequired[str]
    """What is asked for: `code`."""

    redirect_uri: NotRequired[str]
    """Where the answer goes: one of the URIs of the client, exactly.

    A client that has only one may leave it out.
    """

    scope: NotRequired[str]
    """The scopes that are asked for, separated by spaces.

    Empty for all that the client may have.
    """

    state: NotRequired[str]
    """What comes back with the answer."""

    code_challenge: NotRequired[str]
    """The base64url of the SHA-256 of a verifier (RFC 7636)."""

    code_challenge_method: NotRequired[str]
    """How the challenge was made: `S256`."""

    nonce: NotRequired[str]
    """What the ID token repeats."""

    prompt: NotRequired[str]
    """How the user is asked: `none`, or some of `login`, `consent` and `select_account`."""

    max_age: NotRequired[str]
    """The greatest age of the user's proof of who they are, in seconds."""

    acr_values: NotRequired[str]
    """How surely the user is to be known: `aal1`, `aal2`."""

    login_hint: NotRequired[str]
    """Whom the client expects, for the login form."""

    response_mode: NotRequired[str]
    """How the answer goes to the redirect URI: `query`."""

    resource: NotRequired[list[str]]
    """What the tokens are for: the API, and nothing else (RFC 8707)."""

    request: NotRequired[str]
    """A signed request (RFC 9101).

    It is refused.
    """

    request_uri: NotRequired[str]
    """The name of a pushed request (RFC 9126)."""


class PushAuthorizationResponse(TypedDict):
    """The name of the request."""

    request_uri: str
    """What `/oauth/authorize` takes with the `client_id`, and nothing else."""

    expires_in: int
    """How long the request waits for its user, in seconds."""


class ReauthenticateRequest(TypedDict):
    """Proves again who the user is, with exactly one of the fields."""

    password: NotRequired[str | None]
    """The password of the account, if it has no second factor."""

    code: NotRequired[str | None]
    """The six digits that an authenticator app shows."""

    recoveryCode: NotRequired[str | None]
    """A recovery code."""

    credential: NotRequired[dict[str, Any] | None]
    """What `navigator.credentials.get` gave for the options of `login/passkey/options` (WebAuthn, its JSON form)."""


class ReauthenticateResponse(TypedDict):
    """The proof is in the token."""

    tokens: Tokens
    """Tokens of the new login.

    The access token is for the same tenant.
    """


class RefreshRequest(TypedDict):
    """Asks for the next tokens."""

    refreshToken: NotRequired[str | None]
    """The refresh token.

    Required unless `X-Coditect-Tokens: cookie` has it taken from the cookie; a token that is
    given is taken all the same.
    """

    tenantId: NotRequired[str | None]
    """The tenant that the new tokens are for."""


class RefreshResponse(TypedDict):
    """The next tokens."""

    user: User
    """The user."""

    tenant: Tenant
    """The active tenant."""

    tokens: Tokens
    """The next tokens of this login."""


class RegisterClientRequest(TypedDict):
    """What a program says of itself (RFC 7591, section 2)."""

    redirect_uris: list[str]
    """Where a browser may be sent back to."""

    client_name: NotRequired[str]
    """The name that users see."""

    grant_types: NotRequired[list[str]]
    """How it wants to get tokens."""

    response_types: NotRequired[list[str]]
    """How it wants to be answered by the authorization endpoint.

    It gets `code`, whatever it says.
    """

    scope: NotRequired[str]
    """The scopes that it may ask for, separated by spaces.

    Empty for all.
    """

    token_endpoint_auth_method: NotRequired[str]
    """How it wants to show who it is."""

    jwks: NotRequired[dict[str, Any]]
    """Its public keys, with `private_key_jwt`."""


class RegisterClientResponse(TypedDict):
    """The registered client (RFC 7591, section 3.2.1)."""

    client_id: str
    """The id of the client."""

    client_id_issued_at: int
    """When it was registered, in seconds since 1970."""

    client_name: str
    """The name that users see."""

    redirect_uris: list[str]
    """Where a browser may be sent back to."""

    grant_types: list[str]
    """How it gets tokens."""

    response_types: list[str]
    """How the authorization endpoint answers it."""

    scope: str
    """The scopes that it may ask for, separated by spaces."""

    token_endpoint_auth_method: Literal["none", "private_key_jwt"]
    """How it shows who it is."""

    jwks: NotRequired[dict[str, Any]]
    """Its public keys, with `private_key_jwt`."""


class RegisterRequest(TypedDict):
    """Asks for a new account."""

    email: str
    """The email address, at most 254 bytes (RFC 5321).

    Two addresses are the same if their local parts are equal after NFC and case folding, and
    their domains after UTS 46 (non-transitional).
    """

    password: str
    """The password: printable characters, at least as many as the deployment asks for (15, unless `PASSWORD_MIN_LENGTH` says otherwise, and never less than 8).

    It must be no common password (COMMON), not be made of the user's names, company and address
    or of words of the product (CONTEXT_WORDS), and not be known from a breach (BREACHED).
    """

    firstName: str
    """The first name."""

    lastName: str
    """The last name."""

    company: NotRequired[str | None]
    """The company."""


@final
class RegisterResponse(TypedDict):
    """The new account, already logged in.

    Empty where the address must be proved first.
    """

    user: User
    """The new user."""

    tenant: Tenant
    """The user's self-tenant."""

    tokens: Tokens
    """The first tokens."""

    deviceToken: NotRequired[str]
    """The secret by which the account knows this device, as in a login.

    Absent with `X-Coditect-Tokens: cookie`.
    """


class ReleaseUserRequest(TypedDict):
    """Asks to end a legal hold."""

    reason: str
    """Why, for the operator log."""


class RemoveUserFactorsRequest(TypedDict):
    """Asks to remove the second factors of a user."""

    reason: str
    """Why, for the operator log."""


class ResetPasswordRequest(TypedDict):
    """Sets a new password with a token, or with an address and a code."""

    token: NotRequired[str | None]
    """The token of the link in the email."""

    email: NotRequired[str | None]
    """The email address, with a code instead of a token."""

    code: NotRequired[str | None]
    """The code in the email.

    Case, blanks and hyphens do not matter.
    """

    newPassword: str
    """The new password, under the rules of a registration."""


class ResetPasswordResponse(TypedDict):
    """Says that the password is set."""


class ResetUserPasswordRequest(TypedDict):
    """Asks to mail a password reset."""

    reason: str
    """Why, for the operator log."""


class RevokeTokenRequest(TypedDict):
    """Asks to end the grant of a token."""

    token: str
    """A refresh or access token."""

    token_type_hint: NotRequired[str]
    """What kind of token it is.

    It is not needed.
    """

    client_id: NotRequired[str]
    """The client.

    A confidential one may be in the Authorization header instead.
    """

    client_secret: NotRequired[str]
    """The secret of a confidential client."""

    client_assertion: NotRequired[str]
    """The assertion of a confidential client (RFC 7523)."""

    client_assertion_type: NotRequired[str]
    """The type of the assertion."""


class RevokeTokenResponse(TypedDict):
    """The token is not good, or was not."""


class SecurityEvent(TypedDict):
    """One event, or a run of failures that followed one another."""

    time: str
    """When it happened.

    Of a run, when it happened last.
    """

    event: Literal[
        "account.created",
        "account.exported",
        "account.deleted",
        "account.imported",
        "login.started",
        "login.failed",
        "login.ended",
        "logins.ended",
        "refresh_token.reused",
        "guesses.stopped",
        "reauthenticated",
        "tenant.switched",
        "password.changed",
        "password.reset",
        "email.verified",
        "email.change_requested",
        "email.changed",
        "email.change_undone",
        "second_factor.failed",
        "codes.stopped",
        "factor.added",
        "factor.removed",
        "factor.undone",
        "passkey.copied",
        "recovery_codes.created",
        "recovery_code.used",
        "factor_recovery.started",
        "factor_recovery.cancelled",
        "factors.recovered",
        "client.created",
        "client.changed",
        "client.deleted",
        "client_secret.created",
        "token.created",
        "token.revoked",
        "workspace_token.created",
        "workspace_token.revoked",
        "service_account.created",
        "service_account.updated",
        "service_account.deleted",
        "service_account_key.created",
        "service_account_key.revoked",
        "device_login.approved",
        "device_login.denied",
        "device_code.wrong",
        "device_code.reused",
        "program.approved",
        "program.authorized",
        "program.removed",
        "authorization_code.reused",
        "account.disabled",
        "account.enabled",
        "account.unlocked",
        "deletion.requested",
        "deletion.undone",
        "factors.removed",
        "password.reset_requested",
        "operator.granted",
        "operator.revoked",
    ]
    """What happened.

    More kinds may follow.
    """

    outcome: Literal["success", "failure"]
    """How it ended."""

    count: int
    """How often it happened."""

    userAgent: str
    """The User-Agent header of the call, cut to 256 characters.

    Of a run, that of the last call.
    """

    address: str
    """The network address that the call came from.

    Of a run, that of the last call.
    """

    loginId: str
    """The login that was started or ended, or in which it happened.

    Empty if there was none.
    """

    firstTime: str
    """When it happened first.

    The same as `time` unless it is a run.
    """

    clientId: str
    """The client of OAuth that acted for the user.

    Empty for the user's own login.
    """

    tokenId: str
    """The personal token, key or workspace token that was used, or that was made or revoked.

    Empty if there was none.
    """

    agent: str
    """Who acted for the user, such as an AI agent, as the token says.

    Empty if there was none.
    """

    byOperator: bool
    """Whether an operator of the system did it.

    Then nothing says from where.
    """


class SendVerificationRequest(TypedDict):
    """Asks for an email with a proof of the caller's address."""


class SendVerificationResponse(TypedDict):
    """Says that the email is queued."""


class ServiceAccount(TypedDict):
    """A service account."""

    accountId: str
    """The id of the service account: the `sub` of its access tokens."""

    tenantId: str
    """The organization that it belongs to."""

    name: str
    """The name."""

    role: Literal["admin", "member"]
    """Its role in the organization."""

    scopes: list[Literal["tenants:read", "sessions:read", "sessions:write"]]
    """What its tokens are good for."""

    createTime: str
    """When it was made."""


class ServiceAccountKey(TypedDict):
    """A key of a service account, without its secret."""

    keyId: str
    """The id of the key."""

    name: str
    """The name."""

    createTime: str
    """When it was made."""

    expireTime: str
    """When it ends."""

    lastUsedTime: NotRequired[str]
    """When it was last used, to the hour.

    Absent if it never was.
    """

    createdBy: str
    """The user who made it.

    Empty once the account of that user is deleted.
    """


class StartDeviceLoginRequest(TypedDict):
    """Asks for the codes of a device."""

    client_id: NotRequired[str]
    """The client.

    It may be in the Authorization header instead.
    """

    scope: NotRequired[str]
    """What the client asks for, separated by spaces.

    Empty for all that it may have.
    """

    client_secret: NotRequired[str]
    """The secret of a confidential client."""

    client_assertion: NotRequired[str]
    """The assertion of a confidential client (RFC 7523)."""

    client_assertion_type: NotRequired[str]
    """The type of the assertion."""


class StartDeviceLoginResponse(TypedDict):
    """The codes of a device (RFC 8628, section 3.2)."""

    device_code: str
    """What the device asks the token endpoint with."""

    user_code: str
    """What the device shows."""

    verification_uri: str
    """Where the user types it."""

    verification_uri_complete: str
    """The same address with the code in it."""

    expires_in: int
    """How long the codes are good, in seconds."""

    interval: int
    """How long the device waits between two questions, in seconds."""


class StartFactorRecoveryRequest(TypedDict):
    """Asks for the email of a recovery."""

    challengeToken: str
    """The token of the challenge of a login."""


class StartFactorRecoveryResponse(TypedDict):
    """Says that the email is on its way."""


class StartPasskeyLoginRequest(TypedDict):
    """Asks for the options of a login by a passkey."""


class StartPasskeyLoginResponse(TypedDict):
    """The options of a login by a passkey."""

    options: dict[str, Any]
    """Options for `navigator.credentials.get` (WebAuthn, its JSON form)."""

    expireTime: str
    """When they end."""


class StartPasskeyRequest(TypedDict):
    """Asks for the options of a registration."""


class StartPasskeyResponse(TypedDict):
    """The options of a registration."""

    options: dict[str, Any]
    """Options for `navigator.credentials.create` (WebAuthn, its JSON form)."""

    expireTime: str
    """When they end."""


class SwitchTenantRequest(TypedDict):
    """Asks for tokens for another tenant."""

    tenantId: str
    """The id of the tenant."""


class SwitchTenantResponse(TypedDict):
    """The tokens for the other tenant."""

    user: User
    """The user."""

    tenant: Tenant
    """The active tenant."""

    tokens: Tokens
    """The tokens of this login, without a refresh token."""


class Tenant(TypedDict):
    """The tenant that the tokens are for, as the caller sees it."""

    tenantId: str
    """The id of the tenant."""

    name: str
    """The display name."""

    slug: str
    """The name in URLs."""

    kind: Literal["self", "organization"]
    """`self` for a user's own tenant, `organization` for a shared one."""

    role: Literal["owner", "admin", "member"]
    """The caller's role in the tenant."""

    state: Literal["active", "suspended"]
    """Whether the tenant can be used.

    Only its owners can use a suspended one.
    """

    createTime: str
    """When the tenant was created."""


class TokenRequest(TypedDict):
    """Asks for tokens."""

    grant_type: str
    """What the tokens are for: `authorization_code`, `refresh_token`, `client_credentials`, `urn:ietf:params:oauth:grant-type:device_code` or `urn:ietf:params:oauth:grant-type:token-exchange`."""

    client_id: NotRequired[str]
    """The client.

    A confidential one may be in the Authorization header instead.
    """

    client_secret: NotRequired[str]
    """The secret of a confidential client."""

    client_assertion: NotRequired[str]
    """The assertion of a confidential client (RFC 7523)."""

    client_assertion_type: NotRequired[str]
    """The type of the assertion."""

    code: NotRequired[str]
    """The code of an approval."""

    redirect_uri: NotRequired[str]
    """The redirect URI of the authorization request.

    If it is given, it must be that.
    """

    code_verifier: NotRequired[str]
    """The verifier of the authorization request (RFC 7636)."""

    refresh_token: NotRequired[str]
    """A refresh token."""

    scope: NotRequired[str]
    """What the access token is for: some of the scopes that were granted, separated by spaces.

    Empty for all.
    """

    resource: NotRequired[list[str]]
    """What the token is for: the API, and nothing else (RFC 8707)."""

    tenant_id: NotRequired[str]
    """The tenant that the access token is for, at a refresh by a client of the product.

    The grant keeps its own.
    """

    device_code: NotRequired[str]
    """The code of a device."""

    subject_token: NotRequired[str]
    """The access token to exchange (RFC 8693): a JWT, a personal token, a key or a workspace token."""

    subject_token_type: NotRequired[str]
    """The type of that token."""

    requested_token_type: NotRequired[str]
    """The type of the token to get."""

    actor_token: NotRequired[str]
    """A token of another actor.

    It is refused: the actor is the client.
    """

    audience: NotRequired[list[str]]
    """As `resource`, at an exchange."""


class TokenResponse(TypedDict):
    """Tokens (RFC 6749, section 5.1)."""

    access_token: str
    """A JWT (RFC 9068) for the `Authorization: Bearer` header."""

    token_type: Literal["Bearer"]
    """The type of the access token (RFC 6750)."""

    expires_in: int
    """The lifetime of the access token in seconds."""

    refresh_token: NotRequired[str]
    """A token that gets the next tokens; good for one use.

    Only with the scope `offline_access`, and to clients of the product.
    """

    scope: str
    """What the access token is good for, separated by spaces."""

    id_token: NotRequired[str]
    """Who the user is (OpenID Connect Core 1.0).

    Only with the scope `openid`.
    """

    issued_token_type: NotRequired[str]
    """The type of the token that an exchange gave (RFC 8693)."""


class Tokens(TypedDict):
    """What a client needs to act as the user."""

    accessToken: str
    """A JWT (RFC 9068) for the `Authorization: Bearer` header."""

    refreshToken: NotRequired[str]
    """An opaque token that gets the next tokens; good for one use.

    Absent if the client keeps the refresh token it has, and with `X-Coditect-Tokens: cookie`,
    which puts it into the cookie `__Host-coditect_refresh`.
    """

    tokenType: Literal["Bearer"]
    """The type of the access token (RFC 6750)."""

    expiresIn: int
    """The lifetime of the access token in seconds."""


class UndoEmailChangeRequest(TypedDict):
    """Undoes a change of address."""

    token: str
    """The token of the link in the email to the old address."""


class UndoEmailChangeResponse(TypedDict):
    """Says that the old address is back."""


class UndoFactorRequest(TypedDict):
    """Undoes the setup of a factor."""

    token: str
    """The token in the link."""


class UndoFactorResponse(TypedDict):
    """Says that the setup is undone."""


class UnlockUserRequest(TypedDict):
    """Asks to forget wrong guesses."""

    reason: str
    """Why, for the operator log."""


class UpdateClientRequest(TypedDict):
    """Asks to change a client.

    Only the given fields change.
    """

    name: NotRequired[str | None]
    """The name that users see."""

    redirectUris: NotRequired[list[str] | None]
    """The redirect URIs, as texts, in place of the previous ones."""

    grantTypes: NotRequired[list[str] | None]
    """The grant types, as texts, in place of the previous ones."""

    scopes: NotRequired[list[str] | None]
    """The scopes, as texts, in place of the previous ones."""

    jwks: NotRequired[dict[str, Any] | None]
    """The public keys of a client with `private_key_jwt`, in place of the previous ones."""

    serviceAccountId: NotRequired[str | None]
    """The service account of a client with `client_credentials`."""


class UpdateFactorRequest(TypedDict):
    """Asks to rename a factor."""

    name: str
    """The new name."""


class UpdateMeRequest(TypedDict):
    """Asks for changes of the caller's profile.

    Only the given fields change.
    """

    firstName: NotRequired[str | None]
    """The first name."""

    lastName: NotRequired[str | None]
    """The last name."""

    company: NotRequired[str | None]
    """The company.

    An empty text removes it.
    """

    language: NotRequired[str | None]
    """The language of emails (BCP 47): one that the service has, such as `de`."""


class UpdateServiceAccountRequest(TypedDict):
    """Asks to change a service account.

    Only the given fields change.
    """

    name: NotRequired[str | None]
    """Another name."""

    role: NotRequired[Literal["admin", "member"] | None]
    """Another role, at most the caller's."""

    scopes: NotRequired[list[str] | None]
    """What its tokens are good for, as texts: one at least of `tenants:read`, `sessions:read` and `sessions:write`, in place of the previous ones."""


class User(TypedDict):
    """A person with an account."""

    userId: str
    """The id of the user."""

    email: str
    """The email address, as the user typed it."""

    firstName: str
    """The first name."""

    lastName: str
    """The last name."""

    company: str
    """The company.

    Empty if the user gave none.
    """

    createTime: str
    """When the user registered."""

    emailVerified: bool
    """Whether the user has proved that the email address is theirs."""

    language: str
    """The language of emails to the user (BCP 47)."""

    secondFactor: bool
    """Whether the user has a second factor, which every login asks for."""


class VerifyEmailRequest(TypedDict):
    """Proves an address with a token, or with an address and a code."""

    token: NotRequired[str | None]
    """The token of the link in the email."""

    email: NotRequired[str | None]
    """The email address, with a code instead of a token."""

    code: NotRequired[str | None]
    """The code in the email.

    Case, blanks and hyphens do not matter.
    """

    newPassword: NotRequired[str | None]
    """The password of the account, or the one with which it starts over, under the rules of a registration."""


class WorkspaceToken(TypedDict):
    """A workspace token, without its secret."""

    tokenId: str
    """The id of the token."""

    sessionId: str
    """The session that it works in."""

    agent: str
    """Who acts with it."""

    scopes: list[Literal["account:read", "sessions:read", "sessions:write", "tenants:read"]]
    """What it is good for."""

    loginId: str
    """The login or grant with which it ends."""

    parentTokenId: str
    """The token that has made it.

    Empty if the login or grant did.
    """

    createTime: str
    """When it was made."""

    expireTime: str
    """When it ends."""

    lastUsedTime: NotRequired[str]
    """When it was last used, to the hour.

    Absent if it never was.
    """
