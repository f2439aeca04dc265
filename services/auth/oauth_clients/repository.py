"""How clients are stored, and the assertions that they have used."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import oauth_clients_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, counted
from kernel.storage.families import Family, digest, record, uuid
from kernel.storage.recipes.daily_quota import DailyQuota
from kernel.storage.recipes.paging import Page, page
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.oauth_clients.model import (
    AuthMethod,
    ClientOrigin,
    ClientSecret,
    GrantType,
    OAuthClient,
    SpentAssertion,
)

_RECORD = record("coditect.auth.records.v1.OAuthClientRecord", 20_000)


def _fill(record: oauth_clients_pb2.OAuthClientRecord, new: OAuthClient) -> None:
    record.client_id = new.client_id
    record.tenant_id = "" if new.tenant_id is None else str(new.tenant_id)
    record.name = new.name
    record.redirect_uris[:] = new.redirect_uris
    record.grant_types[:] = sorted(new.grant_types)
    record.scopes[:] = sorted(new.scopes)
    record.auth_method = new.auth_method
    record.jwks = new.jwks
    record.service_account_id = (
        "" if new.service_account_id is None else str(new.service_account_id)
    )
    del record.secrets[:]
    record.secrets.extend(map(_secret_record, new.secrets))
    record.ClearField("create_time")
    if new.create_time is not None:
        record.create_time.CopyFrom(timestamp(new.create_time))
    record.ClearField("expire_time")
    if new.expire_time is not None:
        record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.ClearField("redirect_time")
    if new.redirect_time is not None:
        record.redirect_time.CopyFrom(timestamp(new.redirect_time))


def _parser(origin: ClientOrigin) -> Callable[[oauth_clients_pb2.OAuthClientRecord], OAuthClient]:
    def parse(record: oauth_clients_pb2.OAuthClientRecord) -> OAuthClient:
        return OAuthClient(
            client_id=record.client_id,
            name=record.name,
            origin=origin,
            redirect_uris=tuple(record.redirect_uris),
            grant_types=frozenset(map(GrantType, record.grant_types)),
            scopes=frozenset(record.scopes),
            auth_method=AuthMethod(record.auth_method),
            tenant_id=UUID(record.tenant_id) if record.tenant_id else None,
            secrets=tuple(map(_secret, record.secrets)),
            jwks=record.jwks,
            service_account_id=(
                UUID(record.service_account_id) if record.service_account_id else None
            ),
            create_time=datetime_of(record.create_time),
            expire_time=(
                datetime_of(record.expire_time) if record.HasField("expire_time") else None
            ),
            redirect_time=(
                datetime_of(record.redirect_time) if record.HasField("redirect_time") else None
            ),
        )

    return parse


def _secret_record(secret: ClientSecret) -> oauth_clients_pb2.OAuthClientSecret:
    ends = secret.expire_time
    return oauth_clients_pb2.OAuthClientSecret(
        digest=secret.digest,
        create_time=timestamp(secret.create_time),
        expire_time=None if ends is None else timestamp(ends),
    )


def _secret(record: oauth_clients_pb2.OAuthClientSecret) -> ClientSecret:
    ends = datetime_of(record.expire_time) if record.HasField("expire_time") else None
    return ClientSecret(record.digest, datetime_of(record.create_time), ends)


def _end(client: OAuthClient) -> datetime:
    assert client.expire_time is not None, "a dynamic client has an end"
    return client.expire_time


OAUTH_CLIENT = Family[UUID](
    AUTH["oauth_client"],
    uuid("client_id"),
    value=_RECORD,
    life="until it is deleted; with the tenant at the latest",
)
OAUTH_CLIENTS: Table[OAuthClient] = Table(
    OAUTH_CLIENT,
    oauth_clients_pb2.OAuthClientRecord,
    key=lambda client: (UUID(client.client_id),),
    fill=_fill,
    parse=_parser(ClientOrigin.TENANT),
)
BY_TENANT = OAUTH_CLIENTS.index(
    AUTH["oauth_client_by_tenant"],
    uuid("tenant_id"),
    uuid("client_id"),
    keys=lambda client: [(client.tenant_id, UUID(client.client_id))],
    life="as the client",
)
"""The clients of a tenant."""
OAUTH_CLIENT_COUNT = OAUTH_CLIENTS.count(
    AUTH["oauth_client_count"],
    uuid("tenant_id"),
    keys=lambda client: [(client.tenant_id,)],
    life="as the clients of the tenant",
)

DYNAMIC_CLIENT = Family[UUID](
    AUTH["dynamic_client"],
    uuid("client_id"),
    value=_RECORD,
    life="until it was not used for 30 days, or for the life of a login if that is longer",
)
DYNAMIC_CLIENTS: Table[OAuthClient] = Table(
    DYNAMIC_CLIENT,
    oauth_clients_pb2.OAuthClientRecord,
    key=lambda client: (UUID(client.client_id),),
    fill=_fill,
    parse=_parser(ClientOrigin.DYNAMIC),
)
DYNAMIC_CLIENTS.expiry(AUTH["dynamic_client_expiry"], _end)

REGISTRATION_QUOTA = DailyQuota(AUTH["registration_quota"])
"""How many clients have registered themselves from a network in a day."""


def _fill_assertion(record: oauth_clients_pb2.SpentAssertionRecord, new: SpentAssertion) -> None:
    record.assertion_digest = new.digest
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _assertion(record: oauth_clients_pb2.SpentAssertionRecord) -> SpentAssertion:
    return SpentAssertion(record.assertion_digest, datetime_of(record.expire_time))


SPENT_ASSERTION = Family[bytes](
    AUTH["spent_assertion"],
    digest("assertion_digest", 32),
    value=record("coditect.auth.records.v1.SpentAssertionRecord", 60),
    life="until the assertion would have ended: five minutes at most",
)
SPENT_ASSERTIONS: Table[SpentAssertion] = Table(
    SPENT_ASSERTION,
    oauth_clients_pb2.SpentAssertionRecord,
    key=lambda spent: (spent.digest,),
    fill=_fill_assertion,
    parse=_assertion,
)
SPENT_ASSERTIONS.expiry(AUTH["spent_assertion_expiry"], lambda spent: spent.expire_time)


async def registered(tx: Read, client_id: UUID) -> OAuthClient | None:
    """The client with an id, of a tenant or dynamic."""
    keys = [OAUTH_CLIENT.key(client_id), DYNAMIC_CLIENT.key(client_id)]
    own, dynamic = await tx.get_many(keys)
    if own is not None:
        return OAUTH_CLIENTS.parse(own)
    return None if dynamic is None else DYNAMIC_CLIENTS.parse(dynamic)


async def of_tenant(
    tx: Read, tenant_id: UUID, after: bytes | None, limit: int
) -> Page[OAuthClient]:
    """A page of the clients of a tenant, in the order of their ids."""
    rows = await page(tx, *BY_TENANT.range(tenant_id), after=after, limit=limit)
    ids = [BY_TENANT.unpack(key)[1:] for key, _ in rows.items]
    return Page(await OAUTH_CLIENTS.get_many(tx, ids), rows.last_key)


async def count(tx: Read, tenant_id: UUID) -> int:
    """How many clients a tenant has."""
    return counted(await tx.get(OAUTH_CLIENT_COUNT.key(tenant_id)))
