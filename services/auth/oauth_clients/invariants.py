"""What always holds about clients, beside what their tables declare."""

from kernel.storage.families import AnyFamily
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.oauth_clients import secrets
from services.auth.oauth_clients.model import SECRET_METHODS, AuthMethod, GrantType
from services.auth.oauth_clients.repository import DYNAMIC_CLIENT, OAUTH_CLIENT

_MOST_SECRETS = 2


def _has_its_proof(row: Row) -> bool:
    """Whether a client has what its method needs, and nothing of another method."""
    client, method = row.record, AuthMethod(row.record.auth_method)
    digests = [secret.digest for secret in client.secrets]
    with_secret = method in SECRET_METHODS
    return (
        with_secret == bool(digests)
        and len(digests) <= _MOST_SECRETS
        and all(len(digest) == secrets.DIGEST_BYTES for digest in digests)
        and (method is AuthMethod.PRIVATE_KEY_JWT) == bool(client.jwks)
    )


def _has_its_account(row: Row) -> bool:
    """Whether a client names a service account if it gets tokens of one."""
    client = row.record
    own = GrantType.CLIENT_CREDENTIALS in map(GrantType, client.grant_types)
    return own == bool(client.service_account_id)


def _of(family: AnyFamily) -> tuple[Invariant, ...]:
    return (
        is_sound(family, "does not have what its client shows who it is by", _has_its_proof),
        is_sound(family, "does not go with a service account", _has_its_account),
    )


INVARIANTS: tuple[Invariant, ...] = (*_of(OAUTH_CLIENT), *_of(DYNAMIC_CLIENT))
