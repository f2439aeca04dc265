"""What the logs of users and organizations say of changes of clients."""

from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth.oauth_clients.tenant_clients import ClientUpdate, TenantClients
from services.auth.security_log.model import Event
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth_clients.admins import call, metadata
from tests.services.auth.oauth_clients.harness import uuid_of
from tests.support.audit_events import waiting_events


async def test_changes_are_in_the_log_of_who_made_them(
    clients: TenantClients, admin: Call, harness: AuthHarness
) -> None:
    """A change that changes nothing is not."""
    client_id = uuid_of((await clients.create(admin, metadata())).client)
    await clients.update(admin, client_id, ClientUpdate(name="Other"))
    await clients.update(admin, client_id, ClientUpdate(name="Other"))
    await clients.new_secret(admin, client_id, 0)
    await clients.delete(admin, client_id)
    assert (await harness.events(admin.caller))[:5] == [
        Event.CLIENT_DELETED,
        Event.CLIENT_SECRET_CREATED,
        Event.CLIENT_CHANGED,
        Event.CLIENT_CREATED,
        Event.LOGIN_STARTED,
    ]


async def test_the_audit_log_gets_every_change(
    clients: TenantClients, admin: Call, store: Store
) -> None:
    """With the name of the client after it; a change that changes nothing is none."""
    client_id = uuid_of((await clients.create(admin, metadata())).client)
    for _ in range(2):
        await clients.update(admin, client_id, ClientUpdate(name="Other"))
    await clients.new_secret(admin, client_id, 0)
    await clients.delete(admin, client_id)
    events = await waiting_events(store)
    assert [(one.action, one.target_name) for one in events] == [
        ("client.created", "Robot"),
        ("client.updated", "Other"),
        ("client.secret_created", "Other"),
        ("client.deleted", "Other"),
    ]
    assert {(one.tenant_id, one.user_id, one.target_id) for one in events} == {
        (admin.tenant_id, admin.caller.user_id, client_id)
    }


async def test_a_self_tenant_keeps_no_audit_log(
    clients: TenantClients, harness: AuthHarness, store: Store
) -> None:
    """What its user does there is in the user's security log alone."""
    result = await harness.register()
    caller = harness.caller(result)
    await clients.create(call(caller), metadata())
    assert Event.CLIENT_CREATED in await harness.events(caller)
    assert await waiting_events(store) == []
