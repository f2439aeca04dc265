"""The log of what was done in a tenant."""

from uuid import UUID

import pytest

from kernel.errors import RoleMissing
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members.errors import LastOwner
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import TenantsHarness, call
from tests.support.clock import START, FixedClock
from tests.support.store import rows_between


async def test_what_is_done_is_noted(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Who, with which login, what, to whom, when and from where, in the order of the commits."""
    bob = await harness.join(acme)
    ours = call(ada, acme)
    await harness.organizations.update(ours, TenantUpdate(name="New"))
    await harness.organizations.update(ours, TenantUpdate(state="suspended"))
    await harness.organizations.update(ours, TenantUpdate(state="active"))
    await harness.members.update(ours, bob.user_id, Role.ADMIN)
    await harness.members.remove(call(bob, acme), bob.user_id)
    noted = await harness.noted(ada, acme)
    assert [(one.action, one.user_id, one.target, one.detail) for one in noted] == [
        ("tenant.created", ada.user_id, None, ""),
        ("tenant.renamed", ada.user_id, None, "New"),
        ("tenant.suspended", ada.user_id, None, ""),
        ("tenant.resumed", ada.user_id, None, ""),
        ("member.role_changed", ada.user_id, bob.user_id, "admin"),
        ("member.left", bob.user_id, bob.user_id, ""),
    ]
    assert noted[0] == AuditEntry.by(call(ada), START, "tenant.created")
    assert noted[0].login_id == ada.login_id


async def test_what_fails_is_not_noted(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """An entry is there if the thing was done, and only then; what changes nothing leaves none."""
    before = await harness.noted(ada, acme)
    with pytest.raises(LastOwner):
        await harness.members.remove(call(ada, acme), ada.user_id)
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="Acme", state="active"))
    assert await harness.noted(ada, acme) == before


async def test_log_is_for_admins(harness: TenantsHarness, acme: UUID) -> None:
    """A mere member does not read it."""
    admin, member = await harness.join(acme, Role.ADMIN), await harness.join(acme)
    assert (await harness.audit.list(call(admin, acme, Role.ADMIN), 10, "")).items
    with pytest.raises(RoleMissing):
        await harness.audit.list(call(member, acme, Role.ADMIN), 10, "")


async def test_pages_of_the_log(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Every entry comes once, the oldest first, and none of another tenant."""
    await harness.found(ada)
    for number in range(6):
        await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(number)))
    found: list[list[str]] = []
    token = ""
    while not found or token:
        page = await harness.audit.list(call(ada, acme, Role.ADMIN), 3, token)
        found.append([entry.detail for entry in page.items])
        token = page.next_page_token
    assert found == [["", "0", "1"], ["2", "3", "4"], ["5"]]


async def test_old_entries_are_swept(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
) -> None:
    """After 400 whole days an entry goes, however many of its day, and no younger one."""
    other = await harness.found(ada, "Other")
    for number in range(250):
        await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(number)))
    clock.advance(days=1)
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="young"))
    clock.advance(days=399)
    await sweeper.sweep()
    assert len(await harness.noted(ada, acme)) == 252
    clock.advance(days=1)
    await sweeper.sweep()
    assert [entry.detail for entry in await harness.noted(ada, acme)] == ["young"]
    assert await harness.noted(ada, other) == []
    assert len(await rows_between(store, *audit.AUDIT_BY_DAY.range())) == 1


async def test_entries_out_of_order_are_swept(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
) -> None:
    """Clocks that differ at midnight leave nothing behind for ever."""
    for hours in (24, -24, 24):
        clock.advance(hours=hours)
        await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(hours)))
    for _ in range(3):
        clock.advance(days=401)
        await sweeper.sweep()
    assert await harness.noted(ada, acme) == []
    assert await rows_between(store, *audit.AUDIT_BY_DAY.range()) == []
