"""The self-tenant of a user."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.errors import TenantNotFound
from kernel.identity.callers import Call, Caller, Role
from kernel.storage import Store
from services.tenants.memberships.model import Member, Membership, Tenant
from tests.services.tenants.harness import TenantsHarness, call, expected_self_tenant_id, rows
from tests.support.clock import START


class _ReadOnly:
    """A store that refuses to write."""

    def __init__(self, store: Store) -> None:
        self.read = store.read

    async def write(self, fn: Any, **_: Any) -> Any:
        raise AssertionError(fn)


async def test_ensure_creates_the_self_tenant_and_its_owner(
    harness: TenantsHarness, caller: Caller
) -> None:
    """The self-tenant has the derived id, and its user owns it since registration."""
    time = START - timedelta(minutes=1)
    made = await harness.self_tenants.ensure(caller.user_id, time)
    tenant_id = expected_self_tenant_id(caller.user_id)
    assert made == Membership(
        Tenant(tenant_id, "Personal", f"personal-{tenant_id.hex[:12]}", "self", "active", time),
        Member(tenant_id, caller.user_id, Role.OWNER, time),
    )
    assert await harness.tenants.get(call(caller), tenant_id) == made


async def test_a_second_ensure_writes_nothing(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """It returns the existing self-tenant, even with a later time."""
    made = await harness.self_tenants.ensure(caller.user_id, START)
    read_only: Any = _ReadOnly(store)
    again = TenantsHarness(read_only, harness.clock, harness.settings)
    later = START + timedelta(days=1)
    assert await again.self_tenants.ensure(caller.user_id, later) == made
    assert await again.tenants.get(call(caller), made.tenant.tenant_id) == made
    assert (await again.tenants.list(call(caller), 10, "")).items == [made]


async def test_concurrent_calls_of_ensure_create_one_self_tenant(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """All fifty calls return the same self-tenant."""
    times = [START + timedelta(seconds=n) for n in range(50)]
    made = await asyncio.gather(
        *(harness.self_tenants.ensure(caller.user_id, time) for time in times)
    )
    assert len(set(made)) == 1
    assert len(await rows(store)) == 3


async def test_the_first_read_creates_the_self_tenant(
    harness: TenantsHarness, caller: Caller
) -> None:
    """Its user finds it even before auth has ensured it."""
    found = await harness.tenants.get(call(caller), expected_self_tenant_id(caller.user_id))
    assert (found.member.role, found.tenant.create_time) == (Role.OWNER, START)
    assert await harness.self_tenants.ensure(caller.user_id, START + timedelta(days=1)) == found


async def _export(harness: TenantsHarness, ours: Call) -> None:
    async for _ in harness.audit.export(ours):
        pass


READS: dict[str, Callable[[TenantsHarness, Call], Coroutine[Any, Any, object]]] = {
    "tenants": lambda harness, ours: harness.tenants.list(ours, 10, ""),
    "members": lambda harness, ours: harness.members.list(ours, 10, ""),
    "invitations": lambda harness, ours: harness.invitations.list(ours, 10, ""),
    "audit log": lambda harness, ours: harness.audit.list(ours, 10, ""),
    "export of the audit log": _export,
    "membership": lambda harness, ours: harness.memberships.find(
        ours.caller.user_id, ours.tenant_id
    ),
}


@pytest.mark.parametrize("name", READS)
async def test_every_read_creates_the_self_tenant(
    harness: TenantsHarness, caller: Caller, name: str
) -> None:
    """A user can begin with any of the tenant's lists before auth has ensured the self-tenant."""
    tenant_id = expected_self_tenant_id(caller.user_id)
    await READS[name](harness, call(caller, tenant_id, Role.ADMIN))
    assert await harness.membership(tenant_id, caller.user_id) is not None


async def test_reading_the_self_tenant_of_another_user_does_not_create_it(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """The service finds no tenant and writes no row."""
    with pytest.raises(TenantNotFound):
        await harness.tenants.get(call(caller), expected_self_tenant_id(uuid4()))
    assert await rows(store) == []
