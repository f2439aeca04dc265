"""The clients of a tenant, as its admins see them."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenRevoked, InvalidRequest, TenantNotFound
from kernel.identity.callers import Call, Role
from kernel.storage import Store
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.oauth_clients import repository, secrets
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.errors import (
    ClientHasNoSecret,
    ClientLimitReached,
    ClientNotFound,
    InvalidClient,
)
from services.auth.oauth_clients.model import AuthMethod, ClientCredentials, OAuthClient
from services.auth.oauth_clients.repository import OAUTH_CLIENTS
from services.auth.oauth_clients.tenant_clients import ClientUpdate, TenantClients
from services.auth.service_accounts.model import ServiceAccount
from services.auth.service_accounts.repository import SERVICE_ACCOUNTS
from services.auth.settings import AuthSettings
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.auth.oauth_clients import harness as given
from tests.services.auth.oauth_clients.admins import URI, admin_of, call, metadata
from tests.services.auth.oauth_clients.harness import JWKS, basic, uuid_of
from tests.support.clock import START, FixedClock


@pytest.fixture
def settings() -> AuthSettings:
    """Settings with few clients for each tenant."""
    return make_settings(OAUTH_CLIENTS_PER_TENANT="3")


def reasons(error: pytest.ExceptionInfo[InvalidRequest]) -> dict[str, str]:
    """What is wrong with a request, by its field."""
    return {one.field: one.reason for one in error.value.violations}


async def all_of(clients: TenantClients, admin: Call) -> list[OAuthClient]:
    """The clients of a tenant, page by page."""
    found, token = await clients.list(admin, 2, "")
    while token:
        more, token = await clients.list(admin, 2, token)
        found = [*found, *more]
    return [*found]


def changes(clients: TenantClients, admin: Call, client_id: UUID) -> list[Any]:
    """Every use case that changes clients."""
    return [
        clients.create(admin, metadata()),
        clients.update(admin, client_id, ClientUpdate(name="Other")),
        clients.new_secret(admin, client_id, 0),
        clients.delete(admin, client_id),
    ]


async def test_a_new_client_shows_who_it_is_by_its_secret(
    clients: TenantClients, admin: Call, authentication: ClientAuthentication
) -> None:
    """The secret is shown once; the store has its digest alone."""
    new = await clients.create(admin, metadata())
    assert new.secret is not None
    assert new.secret.startswith("cdt_cs_")
    assert new.client.tenant_id == admin.tenant_id
    assert [one.digest for one in new.client.secrets] == [secrets.digest(new.secret)]
    shown = given.call(basic(new.client.client_id, new.secret))
    assert await authentication.authenticate(shown, ClientCredentials()) == new.client


@pytest.mark.parametrize("method", [AuthMethod.NONE, AuthMethod.PRIVATE_KEY_JWT])
async def test_other_clients_have_no_secret(
    method: AuthMethod, clients: TenantClients, admin: Call
) -> None:
    """A public client has none, and one with a key shows that."""
    keys = JWKS if method is AuthMethod.PRIVATE_KEY_JWT else None
    new = await clients.create(admin, metadata(auth_method=method, keys=keys))
    assert (new.secret, new.client.secrets) == (None, ())
    with pytest.raises(ClientHasNoSecret):
        await clients.new_secret(admin, uuid_of(new.client), 0)


async def test_clients_are_listed_and_read(clients: TenantClients, admin: Call) -> None:
    """In the order of their ids, page by page."""
    made = [(await clients.create(admin, metadata())).client for _ in range(3)]
    assert await all_of(clients, admin) == sorted(made, key=uuid_of)
    assert await clients.get(admin, uuid_of(made[1])) == made[1]


async def test_a_client_changes(clients: TenantClients, admin: Call, clock: FixedClock) -> None:
    """What is given takes the place of what was before; the rest, and the secret, stay."""
    client = (await clients.create(admin, metadata())).client
    update = ClientUpdate(name="Other", redirect_uris=(f"{URI}/2",), scopes=("openid", "email"))
    changed = await clients.update(admin, uuid_of(client), update)
    expected = replace(
        client,
        name="Other",
        redirect_uris=(f"{URI}/2",),
        scopes=frozenset({"openid", "email"}),
        redirect_time=clock.now(),
    )
    assert changed == await clients.get(admin, uuid_of(client)) == expected
    assert await clients.update(admin, uuid_of(client), ClientUpdate()) == expected


async def test_a_deleted_client_is_gone_with_its_tokens(
    clients: TenantClients,
    admin: Call,
    harness: AuthHarness,
    authentication: ClientAuthentication,
) -> None:
    """It is unknown at once, and its tokens are revoked, of every user."""
    new = await clients.create(admin, metadata())
    await clients.delete(admin, uuid_of(new.client))
    for attempt in (clients.get, clients.delete):
        with pytest.raises(ClientNotFound):
            await attempt(admin, uuid_of(new.client))
    shown = given.call(basic(new.client.client_id, new.secret or ""))
    with pytest.raises(InvalidClient):
        await authentication.authenticate(shown, ClientCredentials())
    last = (await harness.revoked())[-1]
    assert (last.user_id, last.source_id) == (None, UUID(new.client.client_id))


async def test_a_new_secret_takes_the_place_of_the_one_before(
    clients: TenantClients,
    admin: Call,
    clock: FixedClock,
    authentication: ClientAuthentication,
) -> None:
    """The one before is good for as long as was asked for; any older one ends at once."""
    new = await clients.create(admin, metadata())
    shown = [new.secret or ""]
    for keep_seconds in (60, 60):
        renewed = await clients.new_secret(admin, uuid_of(new.client), keep_seconds)
        shown.append(renewed.secret or "")

    async def good() -> list[bool]:
        found = []
        for secret in shown:
            try:
                header = given.call(basic(new.client.client_id, secret))
                await authentication.authenticate(header, ClientCredentials())
                found.append(True)
            except InvalidClient:
                found.append(False)
        return found

    assert await good() == [False, True, True]
    clock.advance(seconds=60)
    assert await good() == [False, False, True]
    await clients.new_secret(admin, uuid_of(new.client), 0)
    assert await good() == [False, False, False]


async def test_how_long_a_secret_stays_good_has_a_limit(
    clients: TenantClients, admin: Call
) -> None:
    """A week at most."""
    client = (await clients.create(admin, metadata())).client
    with pytest.raises(InvalidRequest) as refused:
        await clients.new_secret(admin, uuid_of(client), 604_801)
    assert reasons(refused) == {"keepSeconds": "OUT_OF_RANGE"}


async def test_a_tenant_has_a_number_of_clients(clients: TenantClients, admin: Call) -> None:
    """A deleted one makes room."""
    made = [(await clients.create(admin, metadata())).client for _ in range(3)]
    with pytest.raises(ClientLimitReached) as refused:
        await clients.create(admin, metadata())
    assert refused.value.metadata == {"limit": "3"}
    await clients.delete(admin, uuid_of(made[0]))
    await clients.create(admin, metadata())


async def test_the_number_is_exact(clients: TenantClients, admin: Call) -> None:
    """However many are made at the same time."""
    tries = [clients.create(admin, metadata()) for _ in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, ClientLimitReached) for answer in answers) == 5
    assert len(await all_of(clients, admin)) == 3


async def test_clients_of_other_tenants_are_not_found(
    clients: TenantClients, admin: Call, harness: AuthHarness, store: Store
) -> None:
    """Neither by admins of another tenant, nor under its name."""
    client = (await clients.create(admin, metadata())).client
    other = await admin_of(harness, "Bob@Example.com")
    assert await all_of(clients, other) == []
    client_id = uuid_of(client)
    attempts: list[Any] = [
        clients.get(other, client_id),
        clients.update(other, client_id, ClientUpdate(name="Mine")),
        clients.new_secret(other, client_id, 0),
        clients.delete(other, client_id),
    ]
    for attempt in attempts:
        with pytest.raises(ClientNotFound):
            await attempt
    assert await store.read(lambda tx: OAUTH_CLIENTS.get(tx, client_id)) == client


async def test_only_admins_may(clients: TenantClients, admin: Call, harness: AuthHarness) -> None:
    """Every use case asks tenants whether the caller may do it there."""
    client_id = uuid_of((await clients.create(admin, metadata())).client)
    del harness.memberships.of[admin.caller.user_id, admin.tenant_id]
    reads = [clients.list(admin, 10, ""), clients.get(admin, client_id)]
    for attempt in (*reads, *changes(clients, admin, client_id)):
        with pytest.raises(TenantNotFound):
            await attempt


async def test_a_login_that_has_ended_changes_nothing(
    clients: TenantClients, admin: Call, harness: AuthHarness
) -> None:
    """A token is trusted for a moment after its login has ended."""
    client_id = uuid_of((await clients.create(admin, metadata())).client)
    await harness.devices.log_out(admin)
    for attempt in changes(clients, admin, client_id):
        with pytest.raises(AccessTokenRevoked):
            await attempt


async def test_a_tenant_without_programs_gets_no_client(
    clients: TenantClients, admin: Call, harness: AuthHarness
) -> None:
    """Its policy says so."""
    key = (admin.caller.user_id, admin.tenant_id)
    harness.memberships.of[key] = replace(harness.memberships.of[key], programs_allowed=False)
    with pytest.raises(ProgramsNotAllowed):
        await clients.create(admin, metadata())


CLIENT_CREDENTIALS = ("client_credentials",)


async def test_a_client_with_a_service_account(
    clients: TenantClients, admin: Call, store: Store
) -> None:
    """It must be of the tenant, and goes with the grant type."""
    account = ServiceAccount(
        uuid4(), admin.tenant_id, "Build", Role.MEMBER, frozenset(), START, uuid4()
    )
    foreign = replace(account, account_id=uuid4(), tenant_id=uuid4())
    for one in (account, foreign):
        await store.write(lambda tx, one=one: SERVICE_ACCOUNTS.put(tx, one))  # type: ignore[misc]
    wanted = metadata(
        grant_types=CLIENT_CREDENTIALS, redirect_uris=(), service_account_id=account.account_id
    )
    client = (await clients.create(admin, wanted)).client
    assert client.service_account_id == account.account_id
    for unknown in (foreign.account_id, uuid4()):
        with pytest.raises(InvalidRequest) as refused:
            await clients.create(admin, replace(wanted, service_account_id=unknown))
        assert reasons(refused) == {"serviceAccountId": "NOT_FOUND"}
        update = ClientUpdate(service_account_id=unknown)
        with pytest.raises(InvalidRequest):
            await clients.update(admin, uuid_of(client), update)
    with pytest.raises(InvalidRequest) as refused:
        await clients.update(admin, uuid_of(client), ClientUpdate(no_service_account=True))
    assert reasons(refused) == {"serviceAccountId": "NOT_ALONE"}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"name": "Coditect"}, {"name": "RESERVED"}),
        ({"redirect_uris": ()}, {"redirectUris": "REQUIRED"}),
        ({"redirect_uris": ("http://x.example/",)}, {"redirectUris": "NOT_ALLOWED"}),
        ({"redirect_uris": ("http://127.0.0.1/",)}, {"redirectUris": "NOT_ALLOWED"}),
        ({"redirect_uris": (URI,) * 11}, {"redirectUris": "TOO_MANY"}),
        ({"grant_types": ()}, {"grantTypes": "REQUIRED"}),
        ({"grant_types": ("refresh_token",)}, {"grantTypes": "REQUIRED"}),
        ({"grant_types": ("password",)}, {"grantTypes": "UNKNOWN"}),
        (
            {"grant_types": ("client_credentials", "refresh_token")},
            {"grantTypes": "NOT_ALONE", "serviceAccountId": "NOT_ALONE"},
        ),
        (
            {"grant_types": CLIENT_CREDENTIALS, "auth_method": AuthMethod.NONE},
            {"grantTypes": "NOT_PUBLIC", "serviceAccountId": "NOT_ALONE"},
        ),
        ({"service_account_id": uuid4()}, {"serviceAccountId": "NOT_ALONE"}),
        ({"scopes": ()}, {"scopes": "UNKNOWN"}),
        ({"scopes": ("sessions:read", "login")}, {"scopes": "UNKNOWN"}),
        ({"scopes": ("everything",)}, {"scopes": "UNKNOWN"}),
        ({"keys": JWKS}, {"jwks": "NOT_ALONE"}),
        ({"auth_method": AuthMethod.PRIVATE_KEY_JWT}, {"jwks": "NOT_ALONE"}),
        (
            {"auth_method": AuthMethod.PRIVATE_KEY_JWT, "keys": {"keys": []}},
            {"jwks": "KEYS_INVALID"},
        ),
        (
            {"name": "coditect", "redirect_uris": ("x",), "scopes": ("x",)},
            {"name": "RESERVED", "redirectUris": "NOT_ALLOWED", "scopes": "UNKNOWN"},
        ),
    ],
)
async def test_what_a_client_may_not_be(
    values: dict[str, Any], reason: dict[str, str], clients: TenantClients, admin: Call
) -> None:
    """All that is wrong is named at once, by the names of the request."""
    with pytest.raises(InvalidRequest) as refused:
        await clients.create(admin, metadata(**values))
    assert reasons(refused) == reason
    assert await all_of(clients, admin) == []


async def test_another_redirect_uri_is_remembered(
    clients: TenantClients, admin: Call, clock: FixedClock
) -> None:
    """Its time is kept, so that no consent of before is good without asking; one that goes has none."""
    made = await clients.create(admin, metadata(redirect_uris=(URI, f"{URI}/2")))
    client_id = uuid_of(made.client)
    assert made.client.redirect_time is None
    for uris, told in ((URI,), False), ((URI, f"{URI}/3"), True):
        clock.advance(seconds=60)
        client = await clients.update(admin, client_id, ClientUpdate(redirect_uris=uris))
        assert client.redirect_time == (clock.now() if told else None)
    changed = client.redirect_time
    clock.advance(seconds=60)
    client = await clients.update(admin, client_id, ClientUpdate(name="Other"))
    assert (await clients.get(admin, client_id)).redirect_time == client.redirect_time == changed


async def test_a_change_keeps_to_the_same_rules(clients: TenantClients, admin: Call) -> None:
    """Together with what stays as it is."""
    client = (await clients.create(admin, metadata())).client
    for update in (
        ClientUpdate(name="Coditect"),
        ClientUpdate(redirect_uris=()),
        ClientUpdate(keys=JWKS),
        ClientUpdate(grant_types=CLIENT_CREDENTIALS),
    ):
        with pytest.raises(InvalidRequest):
            await clients.update(admin, uuid_of(client), update)
    assert await clients.get(admin, uuid_of(client)) == client


async def test_clients_of_a_self_tenant_go_with_the_account(
    clients: TenantClients, harness: AuthHarness, store: Store
) -> None:
    """Those of other tenants stay: they are not the user's."""
    result = await harness.register()
    own = call(harness.caller(result))
    mine = (await clients.create(own, metadata())).client
    other = await given.put(store, given.client())
    await harness.deletion.delete(harness.call(result), PASSWORD)
    assert await store.read(lambda tx: repository.registered(tx, uuid_of(mine))) is None
    assert await store.read(lambda tx: repository.registered(tx, uuid_of(other))) == other
