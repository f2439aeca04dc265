"""Who sets up a webhook, and what of it an admin sees."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kernel.errors import InvalidRequest, RoleMissing, ServiceError
from kernel.identity.callers import Caller, Role
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.settings import PrivateAddresses
from services.tenants.webhooks import repository
from services.tenants.webhooks.errors import FailedDeliveryNotFound, WebhookNotFound
from services.tenants.webhooks.model import WebhookUpdate
from services.tenants.webhooks.replay import Wanted
from services.tenants.webhooks.sending import Message, WebhookSender
from services.tenants.webhooks.urls import is_good, reaches
from tests.services.tenants.harness import TenantsHarness, call, rows
from tests.services.tenants.webhooks.harness import create
from tests.support.receiver import Receiver
from tests.support.store import rows_between

URL = "https://hooks.example.com/in?key=secret"


async def test_an_admin_sets_up_a_webhook(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Admins see it, without the secret; the log says so, without the path of the URL."""
    bob = await harness.join(acme, Role.ADMIN)
    made = await create(harness, bob, acme, URL)
    assert made.secret.startswith("whsec_")
    found = await harness.webhooks.list(call(ada, acme, Role.ADMIN), 10, "")
    assert found.items == [made.state]
    admin = call(ada, acme, Role.ADMIN)
    assert await harness.webhooks.get(admin, made.state.webhook.webhook_id) == made.state
    entry = (await harness.noted(ada, acme))[-1]
    assert (entry.action, entry.user_id) == ("webhook.created", bob.user_id)
    assert (entry.detail, entry.target_name) == ("hooks.example.com", "Hook")
    assert entry.target == made.state.webhook.webhook_id


