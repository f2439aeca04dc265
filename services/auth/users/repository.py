"""How users are stored: their records, and the rows that keep email addresses unique."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from coditect.auth.records.v1 import users_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES, normalized_email
from kernel.errors import AccessTokenRevoked
from kernel.storage import Read
from kernel.storage.families import Family, record, text, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.users.model import User

_TIMES: tuple[Literal["email_verify_time", "disable_time", "hold_time", "delete_time"], ...] = (
    "email_verify_time",
    "disable_time",
    "hold_time",
    "delete_time",
)


def _fill(record: users_pb2.UserRecord, new: User) -> None:
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
    record.language = new.language
    record.second_factor = new.second_factor
    record.operator = new.operator
    record.address_corrected = new.address_corrected
    for name in _TIMES:
        when: datetime | None = getattr(new, name)
        record.ClearField(name)
        if when is not None:
            getattr(record, name).CopyFrom(timestamp(when))


def _parse(record: users_pb2.UserRecord) -> User:
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
        language=record.language,
        second_factor=record.second_factor,
        operator=record.operator,
        address_corrected=record.address_corrected,
        **{name: datetime_of(getattr(record, name)) for name in _TIMES if record.HasField(name)},
    )


USER = Family[UUID](
    AUTH["user"],
    uuid("user_id"),
    value=record("coditect.auth.records.v1.UserRecord", 3_000),
    life="until the account is deleted",
)
USERS = Table(
    USER, users_pb2.UserRecord, key=lambda user: (user.user_id,), fill=_fill, parse=_parse
)
EMAIL = USERS.index(
    AUTH["email"],
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    keys=lambda user: [(normalized_email(user.email),)],
    life="as the user",
)


def _due_keys(user: User) -> list[tuple[int, UUID]]:
    """The row of an account that is to be erased; a legal hold takes it away until it ends."""
    if user.delete_time is None or user.held:
        return []
    return [(milliseconds(user.delete_time), user.user_id)]


USER_DELETION = USERS.index(
    AUTH["user_deletion"],
    time("delete_time"),
    uuid("user_id"),
    keys=_due_keys,
    life="until the account is erased, or a login undoes the deletion",
)


async def user_of_email(tx: Read, normalized_email: str) -> User | None:
    """The user of that email address."""
    return await USERS.find(tx, EMAIL, normalized_email)


def keys_of(user: User) -> list[bytes]:
    """The keys that a write of a new user reads."""
    return [USER.key(user.user_id), EMAIL.key(normalized_email(user.email))]


async def require_user(tx: Read, user_id: UUID) -> User:
    """The user behind a token. Raises `AccessTokenRevoked` if the account has been deleted."""
    user = await USERS.get(tx, user_id)
    if user is None:
        raise AccessTokenRevoked
    return user
