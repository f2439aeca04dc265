"""What always holds between the rows of auth."""

from coditect.auth.records.v1 import signing_keys_pb2
from coditect.identity.v1 import revocations_pb2
from kernel.identity.revocations import Revocation
from kernel.storage.recipes.invariants import Invariant, Row, expires, is_sound, is_there
from services.auth import keys
from services.auth.users import repository as users

_PUBLIC_KEY_BYTES = 32


def _is_revocation(row: Row) -> bool:
    message: revocations_pb2.Revocation = row.record
    return Revocation.of(message).message() == message and message.HasField("revoke_time")


def _is_key(row: Row) -> bool:
    record: signing_keys_pb2.KeyRecord = row.record
    return (
        len(record.public_key) == _PUBLIC_KEY_BYTES
        and bool(record.sealed_private_key)
        and record.HasField("create_time")
        and record.HasField("activate_time")
    )


INVARIANTS: tuple[Invariant, ...] = (
    is_there(keys.LOGIN, "has no user", lambda row: [users.USER.key(row.elements[0])]),
    *expires(keys.LOGIN, keys.LOGIN_EXPIRY),
    is_sound(keys.REVOCATION, "is not a revocation", _is_revocation),
    is_sound(keys.SIGNING_KEY, "is not a whole signing key", _is_key),
    *expires(keys.IDEMPOTENCY.records, keys.IDEMPOTENCY.expiry),
)
