"""The audit log of a tenant."""

from dataclasses import replace
from uuid import UUID

import pytest

from kernel.errors import PageTokenInvalid, RoleMissing
from kernel.identity.callers import Caller, Role
from kernel.identity.programs import NO_PROGRAM, Program
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.members.errors import LastOwner
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import TenantsHarness, call, person
from tests.support.clock import START, FixedClock
from tests.support.store import rows_between


async def test_the_audit_log_records_actions_in_order(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """An entry has actor, login, action, target, detail, time and device."""
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


async def test_an_entry_names_the_program_that_acted(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Its client, token and agent; the user's own login is none."""
    token_id = UUID(int=9, version=4)
    program = replace(ada, client_id="coditect-cli", token_id=token_id, agent="reviewer")
    await harness.organizations.update(call(program, acme), TenantUpdate(name="New"))
    first, last = await harness.noted(ada, acme)
    assert (first.program, last.program) == (
        NO_PROGRAM,
        Program("coditect-cli", token_id, "reviewer"),
    )
    assert (last.user_id, last.by_service_account) == (ada.user_id, False)


async def test_an_entry_of_a_service_account_names_no_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """So the erasure of users has no row of it."""
    account = replace(person(), is_service_account=True, token_id=UUID(int=9, version=4))
    entry = AuditEntry.by(call(account, acme), START, "tenant.renamed")

    async def write(tx: Write) -> None:
        audit.append(tx, acme, entry)

    await store.write(write)
    assert (await harness.noted(ada, acme))[-1] == entry
    assert (entry.user_id, entry.by_service_account, entry.users) == (account.user_id, True, set())
    assert await rows_between(store, *audit.AUDIT_BY_USER.range(account.user_id)) == []


async def test_a_call_that_changes_nothing_adds_no_entry(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It is refused, or sets values that are set already."""
    before = await harness.noted(ada, acme)
    with pytest.raises(LastOwner):
        await harness.members.remove(call(ada, acme), ada.user_id)
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="Acme", state="active"))
    assert await harness.noted(ada, acme) == before


async def test_only_admins_read_the_audit_log(harness: TenantsHarness, acme: UUID) -> None:
    """The service refuses a member."""
    admin, member = await harness.join(acme, Role.ADMIN), await harness.join(acme)
    assert (await harness.audit.list(call(admin, acme, Role.ADMIN), 10, "")).items
    with pytest.raises(RoleMissing):
        await harness.audit.list(call(member, acme, Role.ADMIN), 10, "")


@pytest.mark.parametrize(
    ("newest_first", "pages"),
    [
        (False, [["", "0", "1"], ["2", "3", "4"], ["5"]]),
        (True, [["5", "4", "3"], ["2", "1", "0"], [""]]),
    ],
)
async def test_the_audit_log_is_listed_in_pages(
    harness: TenantsHarness, ada: Caller, acme: UUID, *, newest_first: bool, pages: list[list[str]]
) -> None:
    """Every entry comes once, the oldest or the newest first, and none of another tenant."""
    await harness.found(ada)
    for number in range(6):
        await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(number)))
    found: list[list[str]] = []
    token = ""
    while not found or token:
        page = await harness.audit.list(
            call(ada, acme, Role.ADMIN), 3, token, newest_first=newest_first
        )
        found.append([entry.detail for entry in page.items])
        token = page.next_page_token
    assert found == pages


async def test_a_page_token_works_in_its_own_order_alone(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The token of a list with the oldest entry first is refused where the newest comes first."""
    await harness.organizations.update(call(ada, acme), TenantUpdate(name="New"))
    token = (await harness.audit.list(call(ada, acme, Role.ADMIN), 1, "")).next_page_token
    with pytest.raises(PageTokenInvalid):
        await harness.audit.list(call(ada, acme, Role.ADMIN), 1, token, newest_first=True)


async def test_the_sweeper_removes_entries_after_400_days(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
) -> None:
    """It removes all entries of that day and keeps the younger ones."""
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
    """The clocks of two replicas may disagree on the day of an entry."""
    for hours in (24, -24, 24):
        clock.advance(hours=hours)
        await harness.organizations.update(call(ada, acme), TenantUpdate(name=str(hours)))
    for _ in range(3):
        clock.advance(days=401)
        await sweeper.sweep()
    assert await harness.noted(ada, acme) == []
    assert await rows_between(store, *audit.AUDIT_BY_DAY.range()) == []
