"""What always holds between the rows of auth."""

from coditect.identity.v1 import revocations_pb2
from kernel.identity.revocations import Revocation
from kernel.storage.recipes.invariants import Invariant, Row, expires, is_sound, is_there
from services.auth import keys
from services.auth.users import repository as users


def _is_revocation(row: Row) -> bool:
    message: revocations_pb2.Revocation = row.record
    return Revocation.of(message).message() == message and message.HasField("revoke_time")


INVARIANTS: tuple[Invariant, ...] = (
    is_there(keys.LOGIN, "has no user", lambda row: [users.USER.key(row.elements[0])]),
    *expires(keys.LOGIN, keys.LOGIN_EXPIRY),
    is_sound(keys.REVOCATION, "is not a revocation", _is_revocation),
    *expires(keys.IDEMPOTENCY.records, keys.IDEMPOTENCY.expiry),
)
