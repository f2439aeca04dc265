"""What always holds about the log of revocations."""

from coditect.identity.v1 import revocations_pb2
from kernel.identity.revocations import Revocation
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.revocations.repository import REVOCATION


def _is_revocation(row: Row) -> bool:
    message: revocations_pb2.Revocation = row.record
    return Revocation.of(message).message() == message and message.HasField("revoke_time")


INVARIANTS: tuple[Invariant, ...] = (is_sound(REVOCATION, "is not a revocation", _is_revocation),)
