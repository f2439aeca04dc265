"""How a client shows who it is at an endpoint of OAuth (RFC 6749, section 2.3; RFC 7523; OAuth 2.1).

Each client has one method, and no other will do: so a client with a key cannot be impersonated by one
who has found an old secret, nor a confidential client by its id alone.
"""

import base64
import binascii
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple, Protocol
from urllib.parse import unquote_plus

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.oauth_clients import assertions, secrets
from services.auth.oauth_clients.assertions import AssertionInvalid
from services.auth.oauth_clients.clients import OAuthClients
from services.auth.oauth_clients.dynamic_life import DynamicLife
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import (
    AuthMethod,
    OAuthClient,
    SpentAssertion,
)
from services.auth.oauth_clients.repository import SPENT_ASSERTIONS
from services.auth.settings import AuthSettings

TOKEN_PATH = "/oauth/token"  # noqa: S105 - no secret
PAR_PATH = "/oauth/par"
_BASIC = "basic "
_MOST_CHARACTERS = 4_096
_NO_SECRET = secrets.digest("")  # of no client: their secrets have 256 random bits


class ShownCredentials(Protocol):
    """What a request of a client says of who it is, beside its Authorization header.

    The parameters of the form (RFC 6749, section 2.3.1; RFC 7521, section 4.2), each empty if the form
    does not have it. `ClientCredentials` is one, and so is a message with these fields.
    """

    @property
    def client_id(self) -> str:
        """Who the client claims to be."""
        ...

    @property
    def client_secret(self) -> str:
        """Its secret."""
        ...

    @property
    def client_assertion_type(self) -> str:
        """What kind of assertion it shows."""
        ...

    @property
    def client_assertion(self) -> str:
        """Its assertion."""
        ...


class Presented(NamedTuple):
    """What a request shows of its client.

    Attributes:
        method: How.
        client_id: Who the client claims to be.
        proof: Its secret or its assertion; empty without.
    """

    method: AuthMethod
    client_id: str
    proof: str


class ClientAuthentication:
    """Finds out which client calls."""

    def __init__(
        self, runtime: Runtime, settings: AuthSettings, clients: OAuthClients, life: DynamicLife
    ) -> None:
        self._runtime = runtime
        self._clients = clients
        self._life = life
        issuer = settings.token_issuer
        # RFC 9126, section 2, names all three.
        self._audiences = frozenset({issuer, issuer + TOKEN_PATH, issuer + PAR_PATH})

    async def authenticate(self, call: Call, credentials: ShownCredentials) -> OAuthClient:
        """The client that calls. Not inside of a transaction.

        Raises `InvalidClient` for an unknown client as for a wrong proof, and `InvalidRequest` for a
        request that shows more than one proof.
        """
        presented = presented_by(call, credentials)
        now = self._runtime.clock.now()
        client = await self._find(presented.client_id)
        if presented.method in {AuthMethod.BASIC, AuthMethod.POST}:
            good = _has_secret(client, presented.proof, now)
        else:
            good = True
        if client is None or client.auth_method is not presented.method or not good:
            raise InvalidClient
        if presented.method is AuthMethod.PRIVATE_KEY_JWT:
            await self._spend(self._verified(client, presented.proof, now))
        await self._life.prolong(client, now)
        return client

    async def _find(self, client_id: str) -> OAuthClient | None:
        try:
            return await self._clients.find(client_id)
        except InvalidClient:
            return None

    def _verified(self, client: OAuthClient, assertion: str, now: datetime) -> SpentAssertion:
        try:
            return assertions.verified(assertion, client, self._audiences, now)
        except AssertionInvalid:
            raise InvalidClient from None

    async def _spend(self, spent: SpentAssertion) -> None:
        """Uses an assertion. Raises `InvalidClient` if it was used before."""

        async def spend(tx: Write) -> None:
            if await SPENT_ASSERTIONS.get(tx, spent.digest) is not None:
                raise InvalidClient
            await SPENT_ASSERTIONS.put(tx, spent)

        await self._runtime.store.write(spend)


def presented_by(call: Call, credentials: ShownCredentials) -> Presented:
    """What a request shows of its client. Raises `InvalidClient`, `InvalidRequest`."""
    header = call.authorization
    given = (header, credentials.client_secret, credentials.client_assertion)
    if sum(map(bool, given)) > 1:
        raise _more_than_one()
    if credentials.client_assertion or credentials.client_assertion_type:
        shown = _by_assertion(credentials)
    elif header:
        shown = _by_header(header)
    elif credentials.client_secret:
        return Presented(AuthMethod.POST, credentials.client_id, credentials.client_secret)
    else:
        return Presented(AuthMethod.NONE, credentials.client_id, "")
    if credentials.client_id not in {"", shown.client_id}:
        raise InvalidClient
    return shown


def _by_assertion(credentials: ShownCredentials) -> Presented:
    assertion = credentials.client_assertion
    if credentials.client_assertion_type != assertions.TYPE or not assertion:
        raise InvalidClient
    try:
        client_id = assertions.claimed_client(assertion)
    except AssertionInvalid:
        raise InvalidClient from None
    return Presented(AuthMethod.PRIVATE_KEY_JWT, client_id, assertion)


def _by_header(header: str) -> Presented:
    """The id and the secret of a header, each encoded as in a form (RFC 6749, section 2.3.1)."""
    if not header.lower().startswith(_BASIC) or len(header) > _MOST_CHARACTERS:
        raise InvalidClient
    try:
        pair = base64.b64decode(header[len(_BASIC) :].strip(" "), validate=True).decode()
        client_id, colon, secret = pair.partition(":")
        texts = [unquote_plus(text, errors="strict") for text in (client_id, secret)]
    except (binascii.Error, ValueError):
        raise InvalidClient from None
    if not colon:
        raise InvalidClient
    # Some libraries send an empty secret for a client that has none (RFC 6749, section 2.3.1).
    method = AuthMethod.BASIC if secret else AuthMethod.NONE
    return Presented(method, *texts)


def _has_secret(client: OAuthClient | None, secret: str, now: datetime) -> bool:
    """Whether a secret is one of the client's. An unknown client costs the same comparison."""
    digest = secrets.digest(secret)
    kept = () if client is None else client.secrets
    good = [one.digest for one in kept if one.is_good(now)] or [_NO_SECRET]
    matches = [compare_digest(digest, one) for one in good]
    return any(matches) and bool(kept)


def _more_than_one() -> InvalidRequest:
    text = "A client shows who it is in one way only."
    return InvalidRequest.of("client_secret", "ONE_METHOD", text)
