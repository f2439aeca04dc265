"""How signing keys are stored."""

from coditect.auth.records.v1 import signing_keys_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Write
from kernel.storage.families import Family, record, text
from services.auth.keys import AUTH
from services.auth.signing_keys.model import SigningKey

SIGNING_KEY = Family[str](
    AUTH["key"],
    text("kid", 36),
    value=record("coditect.auth.records.v1.KeyRecord", 400),
    life="until the last token that it signed has expired",
)


async def signing_keys(tx: Read) -> list[SigningKey]:
    """All signing keys, the one that activates first in front."""
    rows = await tx.get_range(*SIGNING_KEY.range(), limit=100)
    found = [_signing_key(signing_keys_pb2.KeyRecord.FromString(value)) for _, value in rows]
    return sorted(found, key=lambda key: key.activate_time)


async def put_signing_key(tx: Write, new: SigningKey) -> None:
    """Writes a signing key."""
    key = SIGNING_KEY.key(new.kid)
    record = signing_keys_pb2.KeyRecord.FromString(await tx.get(key) or b"")
    record.kid = new.kid
    record.public_key = new.public_key
    record.sealed_private_key = new.sealed_private_key
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.activate_time.CopyFrom(timestamp(new.activate_time))
    if new.retire_time is not None:
        record.retire_time.CopyFrom(timestamp(new.retire_time))
    tx.set(key, record.SerializeToString())


def clear_signing_key(tx: Write, old: SigningKey) -> None:
    """Removes a signing key."""
    tx.clear(SIGNING_KEY.key(old.kid))


def _signing_key(record: signing_keys_pb2.KeyRecord) -> SigningKey:
    return SigningKey(
        kid=record.kid,
        public_key=record.public_key,
        sealed_private_key=record.sealed_private_key,
        create_time=datetime_of(record.create_time),
        activate_time=datetime_of(record.activate_time),
        retire_time=datetime_of(record.retire_time) if record.HasField("retire_time") else None,
    )
