"""How users are stored: their records, and the rows that keep e-mail addresses unique.

Every function takes a transaction. A write keeps the fields that a newer version has added to a
record.
"""

from uuid import UUID

from coditect.auth.records.v1 import users_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.errors import AccessTokenRevoked
from kernel.storage import KEY_BYTES, Read, Write
from kernel.storage.families import Family, Value, record, text, uuid
from services.auth.keys import AUTH
from services.auth.users.model import User

USER = Family[UUID](
    AUTH["user"],
    uuid("user_id"),
    value=record("coditect.auth.records.v1.UserRecord", 3_000),
    life="until the account is deleted",
)
EMAIL = Family[str](
    AUTH["email"],
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    value=Value("the user's id", 16),
    life="as the user",
    of=USER,
)


async def user(tx: Read, user_id: UUID) -> User | None:
    """The user of that id."""
    value = await tx.get(USER.key(user_id))
    return None if value is None else _user(users_pb2.UserRecord.FromString(value))


async def user_of_email(tx: Read, normalized_email: str) -> User | None:
    """The user of that e-mail address."""
    key = EMAIL.key(normalized_email)
    if len(key) > KEY_BYTES:  # too long for a stored address, and for a key
        return None
    value = await tx.get(key)
    return None if value is None else await user(tx, UUID(bytes=value))


def require_user(user: User | None) -> User:
    """The user behind a token. Raises `AccessTokenRevoked` if the account is gone."""
    if user is None:
        raise AccessTokenRevoked
    return user


async def put_user(tx: Write, new: User, normalized_email: str) -> None:
    """Writes a user with the row that keeps its e-mail address unique."""
    key = USER.key(new.user_id)
    record = users_pb2.UserRecord.FromString(await tx.get(key) or b"")
    _fill_user(record, new)
    tx.set(key, record.SerializeToString())
    tx.set(EMAIL.key(normalized_email), new.user_id.bytes)


def clear_user(tx: Write, old: User, normalized_email: str) -> None:
    """Removes a user and the row of its e-mail address."""
    tx.clear(USER.key(old.user_id))
    tx.clear(EMAIL.key(normalized_email))


def pack_user(old: User) -> bytes:
    """A user as an idempotency record keeps it: without the hash of the password."""
    record = users_pb2.UserRecord()
    _fill_user(record, old)
    record.ClearField("password_hash")
    return record.SerializeToString()


def parse_user(value: bytes) -> User:
    """The other way round of `pack_user`."""
    return _user(users_pb2.UserRecord.FromString(value))


def _fill_user(record: users_pb2.UserRecord, new: User) -> None:
    record.user_id = str(new.user_id)
    record.email = new.email
    record.password_hash = new.password_hash
    record.first_name = new.first_name
    record.last_name = new.last_name
    record.company = new.company
    record.password_revision = new.password_revision
    record.profile_revision = new.profile_revision
    record.active_tenant_id = "" if new.active_tenant_id is None else str(new.active_tenant_id)
    record.create_time.CopyFrom(timestamp(new.create_time))


def _user(record: users_pb2.UserRecord) -> User:
    return User(
        user_id=UUID(record.user_id),
        email=record.email,
        password_hash=record.password_hash,
        first_name=record.first_name,
        last_name=record.last_name,
        company=record.company,
        password_revision=record.password_revision,
        profile_revision=record.profile_revision,
        active_tenant_id=UUID(record.active_tenant_id) if record.active_tenant_id else None,
        create_time=datetime_of(record.create_time),
    )
