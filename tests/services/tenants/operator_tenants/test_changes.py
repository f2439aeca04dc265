"""What operators change in an organization, and what its owners can do about it."""

from uuid import UUID, uuid4

import pytest

from kernel.errors import TenantNotFound, UserIsOperator
from kernel.identity.callers import Caller, Role
from kernel.self_tenant import self_tenant_id
from services.tenants.audit.model import NOWHERE
from services.tenants.members.errors import MemberNotFound
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.operator_events.model import TenantAct
from services.tenants.organizations.errors import TenantSuspendedByOperator
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import DEVICE, TenantsHarness, call, outcomes, person
from tests.support.clock import START

OPERATOR = person()
SUSPEND, RESUME = TenantUpdate(state="suspended"), TenantUpdate(state="active")


async def test_a_suspension_revokes_access_and_is_logged(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Tokens of all members end; the audit log says that it was an operator, and not which one."""
    acme = await harness.found(ada)
    found = await harness.operator_changes.suspend(call(OPERATOR), acme, "Sends spam")
    assert (found.tenant.state, found.tenant.suspended_by_operator) == ("suspended", True)
    assert (found.member_count, found.owner_ids) == (1, [ada.user_id])
    (revocation,) = await harness.token_revocations()
    assert (revocation.tenant_id, revocation.user_id) == (acme, None)
    assert await harness.session_revocations() == []
    (act,) = await harness.acts()
    assert (act.act, act.tenant_id, act.reason) == (
        TenantAct.TENANT_SUSPENDED,
        acme,
        "Sends spam",
    )
    assert (act.operator_id, act.device, act.time) == (OPERATOR.user_id, DEVICE, START)
    await harness.operator_changes.resume(call(OPERATOR), acme, "Explained")
    entry = (await harness.noted(ada, acme))[1]
    assert (entry.action, entry.by_operator, entry.user_id) == ("tenant.suspended", True, None)
    assert (entry.device, entry.detail) == (NOWHERE, "")


async def test_an_owner_cannot_undo_the_suspension_of_an_operator(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Neither resume the organization nor delete it; once it is resumed, both."""
    acme = await harness.found(ada)
    await harness.operator_changes.suspend(call(OPERATOR), acme, "Sends spam")
    for wanted in (
        harness.organizations.update(call(ada, acme), RESUME),
        harness.organizations.update(call(ada, acme), SUSPEND),
        harness.organizations.delete(call(ada, acme)),
    ):
        assert await outcomes(wanted) in (
            [TenantSuspendedByOperator.reason],
            ["TENANT_SUSPENDED"],
        )
    membership = await harness.membership(acme, ada.user_id)
    assert membership is not None
    assert membership.tenant.state == "suspended"
    await harness.operator_changes.resume(call(OPERATOR), acme, "Explained")
    await harness.organizations.update(call(ada, acme), SUSPEND)
    await harness.organizations.update(call(ada, acme), RESUME)
    await harness.organizations.delete(call(ada, acme))
    assert await harness.membership(acme, ada.user_id) is None


async def test_an_operator_takes_over_the_suspension_of_an_owner(
    harness: TenantsHarness, ada: Caller
) -> None:
    """From then on the owner cannot resume it; tokens say already that it is suspended."""
    acme = await harness.found(ada)
    await harness.organizations.update(call(ada, acme), SUSPEND)
    epoch = await harness.epoch(acme)
    await harness.operator_changes.suspend(call(OPERATOR), acme, "Sends spam")
    assert await harness.epoch(acme) == epoch
    with pytest.raises(TenantSuspendedByOperator):
        await harness.organizations.update(call(ada, acme), RESUME)
    found = await harness.operator_changes.resume(call(OPERATOR), acme, "Explained")
    assert (found.tenant.state, found.tenant.suspended_by_operator) == ("active", False)


async def test_what_changes_nothing_is_no_act(harness: TenantsHarness, ada: Caller) -> None:
    """A call that is made again adds no second entry, to no log."""
    acme = await harness.found(ada)
    for _ in range(2):
        await harness.operator_changes.resume(call(OPERATOR), acme, "Again")
    assert await harness.acts() == []
    for _ in range(2):
        await harness.operator_changes.suspend(call(OPERATOR), acme, "Again")
    for _ in range(2):
        await harness.operator_changes.hand_over(call(OPERATOR), acme, ada.user_id, "Again")
    assert [act.act for act in await harness.acts()] == [TenantAct.TENANT_SUSPENDED]


async def test_a_member_becomes_an_owner(harness: TenantsHarness, ada: Caller) -> None:
    """Older tokens of the member end, because they name the smaller role; the other owners stay."""
    acme = await harness.found(ada)
    bob = await harness.join(acme)
    await harness.operator_changes.suspend(call(OPERATOR), acme, "The owner is gone")
    member = await harness.operator_changes.hand_over(call(OPERATOR), acme, bob.user_id, "Asked")
    assert member.role == Role.OWNER
    assert set(await harness.owners(acme)) == {ada.user_id, bob.user_id}
    assert (await harness.token_revocations())[-1].user_id == bob.user_id
    act = (await harness.acts())[-1]
    assert (act.act, act.tenant_id, act.user_id, act.reason) == (
        TenantAct.TENANT_HANDED_OVER,
        acme,
        bob.user_id,
        "Asked",
    )
    await harness.operator_changes.resume(call(OPERATOR), acme, "Asked")
    entry = (await harness.noted(ada, acme))[2]
    assert (entry.action, entry.target, entry.detail) == (
        "member.role_changed",
        bob.user_id,
        "owner",
    )
    assert entry.by_operator


async def test_self_tenants_and_strangers_are_refused(harness: TenantsHarness, ada: Caller) -> None:
    """A self-tenant has no state of its own, and only a member can become an owner."""
    acme, itself = await harness.found(ada), self_tenant_id(ada.user_id)
    await harness.tenants.list(call(ada), 10, "")
    changes, stranger = harness.operator_changes, person().user_id
    for tenant_id, expected in ((itself, SelfTenantImmutable), (uuid4(), TenantNotFound)):
        for wanted in (
            changes.suspend(call(OPERATOR), tenant_id, "x"),
            changes.resume(call(OPERATOR), tenant_id, "x"),
            changes.hand_over(call(OPERATOR), tenant_id, ada.user_id, "x"),
        ):
            assert await outcomes(wanted) == [expected.reason]
    with pytest.raises(MemberNotFound):
        await changes.hand_over(call(OPERATOR), acme, stranger, "x")
    assert await harness.acts() == []


async def test_two_operators_at_once(harness: TenantsHarness, ada: Caller) -> None:
    """Of two who suspend at once, one acts; of suspend and resume, the log's last one holds."""
    for _ in range(50):
        acme = await harness.found(ada)
        before = len(await harness.acts())
        changes = harness.operator_changes
        assert await outcomes(
            changes.suspend(call(OPERATOR), acme, "x"), changes.suspend(call(person()), acme, "x")
        ) == ["", ""]
        assert len(await harness.acts()) == before + 1
        await outcomes(
            changes.suspend(call(OPERATOR), acme, "x"), changes.resume(call(person()), acme, "x")
        )
        assert (await _state(harness, acme, ada)) == (
            "active" if (await harness.acts())[-1].act == TenantAct.TENANT_RESUMED else "suspended"
        )
        await harness.operator_changes.resume(call(OPERATOR), acme, "x")
        await harness.organizations.delete(call(ada, acme))


async def _state(harness: TenantsHarness, tenant_id: UUID, owner: Caller) -> str:
    membership = await harness.membership(tenant_id, owner.user_id)
    assert membership is not None
    return membership.tenant.state


async def test_an_operator_hands_nothing_over_to_themselves(
    harness: TenantsHarness, ada: Caller
) -> None:
    """Also as a member: the role stays, and no log has an entry."""
    acme = await harness.found(ada)
    operator = await harness.join(acme)
    with pytest.raises(UserIsOperator):
        await harness.operator_changes.hand_over(call(operator), acme, operator.user_id, "Mine")
    assert await harness.owners(acme) == [ada.user_id]
    assert await harness.acts() == []
