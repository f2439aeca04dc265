"""What a client may be: the rules for all clients that this product does not make itself.

An admin of a tenant, the client itself and a document say the same things under other names, so the
rules name the attribute, and who applies them says how the caller wrote it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from kernel.identity import scopes
from services.auth.oauth_clients import names, public_keys, redirect_uris
from services.auth.oauth_clients.model import AuthMethod, GrantType
from services.auth.oauth_clients.public_keys import KeysInvalid

_OF_USERS = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE})
_OF_SERVERS = frozenset({GrantType.CLIENT_CREDENTIALS, GrantType.TOKEN_EXCHANGE})


class Fault(NamedTuple):
    """Something that a client may not be.

    Attributes:
        attribute: What is wrong, by its name in `ClientMetadata`.
        reason: An UPPER_SNAKE constant.
        description: A constant sentence.
    """

    attribute: str
    reason: str
    description: str


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """What is said of a client; texts are not checked yet."""

    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    auth_method: AuthMethod
    keys: Mapping[str, Any] | None = None
    """Its public keys (RFC 7517); None without."""
    service_account_id: UUID | None = None

    @property
    def jwks(self) -> str:
        """The keys as they are stored; empty without. Raises `KeysInvalid`."""
        return "" if self.keys is None else public_keys.read(self.keys)


def faults_of(metadata: ClientMetadata) -> Iterator[Fault]:
    """What a client may not be, if anything."""
    if not names.is_allowed(metadata.name):
        yield Fault("name", "RESERVED", "Must not look like a name of this product.")
    yield from _faults_of_grants(metadata)
    yield from _faults_of_uris(metadata)
    if not metadata.scopes or not scopes.GRANTABLE.issuperset(metadata.scopes):
        yield Fault("scopes", "UNKNOWN", "Must be scopes that a program can get.")
    yield from _faults_of_keys(metadata)


def _faults_of_uris(metadata: ClientMetadata) -> Iterator[Fault]:
    uris, public = metadata.redirect_uris, metadata.auth_method is AuthMethod.NONE
    needed = GrantType.AUTHORIZATION_CODE in metadata.grant_types
    if len(uris) > redirect_uris.MOST:
        yield Fault("redirect_uris", "TOO_MANY", f"Must be {redirect_uris.MOST} URIs at most.")
    elif not all(redirect_uris.is_allowed(uri, public=public) for uri in uris):
        yield Fault(
            "redirect_uris",
            "NOT_ALLOWED",
            "Must be https; for public clients also http on the own machine, or a private scheme.",
        )
    elif needed and not uris:
        yield Fault("redirect_uris", "REQUIRED", "Must not be empty with authorization_code.")


def _faults_of_grants(metadata: ClientMetadata) -> Iterator[Fault]:
    given = frozenset(metadata.grant_types)
    if not given <= frozenset(GrantType):
        yield Fault("grant_types", "UNKNOWN", "Must be grant types that this server knows.")
    elif not given - {GrantType.REFRESH_TOKEN}:
        yield Fault("grant_types", "REQUIRED", "Must have one that begins a grant.")
    elif GrantType.REFRESH_TOKEN in given and not given & _OF_USERS:
        yield Fault("grant_types", "NOT_ALONE", "Only grants of users are refreshed.")
    elif given & _OF_SERVERS and metadata.auth_method is AuthMethod.NONE:
        yield Fault("grant_types", "NOT_PUBLIC", "A public client cannot have this grant type.")
    if (GrantType.CLIENT_CREDENTIALS in given) != (metadata.service_account_id is not None):
        yield Fault(
            "service_account_id",
            "NOT_ALONE",
            "client_credentials and a service account go together.",
        )


def _faults_of_keys(metadata: ClientMetadata) -> Iterator[Fault]:
    if (metadata.auth_method is AuthMethod.PRIVATE_KEY_JWT) != (metadata.keys is not None):
        yield Fault("keys", "NOT_ALONE", "private_key_jwt and public keys go together.")
        return
    try:
        _ = metadata.jwks
    except KeysInvalid:
        yield Fault(
            "keys",
            "KEYS_INVALID",
            f"Must be 1 to {public_keys.MOST_KEYS} public keys of RSA, elliptic curves or Ed25519.",
        )
