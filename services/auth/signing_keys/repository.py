"""How signing keys are stored."""

from coditect.auth.records.v1 import signing_keys_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.signatures import Algorithm
from kernel.storage import Read, Write
from kernel.storage.families import COUNTER, Family, record, text
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.signing_keys.model import SigningKey


def _fill(record: signing_keys_pb2.KeyRecord, new: SigningKey) -> None:
    record.kid = new.kid
    record.algorithm = new.algorithm
    record.public_key = new.public_key
    record.sealed_private_key = new.sealed_private_key
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.activate_time.CopyFrom(timestamp(new.activate_time))
    if new.retire_time is not None:
        record.retire_time.CopyFrom(timestamp(new.retire_time))


def _parse(record: signing_keys_pb2.KeyRecord) -> SigningKey:
    return SigningKey(
        kid=record.kid,
        algorithm=Algorithm(record.algorithm or Algorithm.EDDSA),
        public_key=record.public_key,
        sealed_private_key=record.sealed_private_key,
        create_time=datetime_of(record.create_time),
        activate_time=datetime_of(record.activate_time),
        retire_time=datetime_of(record.retire_time) if record.HasField("retire_time") else None,
    )


SIGNING_KEY = Family[str](
    AUTH["key"],
    text("kid", 36),
    value=record("coditect.auth.records.v1.KeyRecord", 400),
    life="until the last token that it signed has expired",
)
KEY_REMOVALS = Family[()](AUTH["key_removals"], value=COUNTER, life="for ever", of=SIGNING_KEY)
"""How often all keys were removed at once; the replicas wait for a change of it."""
SIGNING_KEYS = Table(
    SIGNING_KEY, signing_keys_pb2.KeyRecord, key=lambda key: (key.kid,), fill=_fill, parse=_parse
)


async def signing_keys(tx: Read) -> list[SigningKey]:
    """All signing keys, the one that activates first in front."""
    page = await SIGNING_KEYS.page(tx, after=None, limit=100)
    return sorted(page.items, key=lambda key: key.activate_time)


def remove_signing_keys(tx: Write) -> None:
    """Removes all signing keys, so that no access token is good. Running replicas make a new one at once."""
    SIGNING_KEYS.clear_all(tx)
    tx.add(KEY_REMOVALS.key(), 1)
