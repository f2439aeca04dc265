"""How passkeys are stored, and what finds and counts them."""

from hashlib import sha256
from uuid import UUID

from coditect.auth.records.v1 import passkeys_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Write, counted
from kernel.storage.families import Family, digest, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.passkeys.model import Passkey

CREDENTIAL_ID_BYTES = 1_023
"""The maximum bytes of the id of a passkey (WebAuthn Level 3, section 7.1)."""
PUBLIC_KEY_BYTES = 1_100
"""The maximum bytes of a public key: RSA with 8,192 bits."""
USER_HANDLE_BYTES = 64
"""The maximum bytes of the id of a user in a passkey (WebAuthn Level 3, section 5.4.3)."""
_MOST = 1_000  # more passkeys than a user may have


def _fill(record: passkeys_pb2.PasskeyRecord, new: Passkey) -> None:
    record.factor_id = str(new.factor_id)
    record.user_id = str(new.user_id)
    record.name = new.name
    record.credential_id = new.credential_id
    record.public_key = new.public_key
    record.sign_count = new.sign_count
    record.transports[:] = new.transports
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.user_handle = new.user_handle
    record.ClearField("last_used_time")
    if new.last_used_time is not None:
        record.last_used_time.CopyFrom(timestamp(new.last_used_time))


def _parse(record: passkeys_pb2.PasskeyRecord) -> Passkey:
    return Passkey(
        factor_id=UUID(record.factor_id),
        user_id=UUID(record.user_id),
        name=record.name,
        credential_id=record.credential_id,
        public_key=record.public_key,
        sign_count=record.sign_count,
        transports=tuple(record.transports),
        create_time=datetime_of(record.create_time),
        last_used_time=(
            datetime_of(record.last_used_time) if record.HasField("last_used_time") else None
        ),
        user_handle=record.user_handle,
    )


def _digest(credential_id: bytes) -> bytes:
    """What finds a passkey: the id itself may be too long for a key."""
    return sha256(credential_id).digest()


PASSKEY = Family[UUID, UUID](
    AUTH["passkey"],
    uuid("user_id"),
    uuid("factor_id"),
    value=record(
        "coditect.auth.records.v1.PasskeyRecord", CREDENTIAL_ID_BYTES + PUBLIC_KEY_BYTES + 800
    ),
    life="until it is removed; with the account at the latest",
)
PASSKEYS = Table(
    PASSKEY,
    passkeys_pb2.PasskeyRecord,
    key=lambda passkey: (passkey.user_id, passkey.factor_id),
    fill=_fill,
    parse=_parse,
)
BY_CREDENTIAL = PASSKEYS.index(
    AUTH["passkey_by_credential"],
    digest("credential_digest", 32),
    keys=lambda passkey: [(_digest(passkey.credential_id),)],
    life="as the passkey",
)
"""The passkey with a credential id, of whichever user."""
PASSKEY_COUNT = PASSKEYS.count(
    AUTH["passkey_count"],
    uuid("user_id"),
    keys=lambda passkey: [(passkey.user_id,)],
    life="as the passkeys of the user",
)


async def of_credential(tx: Read, credential_id: bytes) -> Passkey | None:
    """The passkey with a credential id, of whichever user."""
    return await PASSKEYS.find(tx, BY_CREDENTIAL, _digest(credential_id))


async def of_user(tx: Read, user_id: UUID) -> list[Passkey]:
    """The passkeys of a user, the oldest first."""
    found = (await PASSKEYS.page(tx, user_id, after=None, limit=_MOST)).items
    return sorted(found, key=lambda passkey: passkey.create_time)


async def count(tx: Read, user_id: UUID) -> int:
    """How many passkeys a user has."""
    return counted(await tx.get(PASSKEY_COUNT.key(user_id)))


async def clear_of_user(tx: Write, user_id: UUID) -> None:
    """Removes the passkeys of a user."""
    await PASSKEYS.clear_some(tx, user_id, limit=_MOST)
