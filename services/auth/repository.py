"""The only file that knows how auth's things are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; what a
newer version has added to a record survives a write by this one.
"""

from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import (
    logins_pb2,
    registrations_pb2,
)
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.recipes.expiry import sweep
from services.auth import keys
from services.auth.model import Login, Registration
from services.auth.users import repository as users


async def login(tx: Read, user_id: UUID, login_id: UUID) -> Login | None:
    """The login of that id, if it is the user's."""
    value = await tx.get(keys.LOGIN.key(user_id, login_id))
    return None if value is None else _login(value)


async def logins(tx: Read, user_id: UUID, limit: int) -> list[Login]:
    """All logins of a user, `limit` at most."""
    rows = await tx.get_range(*keys.LOGIN.range(user_id), limit=limit)
    return [_login(value) for _, value in rows]


def parse_login(value: bytes) -> Login:
    """A login from the row of a page."""
    return _login(value)


async def put_login(tx: Write, new: Login) -> None:
    """Writes a login and the row that finds it once it has expired."""
    key = keys.LOGIN.key(new.user_id, new.login_id)
    old = await tx.get(key)
    record = logins_pb2.LoginRecord.FromString(old or b"")
    if old is not None:
        keys.LOGIN_EXPIRY.clear(tx, datetime_of(record.expire_time), key)
    record.login_id = str(new.login_id)
    record.user_id = str(new.user_id)
    record.tenant_id = str(new.tenant_id)
    record.role = str(new.role)
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.last_used_time.CopyFrom(timestamp(new.last_used_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.user_agent = new.device.user_agent
    record.address = new.device.address
    record.token_hash = new.token_hash
    record.previous_token_hash = new.previous_token_hash
    record.rotation_salt = new.rotation_salt
    record.rotate_time.CopyFrom(timestamp(new.rotate_time))
    tx.set(key, record.SerializeToString())
    keys.LOGIN_EXPIRY.put(tx, new.expire_time, key)


def clear_login(tx: Write, old: Login) -> None:
    """Removes a login and its expiry row."""
    key = keys.LOGIN.key(old.user_id, old.login_id)
    tx.clear(key)
    keys.LOGIN_EXPIRY.clear(tx, old.expire_time, key)


async def clear_expired_logins(tx: Write, now: datetime, limit: int) -> int:
    """Removes logins that have expired, `limit` at most, and says how many."""
    return await sweep(tx, keys.LOGIN_EXPIRY, now, limit)


def pack_registration(registration: Registration) -> bytes:
    """A registration as its idempotency record keeps it: without the hash of the password."""
    record = registrations_pb2.RegistrationRecord(
        login_id=str(registration.login_id),
        token_id=str(registration.token_id),
        refresh_salt=registration.refresh_salt,
        request_digest=registration.request_digest,
    )
    record.user.MergeFromString(users.pack_user(registration.user))
    return record.SerializeToString()


def parse_registration(value: bytes) -> Registration:
    """The other way round of `pack_registration`."""
    record = registrations_pb2.RegistrationRecord.FromString(value)
    return Registration(
        user=users.parse_user(record.user.SerializeToString()),
        login_id=UUID(record.login_id),
        token_id=UUID(record.token_id),
        refresh_salt=record.refresh_salt,
        request_digest=record.request_digest,
    )


def _login(value: bytes) -> Login:
    record = logins_pb2.LoginRecord.FromString(value)
    return Login(
        login_id=UUID(record.login_id),
        user_id=UUID(record.user_id),
        tenant_id=UUID(record.tenant_id),
        role=Role.parse(record.role),
        create_time=datetime_of(record.create_time),
        last_used_time=datetime_of(record.last_used_time),
        expire_time=datetime_of(record.expire_time),
        device=Device(record.user_agent, record.address),
        token_hash=record.token_hash,
        previous_token_hash=record.previous_token_hash,
        rotation_salt=record.rotation_salt,
        rotate_time=datetime_of(record.rotate_time),
    )
