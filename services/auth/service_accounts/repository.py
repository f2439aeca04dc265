"""How service accounts and their keys are stored."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import service_accounts_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.identity.scopes import OF_SERVICE_ACCOUNTS
from kernel.storage import Read, Write, counted
from kernel.storage.families import Family, record, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.service_accounts.model import ServiceAccount, ServiceAccountKey

MOST_KEYS_STORED = 1_000
"""More keys of an account than a setting allows, those that have expired included."""


def _fill_account(record: service_accounts_pb2.ServiceAccountRecord, new: ServiceAccount) -> None:
    record.account_id = str(new.account_id)
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.role = str(new.role)
    record.scopes[:] = sorted(new.scopes)
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.grant_id = str(new.grant_id)


def _parse_account(record: service_accounts_pb2.ServiceAccountRecord) -> ServiceAccount:
    return ServiceAccount(
        account_id=UUID(record.account_id),
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        role=Role.parse(record.role),
        scopes=frozenset(record.scopes) & OF_SERVICE_ACCOUNTS,
        create_time=datetime_of(record.create_time),
        grant_id=UUID(record.grant_id),
    )


def _fill_key(record: service_accounts_pb2.ServiceAccountKeyRecord, new: ServiceAccountKey) -> None:
    record.key_id = str(new.key_id)
    record.account_id = str(new.account_id)
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.secret_hash = new.secret_hash
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.created_by = "" if new.created_by is None else str(new.created_by)
    for name in ("last_used_time", "notice_time"):
        record.ClearField(name)
        if (value := getattr(new, name)) is not None:
            getattr(record, name).CopyFrom(timestamp(value))


def _parse_key(record: service_accounts_pb2.ServiceAccountKeyRecord) -> ServiceAccountKey:
    return ServiceAccountKey(
        key_id=UUID(record.key_id),
        account_id=UUID(record.account_id),
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        secret_hash=record.secret_hash,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        notice_time=datetime_of(record.notice_time) if record.HasField("notice_time") else None,
        created_by=UUID(record.created_by) if record.created_by else None,
        last_used_time=(
            datetime_of(record.last_used_time) if record.HasField("last_used_time") else None
        ),
    )


SERVICE_ACCOUNT = Family[UUID, UUID](
    AUTH["service_account"],
    uuid("tenant_id"),
    uuid("account_id"),
    value=record("coditect.auth.records.v1.ServiceAccountRecord", 800),
    life="until it is deleted, at most as the organization",
)
SERVICE_ACCOUNTS = Table(
    SERVICE_ACCOUNT,
    service_accounts_pb2.ServiceAccountRecord,
    key=lambda account: (account.tenant_id, account.account_id),
    fill=_fill_account,
    parse=_parse_account,
)
SERVICE_ACCOUNT_COUNT = SERVICE_ACCOUNTS.count(
    AUTH["service_account_count"],
    uuid("tenant_id"),
    keys=lambda account: [(account.tenant_id,)],
    life="as the accounts that it counts",
)

SERVICE_ACCOUNT_KEY = Family[UUID, UUID](
    AUTH["service_account_key"],
    uuid("account_id"),
    uuid("key_id"),
    value=record("coditect.auth.records.v1.ServiceAccountKeyRecord", 900),
    life="until it is revoked, or has expired, at most as the account",
)
SERVICE_ACCOUNT_KEYS = Table(
    SERVICE_ACCOUNT_KEY,
    service_accounts_pb2.ServiceAccountKeyRecord,
    key=lambda key: (key.account_id, key.key_id),
    fill=_fill_key,
    parse=_parse_key,
)
SERVICE_ACCOUNT_KEY_BY_ID = SERVICE_ACCOUNT_KEYS.index(
    AUTH["service_account_key_by_id"],
    uuid("key_id"),
    keys=lambda key: [(key.key_id,)],
    life="as the key",
)
SERVICE_ACCOUNT_KEY_BY_USER = SERVICE_ACCOUNT_KEYS.index(
    AUTH["service_account_key_by_user"],
    uuid("created_by"),
    uuid("account_id"),
    uuid("key_id"),
    keys=lambda key: (
        [] if key.created_by is None else [(key.created_by, key.account_id, key.key_id)]
    ),
    life="as the key, at most as the user who made it",
)
SERVICE_ACCOUNT_KEY_NOTICE = SERVICE_ACCOUNT_KEYS.index(
    AUTH["service_account_key_notice"],
    time("notice_time"),
    uuid("account_id"),
    uuid("key_id"),
    keys=lambda key: (
        []
        if key.notice_time is None
        else [(milliseconds(key.notice_time), key.account_id, key.key_id)]
    ),
    life="until its maker is told that the key ends",
)
SERVICE_ACCOUNT_KEYS.expiry(AUTH["service_account_key_expiry"], lambda key: key.expire_time)


async def number_of_accounts(tx: Read, tenant_id: UUID) -> int:
    """How many service accounts an organization has."""
    return counted(await tx.get(SERVICE_ACCOUNT_COUNT.key(tenant_id)))


async def keys_of(tx: Read, account_id: UUID) -> list[ServiceAccountKey]:
    """All keys of a service account, also those that have expired."""
    found = await SERVICE_ACCOUNT_KEYS.page(tx, account_id, after=None, limit=MOST_KEYS_STORED)
    return found.items


async def find_key(tx: Read, key_id: UUID) -> ServiceAccountKey | None:
    """A key by its id alone."""
    return await SERVICE_ACCOUNT_KEYS.find(tx, SERVICE_ACCOUNT_KEY_BY_ID, key_id)


async def keys_made_by(tx: Read, user_id: UUID, limit: int) -> Sequence[ServiceAccountKey]:
    """Keys that a user has made, `limit` at most."""
    rows = await tx.get_range(*SERVICE_ACCOUNT_KEY_BY_USER.range(user_id), limit=limit)
    found = [SERVICE_ACCOUNT_KEY_BY_USER.unpack(key)[1:] for key, _ in rows]
    return await SERVICE_ACCOUNT_KEYS.get_many(tx, found)


async def due_notices(tx: Read, now: datetime, limit: int) -> Sequence[ServiceAccountKey]:
    """Keys whose makers are to be told that they end, the first ones first."""
    return await SERVICE_ACCOUNT_KEYS.due(tx, SERVICE_ACCOUNT_KEY_NOTICE, now, limit)


async def clear_account(tx: Write, account: ServiceAccount) -> None:
    """Removes a service account with its keys, and has the other services erase what is its."""
    await SERVICE_ACCOUNT_KEYS.clear_some(tx, account.account_id, limit=MOST_KEYS_STORED)
    await SERVICE_ACCOUNTS.clear(tx, account)
    outbox.put_task(tx, OutboxTask(TaskKind.ERASE, account.account_id))
