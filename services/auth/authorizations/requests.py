"""Checks authorization requests (RFC 6749, section 4.1.1; OAuth 2.1; OpenID Connect Core 1.0, 3.1.2).

First the client and its redirect URI: until both are good, the browser is sent nowhere. What is wrong
after that, the client learns at its redirect URI.
"""

import re
from hmac import compare_digest

from kernel.errors import InvalidRequest, ServiceError
from kernel.identity import scopes
from kernel.identity.callers import Assurance
from kernel.runtime import Runtime
from services.auth.authorizations import codes
from services.auth.authorizations.errors import (
    AuthorizationPageError,
    AuthorizationRedirectError,
    InvalidScope,
    InvalidTarget,
    RequestNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from services.auth.authorizations.model import (
    AuthorizationParameters,
    AuthorizationRequest,
    Prompt,
    PushedRequest,
)
from services.auth.authorizations.repository import PUSHED_REQUESTS
from services.auth.oauth_clients import redirect_uris
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import GrantType, OAuthClient
from services.auth.settings import AuthSettings

RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query",)
CODE_CHALLENGE_METHODS = ("S256",)
PROMPTS = tuple(prompt.value for prompt in Prompt)
ACR_VALUES = tuple(str(assurance) for assurance in Assurance)

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of SHA-256
_VISIBLE = re.compile(r"[ -~]*")  # RFC 6749, appendix A.5
_SECONDS = re.compile(r"[0-9]{1,9}")
_MOST_CHARACTERS = {"state": 2_000, "nonce": 500, "login_hint": 320}


class AuthorizationRequests:
    """Checks requests, wherever they come from."""

    def __init__(self, runtime: Runtime, settings: AuthSettings, clients: OAuthClients) -> None:
        self._runtime = runtime
        self._clients = clients
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience

    async def check(self, parameters: AuthorizationParameters) -> AuthorizationRequest:
        """The request that these parameters make, or that was pushed under the name that they give.

        Nothing is spent: a page may check the same request as often as it is shown. Raises
        `AuthorizationPageError`, `AuthorizationRedirectError`.
        """
        pushed = None
        if parameters.request_uri:
            pushed = await self._pushed(parameters)
            parameters = pushed.parameters
        try:
            client = await self._clients.find(parameters.client_id)
        except InvalidClient:
            raise AuthorizationPageError({"problem": "client"}) from None
        return self.check_of(client, parameters, pushed)

    def check_of(
        self,
        client: OAuthClient,
        parameters: AuthorizationParameters,
        pushed: PushedRequest | None = None,
    ) -> AuthorizationRequest:
        """The request of a client that is known; raises as `check` does.

        Args:
            client: The client.
            parameters: What it asks for.
            pushed: The pushed request that these are the parameters of; None if they are not.
        """
        # The answer to anything else goes here, so it comes first.
        bare = AuthorizationRequest(
            client=client,
            issuer=self._issuer,
            redirect_uri=_redirect_uri(client, parameters.redirect_uri),
            state=parameters.state if _fits(parameters, "state") else "",
            scopes=frozenset(),
            code_challenge="",
        )
        try:
            _check_form(client, parameters)
            self._check_resources(parameters.resource)
            return AuthorizationRequest(
                client=client,
                issuer=self._issuer,
                redirect_uri=bare.redirect_uri,
                state=parameters.state,
                scopes=requested_scopes(client, parameters.scope),
                code_challenge=_code_challenge(parameters),
                nonce=parameters.nonce,
                prompts=_prompts(parameters.prompt),
                max_age=_max_age(parameters.max_age),
                needs_two_factors=_needs_two_factors(parameters.acr_values),
                login_hint=parameters.login_hint,
                pushed_id=None if pushed is None else pushed.request_id,
            )
        except ServiceError as error:
            raise refusal(bare, error) from error

    def _check_resources(self, resources: tuple[str, ...]) -> None:
        """Raises `InvalidTarget` unless all are this API: there is no other (RFC 8707, section 2)."""
        check_resources(resources, self._audience)

    async def _pushed(self, parameters: AuthorizationParameters) -> PushedRequest:
        """The pushed request of a name. Raises `AuthorizationPageError`: where an error goes is unknown."""
        unknown = AuthorizationPageError({"problem": "request_uri"})
        name = codes.read_request(parameters.request_uri, self._runtime.seal)
        if name is None:
            raise unknown
        found = await self._runtime.store.read(lambda tx: PUSHED_REQUESTS.get(tx, name.request_id))
        good = (
            found is not None
            and compare_digest(found.secret_hash, name.hash)
            and found.expire_time > self._runtime.clock.now()
            and found.parameters.client_id == parameters.client_id
        )
        if found is None or not good:
            raise unknown
        return found


def refusal(request: AuthorizationRequest, cause: ServiceError) -> AuthorizationRedirectError:
    """The answer to a request that cannot be granted.

    Args:
        request: The request.
        cause: Why; its reason is the name of an error of OAuth.
    """
    error = cause.reason.lower()
    text = cause.message
    if cause.violations:
        text = f"{cause.violations[0].field}: {cause.violations[0].description}"
    redirect = request.redirect(error=error, error_description=text)
    return AuthorizationRedirectError(error, redirect, cause, is_sent_on=request.is_sent_on)


def requested_scopes(client: OAuthClient, scope: str) -> frozenset[str]:
    """What a client asks for, or all that it may have. Raises `InvalidScope`."""
    try:
        asked = scopes.parse(scope) or client.scopes
    except ValueError:
        raise InvalidScope from None
    if not asked or not asked <= client.scopes & scopes.GRANTABLE:
        raise InvalidScope
    return asked


def check_resources(resources: tuple[str, ...], audience: str) -> None:
    """Raises `InvalidTarget` unless all resources are the API."""
    if any(resource.removesuffix("/") != audience for resource in resources):
        raise InvalidTarget


def _redirect_uri(client: OAuthClient, given: str) -> str:
    """Where the answer goes. Raises `AuthorizationPageError`.

    A client that has only one may leave it out (RFC 6749, section 3.1.2.3).
    """
    if not given and len(client.redirect_uris) == 1:
        return client.redirect_uris[0]
    if not given or not redirect_uris.match(client, given):
        raise AuthorizationPageError({"problem": "redirect_uri"})
    return given


def _check_form(client: OAuthClient, parameters: AuthorizationParameters) -> None:
    if parameters.request:
        raise RequestNotSupported
    if parameters.response_type not in RESPONSE_TYPES:
        raise UnsupportedResponseType if parameters.response_type else _invalid("response_type")
    if parameters.response_mode not in {"", *RESPONSE_MODES}:
        raise _invalid("response_mode", "Must be query.")
    if GrantType.AUTHORIZATION_CODE not in client.grant_types:
        raise UnauthorizedClient
    for name in _MOST_CHARACTERS:
        if not _fits(parameters, name):
            raise _invalid(name, "Is too long, or has characters that are not visible ASCII.")


def _fits(parameters: AuthorizationParameters, name: str) -> bool:
    text: str = getattr(parameters, name)
    return len(text) <= _MOST_CHARACTERS[name] and _VISIBLE.fullmatch(text) is not None


def _code_challenge(parameters: AuthorizationParameters) -> str:
    """The challenge of a verifier. Without a method it would be `plain`, which is not taken."""
    if parameters.code_challenge_method not in CODE_CHALLENGE_METHODS:
        raise _invalid("code_challenge_method", "Must be S256.")
    if not _CHALLENGE.fullmatch(parameters.code_challenge):
        raise _invalid("code_challenge", "Must be the base64url of a SHA-256 digest.")
    return parameters.code_challenge


def _prompts(text: str) -> frozenset[Prompt]:
    try:
        prompts = frozenset(Prompt(name) for name in text.split(" ") if name)
    except ValueError:
        raise _invalid("prompt", "Has a value that is not known.") from None
    if Prompt.NONE in prompts and len(prompts) > 1:
        raise _invalid("prompt", "Must not have another value beside none.")
    return prompts


def _max_age(text: str) -> int | None:
    if not text:
        return None
    if not _SECONDS.fullmatch(text):
        raise _invalid("max_age", "Must be a number of seconds.")
    return int(text)


def _needs_two_factors(text: str) -> bool:
    """Whether `aal2` is wanted and nothing less would do."""
    wanted = set(text.split(" ")) & set(ACR_VALUES)
    return wanted == {str(Assurance.AAL2)}


def _invalid(field: str, description: str = "Must be given.") -> InvalidRequest:
    return InvalidRequest.of(field, description=description)
