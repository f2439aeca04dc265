"""How one-time tokens are stored, and the rows that find them."""

from collections.abc import Container, Iterable
from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import one_time_tokens_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Write
from kernel.storage.families import Family, digest, record, text, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.one_time_tokens.model import OneTimeToken, Purpose, address_digest

PAYLOAD_BYTES = 2_900
"""The maximum bytes of a payload: a sealed registration with names of four bytes a character."""
_OF_ADDRESS = 100  # more tokens than an address has alive
_OF_USER = (
    1_000  # more than a user has, who changes the address as often as the emails of a day allow
)


def _fill(record: one_time_tokens_pb2.OneTimeTokenRecord, new: OneTimeToken) -> None:
    record.token_id = str(new.token_id)
    record.purpose = new.purpose.value
    record.address_digest = new.address_digest
    record.user_id = "" if new.user_id is None else str(new.user_id)
    record.token_hash = new.token_hash
    record.code_mac = new.code_mac
    record.wrong_codes = new.wrong_codes
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.payload = new.payload


def _parse(record: one_time_tokens_pb2.OneTimeTokenRecord) -> OneTimeToken:
    return OneTimeToken(
        token_id=UUID(record.token_id),
        purpose=Purpose(record.purpose),
        address_digest=record.address_digest,
        user_id=UUID(record.user_id) if record.user_id else None,
        token_hash=record.token_hash,
        code_mac=record.code_mac,
        wrong_codes=record.wrong_codes,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        payload=record.payload,
    )


def _user_keys(token: OneTimeToken) -> list[tuple[UUID, UUID]]:
    return [] if token.user_id is None else [(token.user_id, token.token_id)]


ONE_TIME_TOKEN = Family[UUID](
    AUTH["one_time_token"],
    uuid("token_id"),
    value=record("coditect.auth.records.v1.OneTimeTokenRecord", PAYLOAD_BYTES + 300),
    life="until it is used or expires, UNDO_EMAIL_SECONDS at most",
)
ONE_TIME_TOKENS = Table(
    ONE_TIME_TOKEN,
    one_time_tokens_pb2.OneTimeTokenRecord,
    key=lambda token: (token.token_id,),
    fill=_fill,
    parse=_parse,
)
ONE_TIME_TOKEN_EXPIRY = ONE_TIME_TOKENS.expiry(
    AUTH["one_time_token_expiry"], lambda token: token.expire_time
)
BY_SECRET = ONE_TIME_TOKENS.index(
    AUTH["one_time_token_by_secret"],
    digest("token_hash", 32),
    keys=lambda token: [(token.token_hash,)],
    life="as the token",
)
BY_ADDRESS = ONE_TIME_TOKENS.index(
    AUTH["one_time_token_by_address"],
    text("purpose", 20),
    digest("address_digest", 32),
    time("create_time"),
    uuid("token_id"),
    keys=lambda token: [
        (
            token.purpose.value,
            token.address_digest,
            milliseconds(token.create_time),
            token.token_id,
        )
    ],
    life="as the token",
)
"""The tokens of an address for a purpose, the oldest first."""
BY_USER = ONE_TIME_TOKENS.index(
    AUTH["one_time_token_by_user"],
    uuid("user_id"),
    uuid("token_id"),
    keys=_user_keys,
    life="as the token",
)


async def of_address(tx: Read, purpose: Purpose, address_digest: bytes) -> list[OneTimeToken]:
    """The tokens of an address for a purpose, the oldest first; also those that have expired."""
    rows = await tx.get_range(*BY_ADDRESS.range(purpose.value, address_digest), limit=_OF_ADDRESS)
    return await ONE_TIME_TOKENS.get_many(tx, [(BY_ADDRESS.unpack(key)[-1],) for key, _ in rows])


async def clear_of_address(tx: Write, normalized_email: str, purposes: Iterable[Purpose]) -> None:
    """Removes the tokens that were mailed to an address for some purposes."""
    for purpose in purposes:
        for token in await of_address(tx, purpose, address_digest(normalized_email)):
            await ONE_TIME_TOKENS.clear(tx, token)


async def of_user(tx: Read, user_id: UUID) -> list[OneTimeToken]:
    """The tokens that are for a user, also those that have expired."""
    rows = await tx.get_range(*BY_USER.range(user_id), limit=_OF_USER)
    return await ONE_TIME_TOKENS.get_many(tx, [(BY_USER.unpack(key)[-1],) for key, _ in rows])


async def clear_of_user(tx: Write, user_id: UUID, but: Container[Purpose] = ()) -> None:
    """Removes the tokens that are for a user, but those of some purposes."""
    for token in await of_user(tx, user_id):
        if token.purpose not in but:
            await ONE_TIME_TOKENS.clear(tx, token)


async def clear_expired(tx: Write, now: datetime, limit: int) -> int:
    """Removes tokens that have expired, `limit` at most; says how many."""
    return await ONE_TIME_TOKENS.clear_expired(tx, now, limit)
