"""How device logins are stored, what finds and counts them, and the counts of wrong user codes."""

from uuid import UUID

from coditect.auth.records.v1 import device_login_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.storage import Read, Write, counted
from kernel.storage.families import Family, digest, record, uuid
from kernel.storage.recipes.daily_quota import DailyQuota
from kernel.storage.recipes.table import Table
from services.auth.device_login.model import DeviceLogin, DeviceLoginState
from services.auth.keys import AUTH

MAC_BYTES = 16
_LIFE = "ten minutes; until a user has denied it and the device was told"
_ALL = 1000  # device logins that one user has answered within their life


def _fill(record: device_login_pb2.DeviceLoginRecord, new: DeviceLogin) -> None:
    record.device_login_id = str(new.device_login_id)
    record.code_hash = new.code_hash
    record.user_code_mac = new.user_code_mac
    record.client_id = new.client_id
    record.scopes[:] = sorted(new.scopes)
    record.user_agent = new.device.user_agent
    record.address = new.device.address
    record.network_mac = new.network_mac
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.interval_seconds = new.interval_seconds
    record.ClearField("poll_time")
    if new.poll_time is not None:
        record.poll_time.CopyFrom(timestamp(new.poll_time))
    record.state = new.state
    for name in ("user_id", "login_id", "tenant_id", "grant_id"):
        value: UUID | None = getattr(new, name)
        setattr(record, name, "" if value is None else str(value))


def _parse(record: device_login_pb2.DeviceLoginRecord) -> DeviceLogin:
    return DeviceLogin(
        device_login_id=UUID(record.device_login_id),
        code_hash=record.code_hash,
        user_code_mac=record.user_code_mac,
        client_id=record.client_id,
        scopes=frozenset(record.scopes),
        device=Device(record.user_agent, record.address),
        network_mac=record.network_mac,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        interval_seconds=record.interval_seconds,
        poll_time=datetime_of(record.poll_time) if record.HasField("poll_time") else None,
        state=DeviceLoginState(record.state),
        user_id=_uuid(record.user_id),
        login_id=_uuid(record.login_id),
        tenant_id=_uuid(record.tenant_id),
        grant_id=_uuid(record.grant_id),
    )


DEVICE_LOGIN = Family[UUID](
    AUTH["device_login"],
    uuid("device_login_id"),
    value=record("coditect.auth.records.v1.DeviceLoginRecord", 3_200),
    life=_LIFE,
)
DEVICE_LOGINS = Table(
    DEVICE_LOGIN,
    device_login_pb2.DeviceLoginRecord,
    key=lambda one: (one.device_login_id,),
    fill=_fill,
    parse=_parse,
)
DEVICE_LOGINS.expiry(AUTH["device_login_expiry"], lambda one: one.expire_time)
BY_USER_CODE = DEVICE_LOGINS.index(
    AUTH["device_login_by_user_code"],
    digest("user_code_mac", MAC_BYTES),
    keys=lambda one: [(one.user_code_mac,)] if one.is_pending else [],
    life="until a user has answered",
)
BY_USER = DEVICE_LOGINS.index(
    AUTH["device_login_by_user"],
    uuid("user_id"),
    uuid("device_login_id"),
    keys=lambda one: [] if one.user_id is None else [(one.user_id, one.device_login_id)],
    life="from the approval on",
)
BY_NETWORK = DEVICE_LOGINS.index(
    AUTH["device_login_by_network"],
    digest("network_mac", MAC_BYTES),
    uuid("device_login_id"),
    keys=lambda one: [(one.network_mac, one.device_login_id)],
    life="as the device login",
)
NETWORK_COUNT = DEVICE_LOGINS.count(
    AUTH["device_login_count"],
    digest("network_mac", MAC_BYTES),
    keys=lambda one: [(one.network_mac,)],
    life="as the device logins that it counts",
)

WRONG_USER_CODES = DailyQuota(AUTH["wrong_user_code"])
"""The wrong user codes of a day, by user and by network."""


async def number_of_network(tx: Read, network_mac: bytes) -> int:
    """How many device logins of a network there are."""
    return counted(await tx.get(NETWORK_COUNT.key(network_mac)))


async def clear_of_user(tx: Write, user_id: UUID) -> None:
    """Removes what a user has approved."""
    rows = await tx.get_range(*BY_USER.range(user_id), limit=_ALL)
    for key, _ in rows:
        _, device_login_id = BY_USER.unpack(key)
        found = await DEVICE_LOGINS.get(tx, device_login_id)
        if found is not None:
            await DEVICE_LOGINS.clear(tx, found)


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None
