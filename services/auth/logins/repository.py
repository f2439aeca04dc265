"""How logins are stored: their records, and the rows that find those that have expired.

A write keeps the fields that a newer version has added to a record.
"""

from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import logins_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.identity.devices import Device
from kernel.storage import Read, Write
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.expiry import Expiry, sweep
from services.auth.keys import AUTH
from services.auth.logins.model import Login

LOGIN = Family[UUID, UUID](
    AUTH["login"],
    uuid("user_id"),
    uuid("login_id"),
    value=record("coditect.auth.records.v1.LoginRecord", 1_700),
    life="until it is ended, LOGIN_IDLE_SECONDS after its last use, LOGIN_LIFE_SECONDS at most",
)
LOGIN_EXPIRY = Expiry(AUTH["login_expiry"], of=LOGIN)

# More logins of a user than any setting allows, so that a smaller setting leaves none out.
_MOST = 1000


async def login(tx: Read, user_id: UUID, login_id: UUID) -> Login | None:
    """The login of that id, if it is the user's."""
    value = await tx.get(LOGIN.key(user_id, login_id))
    return None if value is None else parse_login(value)


async def logins(tx: Read, user_id: UUID) -> list[Login]:
    """All logins of a user."""
    rows = await tx.get_range(*LOGIN.range(user_id), limit=_MOST)
    return [parse_login(value) for _, value in rows]


async def put_login(tx: Write, new: Login) -> None:
    """Writes a login and the row that finds it once it has expired."""
    key = LOGIN.key(new.user_id, new.login_id)
    old = await tx.get(key)
    record = logins_pb2.LoginRecord.FromString(old or b"")
    if old is not None:
        LOGIN_EXPIRY.clear(tx, datetime_of(record.expire_time), key)
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
    LOGIN_EXPIRY.put(tx, new.expire_time, key)


def clear_login(tx: Write, old: Login) -> None:
    """Removes a login and its expiry row."""
    key = LOGIN.key(old.user_id, old.login_id)
    tx.clear(key)
    LOGIN_EXPIRY.clear(tx, old.expire_time, key)


async def clear_expired_logins(tx: Write, now: datetime, limit: int) -> int:
    """Removes logins that have expired, `limit` at most, and says how many."""
    return await sweep(tx, LOGIN_EXPIRY, now, limit)


def parse_login(value: bytes) -> Login:
    """A login from its row, as a page of a list has it."""
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
