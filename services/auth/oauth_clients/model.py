"""An OAuth client, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5


class ClientKind(StrEnum):
    """Whether a client can keep a secret (RFC 6749, section 2.1)."""

    PUBLIC = "public"
    """It runs at its users, such as a command line or an editor."""
    CONFIDENTIAL = "confidential"
    """It runs on a server of its maker."""


class ClientOrigin(StrEnum):
    """Who says what the client is."""

    BUILT_IN = "builtin"
    """This product."""
    TENANT = "tenant"
    """An admin of a tenant, for that tenant alone."""
    DYNAMIC = "dynamic"
    """The client itself, by a registration (RFC 7591)."""
    DOCUMENT = "document"
    """The client itself, by a document under the URL that is its id."""


class AuthMethod(StrEnum):
    """How a client shows who it is (OpenID Connect Core 1.0, section 9)."""

    NONE = "none"
    """By its id alone: a public client."""
    BASIC = "client_secret_basic"
    """By a secret in the Authorization header."""
    POST = "client_secret_post"
    """By a secret in the form."""
    PRIVATE_KEY_JWT = "private_key_jwt"
    """By a JWT that its own key has signed (RFC 7523)."""


SECRET_METHODS = frozenset({AuthMethod.BASIC, AuthMethod.POST})


class GrantType(StrEnum):
    """How a client gets tokens."""

    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - no secret
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
    CLIENT_CREDENTIALS = "client_credentials"
    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - no secret


class ClientSecret(NamedTuple):
    """A secret of a client, as it is kept.

    Attributes:
        digest: SHA-256 of the secret, which has 256 random bits.
        create_time: When it was made.
        expire_time: When it stops being good because another one took its place; None if it does not.
    """

    digest: bytes
    create_time: datetime
    expire_time: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether the client may still use it."""
        return self.expire_time is None or now < self.expire_time


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A program that may act for users."""

    client_id: str
    """A name if it is built in, a UUID if it is registered, an https URL if it has a document."""
    name: str
    """What users see. Except for a built-in client it is the word of a stranger."""
    origin: ClientOrigin
    redirect_uris: tuple[str, ...]
    grant_types: frozenset[GrantType]
    scopes: frozenset[str]
    """The scopes that it may ask for (`kernel.identity.scopes`)."""
    auth_method: AuthMethod = AuthMethod.NONE
    tenant_id: UUID | None = None
    """The tenant whose own client it is: it gets tokens for that one alone, and only its members can
    approve it. None for all others."""
    secrets: tuple[ClientSecret, ...] = ()
    """The newest last."""
    jwks: str = ""
    """Its public keys (RFC 7517), as JSON; empty without."""
    service_account_id: UUID | None = None
    """The service account that it gets tokens of by `client_credentials`; None without."""
    create_time: datetime | None = None
    """When it was registered; None for one that is built in or has a document."""
    expire_time: datetime | None = None
    """When it ends unless it is used; only of a dynamic client."""
    redirect_time: datetime | None = None
    """When it last got a redirect URI that it did not have before; None for never."""

    @property
    def kind(self) -> ClientKind:
        """Whether it can keep a secret."""
        public = self.auth_method is AuthMethod.NONE
        return ClientKind.PUBLIC if public else ClientKind.CONFIDENTIAL

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret."""
        return self.kind is ClientKind.PUBLIC

    @property
    def is_known(self) -> bool:
        """Whether this product or an admin of a tenant has named it."""
        return self.is_built_in or self.tenant_id is not None

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of this product."""
        return self.origin is ClientOrigin.BUILT_IN

    @property
    def host(self) -> str:
        """The host that vouches for it, to be shown with its name; empty without a document."""
        document = self.origin is ClientOrigin.DOCUMENT
        return (urlsplit(self.client_id).hostname or "") if document else ""

    @property
    def source_id(self) -> UUID:
        """What its tokens come from: `Revocation(None, now, source_id=…)` ends those of all users."""
        return source_id_of(self.client_id)


def source_id_of(client_id: str) -> UUID:
    """The `source_id` of the client with an id: the id itself if that is a UUID."""
    if is_registered_id(client_id):
        return UUID(client_id)
    return uuid5(NAMESPACE_URL, client_id)


def is_registered_id(client_id: str) -> bool:
    """Whether an id is a UUID in its canonical form, as those of registered clients are."""
    try:
        return str(UUID(client_id)) == client_id
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What a request of a client says of who it is, beside its Authorization header.

    The fields are the parameters of the form (RFC 6749, section 2.3.1; RFC 7521, section 4.2); empty
    where the form does not have one.
    """

    client_id: str = ""
    client_secret: str = ""
    client_assertion_type: str = ""
    client_assertion: str = ""


class SpentAssertion(NamedTuple):
    """An assertion of a client that was used.

    Attributes:
        digest: SHA-256 of the client and the id of the assertion.
        expire_time: When the assertion would have ended.
    """

    digest: bytes
    expire_time: datetime
