"""What always holds about signing keys."""

from coditect.auth.records.v1 import signing_keys_pb2
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.signing_keys.repository import SIGNING_KEY

_PUBLIC_KEY_BYTES = 32


def _is_key(row: Row) -> bool:
    record: signing_keys_pb2.KeyRecord = row.record
    return (
        len(record.public_key) == _PUBLIC_KEY_BYTES
        and bool(record.sealed_private_key)
        and record.HasField("create_time")
        and record.HasField("activate_time")
    )


INVARIANTS: tuple[Invariant, ...] = (is_sound(SIGNING_KEY, "is not a whole signing key", _is_key),)