async def test_the_store_has_no_readable_secret(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Neither as text nor as bytes."""
    made = await create(harness, ada, acme, URL)
    ((_, value),) = await rows_between(harness.store, *repository.WEBHOOK.range(acme))
    secret = harness.runtime.seal.open(made.state.webhook.sealed_secret)
    assert secret not in value
    assert made.secret.removeprefix("whsec_").encode() not in value


async def test_who_may_not(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """A member sees and changes no webhook, and a self-tenant has none."""
    made = await create(harness, ada, acme, URL)
    webhook_id = made.state.webhook.webhook_id
    bob = call(await harness.join(acme), acme, Role.ADMIN)
    for refused in (
        harness.webhooks.create(bob, "Hook", URL),
        harness.webhooks.list(bob, 10, ""),
        harness.webhooks.get(bob, webhook_id),
        harness.webhooks.update(bob, webhook_id, WebhookUpdate(name="x")),
        harness.webhooks.delete(bob, webhook_id),
        harness.webhooks.rotate_secret(bob, webhook_id),
        harness.webhook_test.send(bob, webhook_id),
        harness.replay.list(bob, webhook_id, 10, ""),
        harness.replay.replay(bob, webhook_id, Wanted(None, "")),
    ):
        with pytest.raises(RoleMissing):
            await refused


async def test_a_self_tenant_has_no_webhook(harness: TenantsHarness, caller: Caller) -> None:
    """It is for one person, who can ask for the events."""
    own = call(caller, caller.tenant_id)
    await harness.self_tenants.ensure(caller.user_id, harness.clock.now())
    with pytest.raises(SelfTenantImmutable):
        await harness.webhooks.create(own, "Hook", URL)


async def test_another_organization_has_no_such_webhook(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Its id leads nowhere there."""
    made = await create(harness, ada, acme, URL)
    other = call(ada, await harness.found(ada, "Other"), Role.ADMIN)
    for webhook_id in (made.state.webhook.webhook_id, uuid4()):
        for refused in (
            harness.webhooks.get(other, webhook_id),
            harness.webhooks.update(other, webhook_id, WebhookUpdate(name="x")),
            harness.webhooks.delete(other, webhook_id),
            harness.webhooks.rotate_secret(other, webhook_id),
            harness.webhook_test.send(other, webhook_id),
            harness.replay.list(other, webhook_id, 10, ""),
            harness.replay.replay(other, webhook_id, Wanted(None, "")),
        ):
            with pytest.raises(WebhookNotFound):
                await refused


async def test_an_organization_has_few_webhooks(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """One more than the limit is refused; a deleted one makes room."""
    made = [await create(harness, ada, acme, URL) for _ in range(10)]
    with pytest.raises(ServiceError) as refused:
        await create(harness, ada, acme, URL)
    assert (refused.value.reason, refused.value.metadata) == (
        "WEBHOOK_LIMIT_REACHED",
        {"limit": "10"},
    )
    admin = call(ada, acme, Role.ADMIN)
    await harness.webhooks.delete(admin, made[0].state.webhook.webhook_id)
    await create(harness, ada, acme, URL)


async def test_a_change(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """The log says what changed; what stays as it is is no change."""
    made = await create(harness, ada, acme, URL)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    for changes in (
        WebhookUpdate(name="Other", url="https://b.example.com/"),
        WebhookUpdate(enabled=False),
        WebhookUpdate(enabled=False, name="Other"),
        WebhookUpdate(enabled=True),
    ):
        await harness.webhooks.update(admin, webhook_id, changes)
    entries = (await harness.noted(ada, acme))[-3:]
    assert [one.detail for one in entries] == ["name, url at b.example.com", "disabled", "enabled"]
    assert {one.action for one in entries} == {"webhook.updated"}
    found = await harness.webhooks.get(admin, webhook_id)
    assert (found.webhook.url, found.progress.disabled_reason) == ("https://b.example.com/", "")


async def test_a_test_reaches_the_receiver_at_once(
    harness: TenantsHarness, ada: Caller, acme: UUID, receiver: Receiver
) -> None:
    """Also that of a disabled webhook; the answer says how it was taken."""
    made = await create(harness, ada, acme, receiver.url)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    await harness.webhooks.update(admin, webhook_id, WebhookUpdate(enabled=False))
    receiver.statuses = [200, 503]
    for status, delivered in ((200, True), (503, False)):
        outcome = await harness.webhook_test.send(admin, webhook_id)
        assert (outcome.status, outcome.delivered) == (status, delivered)
    await receiver.stop()
    assert (await harness.webhook_test.send(admin, webhook_id)).status == 0
    assert receiver.got[0].event["type"] == "webhook.test"


async def test_replays_that_cannot_be(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """An event that did not fail, and an event together with a cursor."""
    made = await create(harness, ada, acme, URL)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    with pytest.raises(FailedDeliveryNotFound):
        await harness.replay.replay(admin, webhook_id, Wanted(uuid4(), ""))
    cursor = (await harness.events.list(admin, 1, "")).next_cursor
    with pytest.raises(InvalidRequest):
        await harness.replay.replay(admin, webhook_id, Wanted(uuid4(), cursor))


async def test_the_webhooks_of_a_deleted_organization_go(
    harness: TenantsHarness, ada: Caller, acme: UUID, sweeper: Sweeper
) -> None:
    """No row is left of them."""
    await create(harness, ada, acme, URL)
    await harness.organizations.delete(call(ada, acme))
    await sweeper.sweep()
    kinds = (b"webhook", b"failed_delivery", b"audit_changed", b"audit_removed")
    left = [key for key in await rows(harness.store) if any(kind in key for kind in kinds)]
    assert left == []


async def test_a_deleted_webhook_leaves_no_row(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Only the log knows of it."""
    made = await create(harness, ada, acme, URL)
    await harness.webhooks.delete(call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id)
    assert [key for key in await rows(harness.store) if b"webhook" in key] == []


async def test_the_old_secret_lives_for_a_day(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It is the one before; the one before that is gone."""
    made = await create(harness, ada, acme, URL)
    admin, webhook_id = call(ada, acme, Role.ADMIN), made.state.webhook.webhook_id
    second = await harness.webhooks.rotate_secret(admin, webhook_id)
    third = await harness.webhooks.rotate_secret(admin, webhook_id)
    webhook = third.state.webhook
    assert webhook.sealed_old_secret == second.state.webhook.sealed_secret
    assert webhook.old_secret_expire_time == harness.clock.now() + timedelta(days=1)
    assert len({made.secret, second.secret, third.secret}) == 3


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.example.com/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::1]/",
        "https://user:pass@hooks.example.com/",
        "https://hooks.example.com/#x",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/ x",
        "https://hooks.example.com/\n",
        "https://hooks.éxample.com/",
        "ftp://hooks.example.com/",
        "https:///x",
        "x",
        f"https://hooks.example.com/{'x' * 500}",
    ],
)
def test_urls_that_a_webhook_cannot_have(url: str) -> None:
    """Only https to a host name; the connection then goes to public addresses alone."""
    assert not is_good(url, "refused")
    assert is_good("https://hooks.example.com:8443/x?y=%20", "refused")


@pytest.mark.parametrize(
    ("url", "loopback", "allowed"),
    [
        ("http://localhost:9000/in", True, True),
        ("http://127.0.0.1/", True, True),
        ("http://127.9.9.9/", True, True),
        ("https://[::1]:8443/", True, True),
        ("http://hooks/", False, True),
        ("http://10.0.0.1/", False, True),
        ("http://169.254.169.254/latest/meta-data/", False, True),
        ("http://[fd00:ec2::254]/", False, True),
        ("http://[::ffff:169.254.169.254]/", False, True),
        ("http://0.0.0.0/", False, True),
        ("http://2130706433/", False, True),
        ("http://localhost.example.com/", False, True),
        ("http://hooks.example.com/", False, True),
        ("https://hooks.example.com/", True, True),
        ("ftp://localhost/", False, False),
        ("http://user:pass@localhost/", False, False),
        ("http://[::1]280/", False, False),
        ("https://hooks<x>.localhost/", False, False),
    ],
)
def test_urls_where_private_addresses_are_allowed(url: str, loopback: bool, allowed: bool) -> None:
    """A developer's machine adds itself, and nothing around it, such as a cloud's metadata."""
    assert is_good(url, "loopback") is loopback
    assert is_good(url, "allowed") is allowed


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("127.0.0.1", {"loopback", "allowed"}),
        ("::1", {"loopback", "allowed"}),
        ("169.254.169.254", {"allowed"}),
        ("10.0.0.1", {"allowed"}),
        ("0.0.0.0", {"allowed"}),  # noqa: S104 - nothing listens on it here
        ("fd00:ec2::254", {"allowed"}),
        ("::ffff:169.254.169.254", {"allowed"}),
        ("fe80::1%lo", {"allowed"}),
        ("1.1.1.1", {"refused", "loopback", "allowed"}),
    ],
)
def test_addresses_that_events_are_sent_to(address: str, reached: set[PrivateAddresses]) -> None:
    """A host whose address is private is reached only where that is allowed, whatever its name is."""
    words: tuple[PrivateAddresses, ...] = ("refused", "loopback", "allowed")
    assert {word for word in words if reaches(address, word)} == reached


@pytest.mark.parametrize(("word", "status"), [("refused", 0), ("loopback", 204), ("allowed", 204)])
async def test_a_receiver_on_this_machine(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    receiver: Receiver,
    word: PrivateAddresses,
    status: int,
) -> None:
    """It gets events where the setting admits it; a change of the setting counts for old webhooks."""
    made = await create(harness, ada, acme, receiver.url)
    sender = WebhookSender(harness.runtime, private=word, connections=1)
    sent = await sender.send(made.state.webhook, Message(uuid4(), b'{"type": "test"}'))
    assert sent.status == status
