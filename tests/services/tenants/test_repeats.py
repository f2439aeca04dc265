"""Repeated writes ask for admission first, and answer with what is there by then."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kernel.errors import ServiceError
from kernel.identity.callers import Call, Caller, Role
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, person

Write = Callable[[TenantsHarness, Call, Caller, str], Awaitable[Any]]
ADMIN, MEMBER, OWNER = Role.ADMIN, Role.MEMBER, Role.OWNER


async def _rename(harness: TenantsHarness, keyed: Call, _: Caller, __: str) -> Any:
    return await harness.organizations.update(keyed, TenantUpdate(name="Acme & Co"))


async def _invite(harness: TenantsHarness, keyed: Call, _: Caller, __: str) -> Any:
    return await harness.invitations.create(keyed, "eve@example.com", MEMBER)


async def _resend(harness: TenantsHarness, keyed: Call, _: Caller, invitation_id: str) -> Any:
    return await harness.invitations.resend(keyed, UUID(invitation_id))


async def _withdraw(harness: TenantsHarness, keyed: Call, _: Caller, invitation_id: str) -> Any:
    return await harness.invitations.withdraw(keyed, UUID(invitation_id))


async def _promote(harness: TenantsHarness, keyed: Call, bob: Caller, _: str) -> Any:
    return await harness.members.update(keyed, bob.user_id, ADMIN)


async def _remove(harness: TenantsHarness, keyed: Call, bob: Caller, _: str) -> Any:
    return await harness.members.remove(keyed, bob.user_id)


WRITES = [_rename, _invite, _resend, _withdraw, _promote, _remove]


async def _reason(awaited: Awaitable[Any]) -> str:
    with pytest.raises(ServiceError) as error:
        await awaited
    return error.value.reason


@pytest.mark.parametrize("write", WRITES)
async def test_a_repeat_asks_for_admission(
    harness: TenantsHarness, ada: Caller, acme: UUID, write: Write
) -> None:
    """A repeat by an admin who got a lower role, or was removed, is refused like a first call."""
    carol, bob = await harness.join(acme, ADMIN), await harness.join(acme)
    made = await harness.invitations.create(call(ada, acme), EMAIL, MEMBER)
    rest = bob, str(made.invitation.invitation_id)
    keyed = call(carol, acme, ADMIN, ADMIN, key="key")
    first = await write(harness, keyed, *rest)
    assert await write(harness, keyed, *rest) == first
    ours = call(ada, acme)
    await harness.members.update(ours, carol.user_id, MEMBER)
    assert await _reason(write(harness, keyed, *rest)) == "ROLE_MISSING"
    await harness.members.update(ours, carol.user_id, ADMIN)
    assert await write(harness, keyed, *rest) == first
    await harness.organizations.update(ours, TenantUpdate(state="suspended"))
    assert await _reason(write(harness, keyed, *rest)) == "TENANT_SUSPENDED"
    await harness.organizations.update(ours, TenantUpdate(state="active"))
    await harness.members.remove(ours, carol.user_id)
    assert await _reason(write(harness, keyed, *rest)) == "TENANT_NOT_FOUND"


async def test_a_repeat_with_a_token_of_a_lower_role_is_refused(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The role in the token of the repeat counts, not that of the first call."""
    await _invite(harness, call(ada, acme, ADMIN, key="key"), ada, "")
    keyed = call(ada, acme, ADMIN, MEMBER, key="key")
    assert await _reason(_invite(harness, keyed, ada, "")) == "ROLE_MISSING"


async def test_a_repeat_of_what_ended_the_callers_own_access_succeeds(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A member who has left, and an owner who has deleted or suspended, may not know it yet."""
    bob = await harness.join(acme)
    leave = call(bob, acme, token=MEMBER, key="leave")
    for _ in range(2):
        await harness.members.remove(leave, bob.user_id)
    suspend = call(ada, acme, OWNER, key="suspend")
    for _ in range(2):
        await harness.organizations.update(suspend, TenantUpdate(state="suspended"))
    for _ in range(2):
        await harness.organizations.delete(call(ada, acme, OWNER, key="delete"))


async def test_a_repeated_create_shows_the_organization_as_it_is(
    harness: TenantsHarness, ada: Caller
) -> None:
    """It shows the new name and role, and finds no organization once the caller has left it."""
    keyed = call(ada, key="key")
    made = await harness.organizations.create(keyed, "Acme", None)
    acme = made.tenant.tenant_id
    other = await harness.join(acme, OWNER)
    ours = call(ada, acme)
    await harness.organizations.update(ours, TenantUpdate(name="Acme & Co"))
    await harness.members.update(call(other, acme), ada.user_id, ADMIN)
    again = await harness.organizations.create(keyed, "Acme", None)
    assert again.tenant == replace(made.tenant, name="Acme & Co")
    assert again.member == replace(made.member, role=ADMIN)
    await harness.members.remove(ours, ada.user_id)
    assert await _reason(harness.organizations.create(keyed, "Acme", None)) == "TENANT_NOT_FOUND"
    await harness.organizations.delete(call(other, acme))
    assert await _reason(harness.organizations.create(keyed, "Acme", None)) == "TENANT_NOT_FOUND"


@pytest.mark.parametrize("end", ["accepted", "withdrawn", "resent"])
async def test_a_repeated_invitation_gives_no_void_token(
    harness: TenantsHarness, ada: Caller, acme: UUID, end: str
) -> None:
    """Once the token of an invitation is void, a repeat finds no invitation."""
    ours, keyed = call(ada, acme), call(ada, acme, key="key")
    made = await harness.invitations.create(keyed, EMAIL, MEMBER)
    if end == "accepted":
        await harness.acceptance.accept(call(person()), made.token)
    elif end == "withdrawn":
        await harness.invitations.withdraw(ours, made.invitation.invitation_id)
    else:
        await harness.invitations.resend(ours, made.invitation.invitation_id)
    assert await _reason(harness.invitations.create(keyed, EMAIL, MEMBER)) == (
        "INVITATION_NOT_FOUND"
    )


async def test_a_repeated_acceptance_needs_the_membership_still(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A repeat shows the role that the member has by then; a removed one finds no invitation."""
    made = await harness.invitations.create(call(ada, acme), EMAIL, MEMBER)
    bob = person()
    keyed = call(bob, key="key")
    joined = await harness.acceptance.accept(keyed, made.token)
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    again = await harness.acceptance.accept(keyed, made.token)
    assert again.member == replace(joined.member, role=ADMIN)
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    assert await _reason(harness.acceptance.accept(keyed, made.token)) == "TENANT_SUSPENDED"
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="active"))
    await harness.members.remove(call(ada, acme), bob.user_id)
    assert await _reason(harness.acceptance.accept(keyed, made.token)) == "INVITATION_NOT_FOUND"


async def test_a_repeat_does_not_count_against_a_limit(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A repeated invitation writes no row and no audit entry."""
    keyed = call(ada, acme, key="key")
    await harness.invitations.create(keyed, EMAIL, MEMBER)
    before = await harness.invitation_rows(), await harness.noted(ada, acme)
    await harness.invitations.create(keyed, EMAIL, MEMBER)
    assert (await harness.invitation_rows(), await harness.noted(ada, acme)) == before
