"""Service accounts in a tenant: no members, and in the role of their token."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenRevoked, RoleMissing, TenantNotFound, TenantSuspended
from kernel.identity.callers import Call, Caller, Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from services.tenants import keys
from services.tenants.memberships.authorization import Authorization, authorize
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from tests.services.tenants.harness import TenantsHarness, call, person, surely
from tests.support.store import rows_between


def account(tenant_id: UUID, role: Role = Role.MEMBER) -> Caller:
    """A service account of a tenant."""
    token_id = uuid4()
    return replace(
        person(), tenant_id=tenant_id, role=role, is_service_account=True, token_id=token_id
    )


async def authorized(store: Store, asked: Call) -> Authorization:
    """What the caller may do."""
    return await store.read(lambda tx: authorize(tx, asked))


async def test_the_role_is_that_of_the_token(store: Store, acme: UUID) -> None:
    """There is no membership of it."""
    for role in (Role.MEMBER, Role.ADMIN):
        caller = account(acme, role)
        found = await authorized(store, Call(caller, least_role=role))
        assert (found.role, found.member.user_id) == (role, caller.user_id)
    with pytest.raises(RoleMissing):
        await authorized(store, Call(account(acme), least_role=Role.ADMIN))


async def test_another_tenant_is_not_found(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Neither one that exists, nor the account's own one once it is deleted."""
    other = await harness.found(ada, "Other")
    for tenant_id in (other, uuid4()):
        with pytest.raises(TenantNotFound):
            await authorized(store, Call(account(acme), tenant_id=tenant_id))
    await harness.organizations.delete(call(ada, acme))
    with pytest.raises(TenantNotFound):
        await authorized(store, Call(account(acme)))


async def test_a_suspended_tenant_refuses_it(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """In every role that it can have."""
    await harness.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
    for role in (Role.MEMBER, Role.ADMIN):
        with pytest.raises(TenantSuspended):
            await authorized(store, Call(account(acme, role)))


async def test_it_needs_no_second_factor(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The policy asks members for one; a key has none."""
    await harness.policies.update(
        call(surely(ada), acme), PolicyUpdate(second_factor_required=True)
    )
    assert (await authorized(store, Call(account(acme)))).role == Role.MEMBER


async def test_it_is_refused_where_programs_are_not_allowed(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """At once, and before auth knows."""
    await harness.policies.update(call(surely(ada), acme), PolicyUpdate(programs_allowed=False))
    with pytest.raises(AccessTokenRevoked):
        await authorized(store, Call(account(acme)))


async def test_it_gets_no_self_tenant(store: Store, harness: TenantsHarness, acme: UUID) -> None:
    """Not even if it asks for the one that a user of its id would have."""
    caller = account(acme, Role.ADMIN)
    before = await rows_between(store, *keys.TENANTS.range())
    asked = Call(caller, tenant_id=self_tenant_id(caller.user_id), least_role=Role.MEMBER)
    for read in (harness.members.list(asked, 10, ""), harness.audit.list(asked, 10, "")):
        with pytest.raises(TenantNotFound):
            await read
    assert await rows_between(store, *keys.TENANTS.range()) == before


async def test_it_reads_its_tenant(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Members, policy and, as an admin, the audit log."""
    caller = account(acme, Role.ADMIN)
    members = await harness.members.list(Call(caller), 10, "")
    assert [member.user_id for member in members.items] == [ada.user_id]
    await harness.policies.get(Call(caller))
    assert (await harness.audit.list(Call(caller, least_role=Role.ADMIN), 10, "")).items
