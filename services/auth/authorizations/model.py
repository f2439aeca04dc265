"""Authorization requests and codes, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlencode
from uuid import UUID

from kernel import base64url
from kernel.identity.assurance import RECENT_SECONDS
from services.auth.oauth_clients.model import OAuthClient

CODE_LIFE = timedelta(seconds=60)
"""How long a code is good (RFC 6749, section 4.1.2, recommends ten minutes at most)."""
USED_CODE_LIFE = timedelta(hours=1)
"""How long a used code is known, so that its second use ends the grant."""
ANSWER_SECONDS = 120
"""How long a user may take to answer after a proof that `max_age` has asked for, which may be 0."""
PUSHED_REQUEST_LIFE = timedelta(minutes=10)
"""How long a pushed request waits for its user, who may have to log in first."""


class Prompt(StrEnum):
    """How a client wants its user to be asked (OpenID Connect Core 1.0, section 3.1.2.1)."""

    NONE = "none"
    """Not at all."""
    LOGIN = "login"
    """To prove anew who they are."""
    CONSENT = "consent"
    """To approve; they always are, except with `none`."""
    SELECT_ACCOUNT = "select_account"
    """To choose an account."""


@dataclass(frozen=True, slots=True)
class AuthorizationParameters:
    """An authorization request as it comes: texts, empty where a parameter is not given."""

    client_id: str = ""
    response_type: str = ""
    redirect_uri: str = ""
    scope: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    nonce: str = ""
    prompt: str = ""
    max_age: str = ""
    acr_values: str = ""
    resource: tuple[str, ...] = ()
    login_hint: str = ""
    response_mode: str = ""
    request: str = ""
    """A signed request object (RFC 9101), which is not supported."""
    request_uri: str = ""
    """The name of a pushed request (RFC 9126); of the others, `client_id` alone counts then."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """An authorization request that is good, whatever the user answers."""

    client: OAuthClient
    issuer: str
    """Who answers (RFC 9207)."""
    redirect_uri: str
    state: str
    scopes: frozenset[str]
    """What the client asks for; never empty."""
    code_challenge: str
    """The S256 digest of a verifier that the client keeps (RFC 7636)."""
    nonce: str = ""
    prompts: frozenset[Prompt] = frozenset()
    max_age: int | None = None
    """The greatest age of the user's proof of who they are, in seconds; None if any will do."""
    needs_two_factors: bool = False
    """Whether the client takes nothing less than `aal2` (`acr_values`)."""
    login_hint: str = ""
    """Whom the client expects, for the login form; the word of a stranger."""
    pushed_id: UUID | None = None
    """The pushed request that it was; None for one that came with the browser."""

    @property
    def is_sent_on(self) -> bool:
        """Whether a browser may be sent to the client although its user has answered nothing.

        Anybody can register a client: a link to our page would lead to any site (RFC 9700, section
        4.11.2). A program of the user's own machine is none.
        """
        return self.client.is_built_in or not self.redirect_uri.startswith("https://")

    @property
    def answer_age(self) -> int | None:
        """The greatest age of the user's proof when they answer, in seconds; None if any will do."""
        age = None if self.max_age is None else max(self.max_age, ANSWER_SECONDS)
        if Prompt.LOGIN in self.prompts:
            age = RECENT_SECONDS if age is None else min(age, RECENT_SECONDS)
        return age

    def redirect(self, **answer: str) -> str:
        """Where the browser is sent with an answer.

        Args:
            answer: The parameters of the answer, such as `code` or `error`.
        """
        given = {"state": self.state} if self.state else {}
        return with_parameters(self.redirect_uri, {**answer, **given, "iss": self.issuer})


def with_parameters(uri: str, parameters: Mapping[str, str]) -> str:
    """A redirect URI with parameters behind those that it has (RFC 6749, section 4.1.2)."""
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(parameters)}"


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What a user has approved, for the program to take once."""

    code_id: UUID
    user_id: UUID
    login_id: UUID
    """The login in which the user has approved. The grant begins only while that goes on."""
    tenant_id: UUID
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    code_challenge: str
    nonce: str
    code_hash: bytes
    """SHA-256 of the secret in the code."""
    create_time: datetime
    expire_time: datetime
    """When the record ends."""
    grant_id: UUID | None = None
    """The grant that was made of it; None before."""

    def is_good(self, now: datetime) -> bool:
        """Whether it was not used, and is not too old."""
        return self.grant_id is None and now < self.create_time + CODE_LIFE

    def takes(self, verifier: str) -> bool:
        """Whether a verifier is that of the client that asked (RFC 7636, section 4.6)."""
        digest = base64url.encode(sha256(verifier.encode()).digest())
        return compare_digest(digest, self.code_challenge)

    def used_for(self, grant_id: UUID, now: datetime) -> "AuthorizationCode":
        """It after a grant was made of it."""
        return replace(self, grant_id=grant_id, expire_time=now + USED_CODE_LIFE)


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """An authorization request that a client has sent in advance."""

    request_id: UUID
    secret_hash: bytes
    """SHA-256 of the secret in its name."""
    parameters: AuthorizationParameters
    network_mac: bytes
    """The keyed digest of the network that it came from."""
    create_time: datetime
    expire_time: datetime
