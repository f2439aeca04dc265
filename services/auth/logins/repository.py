"""How logins are stored: their records, and the rows that find those that have expired."""

from uuid import UUID

from coditect.auth.records.v1 import logins_pb2
from kernel.clock import datetime_of, timestamp
from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import FIRST_PARTY, Role
from kernel.identity.devices import Device
from kernel.identity.scopes import ALL, GRANTABLE
from kernel.storage import Read
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.logins.model import PASSWORD_ALONE, Login, LoginLimits, Method

# More logins of a user than any setting allows, so that a smaller setting leaves none out.
_MOST = 1000
_METHODS = {method.value: method for method in Method}
"""The methods that this version knows; a later one may have stored others, which stay."""


def _fill(record: logins_pb2.LoginRecord, new: Login) -> None:
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
    record.device_id = new.device_id.bytes
    record.auth_time.CopyFrom(timestamp(new.auth_time))
    later = {one for one in record.authentication_methods if one not in _METHODS}
    record.authentication_methods[:] = sorted({*new.methods, *later})
    record.tenant_idle_seconds = new.limits.idle or 0
    record.tenant_life_seconds = new.limits.life or 0
    if new.is_grant:
        record.client_id = new.client_id
        record.scopes[:] = sorted(new.scopes)


def _parse(record: logins_pb2.LoginRecord) -> Login:
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
        device_id=UUID(bytes=record.device_id or UUID(record.login_id).bytes),
        auth_time=datetime_of(record.auth_time),
        limits=LoginLimits(record.tenant_idle_seconds or None, record.tenant_life_seconds or None),
        methods=frozenset(_METHODS[one] for one in record.authentication_methods if one in _METHODS)
        or PASSWORD_ALONE,
        client_id=record.client_id or FIRST_PARTY,
        scopes=frozenset(record.scopes) & GRANTABLE if record.client_id else ALL,
    )


LOGIN = Family[UUID, UUID](
    AUTH["login"],
    uuid("user_id"),
    uuid("login_id"),
    value=record("coditect.auth.records.v1.LoginRecord", 4_200),
    life="until it is ended, LOGIN_IDLE_SECONDS after its last use, LOGIN_LIFE_SECONDS at most",
)
LOGINS = Table(
    LOGIN,
    logins_pb2.LoginRecord,
    key=lambda login: (login.user_id, login.login_id),
    fill=_fill,
    parse=_parse,
)
LOGIN_EXPIRY = LOGINS.expiry(AUTH["login_expiry"], lambda login: login.expire_time)


async def require_login(tx: Read, user_id: UUID, login_id: UUID) -> Login:
    """The login behind an access token. Raises `AccessTokenRevoked` if it has ended."""
    login = await LOGINS.get(tx, user_id, login_id)
    if login is None:
        raise AccessTokenRevoked
    return login


async def logins_of(tx: Read, user_id: UUID) -> list[Login]:
    """All logins of a user."""
    return (await LOGINS.page(tx, user_id, after=None, limit=_MOST)).items
