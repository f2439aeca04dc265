"""What always holds about signing keys."""

from coditect.auth.records.v1 import signing_keys_pb2
from kernel.identity.signatures import Algorithm, PublicKey
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.signing_keys.repository import SIGNING_KEY


def _is_key(row: Row) -> bool:
    record: signing_keys_pb2.KeyRecord = row.record
    return (
        _is_public_key(record)
        and bool(record.sealed_private_key)
        and record.HasField("create_time")
        and record.HasField("activate_time")
    )


def _is_public_key(record: signing_keys_pb2.KeyRecord) -> bool:
    try:
        PublicKey(Algorithm(record.algorithm or Algorithm.EDDSA), record.public_key).load()
    except ValueError:
        return False
    return True


INVARIANTS: tuple[Invariant, ...] = (is_sound(SIGNING_KEY, "is not a whole signing key", _is_key),)
