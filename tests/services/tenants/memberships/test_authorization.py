"""Who may do what in a tenant: every method about one against every kind of wrong caller.

The table is the contract, so a new method is in it from its first day.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from kernel.errors import ServiceError
from kernel.identity.access_rules import rule_of
from kernel.identity.callers import Caller, Role
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.downloads import download
from tests.services.tenants.harness import TenantsHarness, call
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

SOMEBODY = str(UUID(int=7, version=4))
GOOD = {
    "user_id": SOMEBODY,
    "invitation_id": SOMEBODY,
    "role": "member",
    "email": "a@example.com",
    "name": "New",
}
"""What passes the checks of the fields that methods about a tenant need."""


def methods() -> Iterator[MethodDescriptor]:
    """The methods about a tenant."""
    for name in ("Tenants", "Members", "Invitations", "Audit"):
        service = descriptor_pool.Default().FindServiceByName(f"coditect.tenants.v5.{name}Service")
        yield from (method for method in service.methods if rule_of(method).tenant_field)


def above_members() -> Iterator[MethodDescriptor]:
    """Those of them that not every member may call."""
    yield from (method for method in methods() if rule_of(method).least_role > Role.MEMBER)


def about_others() -> Iterator[MethodDescriptor]:
    """Those of them that do more for whoever reaches what belongs to others."""
    yield from (method for method in methods() if rule_of(method).others_least_role)


def with_field_roles() -> Iterator[MethodDescriptor]:
    """Those of them with a field that takes a role of its own."""
    yield from (method for method in methods() if rule_of(method).field_roles)


def named(found: Iterator[MethodDescriptor]) -> Any:
    """A test for each of the methods."""
    return pytest.mark.parametrize("method", list(found), ids=lambda method: method.name)


class Place(NamedTuple):
    """An organization, and what calls it."""

    service: Service
    stub: TenantsStub
    harness: TenantsHarness
    tenant_id: UUID
    owner: Caller

    async def reason(
        self, method: MethodDescriptor, user: User, tenant_id: str = "", **other: str
    ) -> str:
        """Why a good request about the organization, or another, is refused."""
        with pytest.raises(ServiceError) as error:
            await self.answer(method, user, tenant_id, **other)
        return error.value.reason

    async def answer(
        self, method: MethodDescriptor, user: User, tenant_id: str = "", **other: str
    ) -> Any:
        """The answer to such a request, or all that it streams."""
        fields = {"tenant_id": tenant_id or str(self.tenant_id), **GOOD, **other}
        given = {name: fields[name] for name in method.input_type.fields_by_name if name in fields}
        request = GetMessageClass(method.input_type)(**given)
        bound = getattr(self.stub, method.name)
        if method.server_streaming:
            return await download(self.service, bound, request, user)
        return await self.service.call(bound, request, user=user)

    async def member(self, role: Role) -> User:
        """Somebody with that role in the organization, and in the token."""
        joined = await self.harness.join(self.tenant_id, role)
        return somebody(user_id=joined.user_id, tenant_id=self.tenant_id, role=role)


@pytest.fixture
def place(
    service: Service, stub: TenantsStub, harness: TenantsHarness, ada: Caller, acme: UUID
) -> Place:
    """Ada's organization."""
    return Place(service, stub, harness, acme, ada)


@named(methods())
async def test_strangers(place: Place, method: MethodDescriptor) -> None:
    """Whoever is no member finds no tenant, like one that is not there, whatever the token says."""
    for tenant_id in (None, place.tenant_id):
        stranger = somebody(tenant_id=tenant_id)
        assert await place.reason(method, stranger) == "TENANT_NOT_FOUND"
        assert await place.reason(method, stranger, SOMEBODY) == "TENANT_NOT_FOUND"


@named(methods())
async def test_members_who_are_elsewhere(place: Place, method: MethodDescriptor) -> None:
    """A token for another tenant gives nothing in this one, not even to its owner."""
    other = await place.harness.found(place.owner)
    for tenant_id in (None, other):
        user = somebody(user_id=place.owner.user_id, tenant_id=tenant_id)
        assert await place.reason(method, user) == "TENANT_NOT_ACTIVE"


@named(above_members())
async def test_too_small_a_role(place: Place, method: MethodDescriptor) -> None:
    """Neither a token nor a membership below the least role is enough by itself."""
    small = Role(rule_of(method).least_role - 1)
    member = await place.harness.join(place.tenant_id, small)
    for user in (
        somebody(user_id=member.user_id, tenant_id=place.tenant_id, role=Role.OWNER),
        somebody(user_id=place.owner.user_id, tenant_id=place.tenant_id, role=small),
    ):
        assert await place.reason(method, user) == "ROLE_MISSING"


@named(methods())
async def test_suspended(place: Place, method: MethodDescriptor) -> None:
    """In a suspended tenant nobody but its owners does anything."""
    owner = call(place.owner, place.tenant_id)
    await place.harness.organizations.update(owner, TenantUpdate(state="suspended"))
    for role in (Role.MEMBER, Role.ADMIN):
        user = await place.member(role)
        assert await place.reason(method, user) == "TENANT_SUSPENDED"


@named(methods())
async def test_bad_id_of_a_tenant(place: Place, method: MethodDescriptor) -> None:
    """An id that is none is named before anything else."""
    assert await place.reason(method, somebody(), "Acme") == "INVALID_REQUEST"


@named(with_field_roles())
async def test_a_field_that_takes_a_larger_role(place: Place, method: MethodDescriptor) -> None:
    """Whoever may call the method may not set such a field; whoever has its role may."""
    rule = rule_of(method)
    small = await place.member(rule.least_role)
    for field, role in rule.field_roles:
        assert await place.reason(method, small, **{field: "active"}) == "ROLE_MISSING"
        elsewhere = {"user_id": small.user_id, "tenant_id": place.tenant_id}
        assert await place.reason(method, somebody(**elsewhere), **{field: "active"}) == (
            "ROLE_MISSING"
        )
        await place.answer(method, await place.member(role), **{field: "active"})
    await place.answer(method, small)


@named(about_others())
async def test_what_belongs_to_others(place: Place, method: MethodDescriptor) -> None:
    """A member reaches what is its own only; whoever has the role reaches the others' as well."""
    rule = rule_of(method)
    assert rule.others_least_role is not None
    other = str((await place.member(Role.MEMBER)).user_id)
    small = await place.member(rule.least_role)
    assert await place.reason(method, small, user_id=other) == "ROLE_MISSING"
    await place.answer(method, small, user_id=str(small.user_id))
    await place.answer(method, await place.member(rule.others_least_role), user_id=other)


def test_the_rules_that_are_tested_here() -> None:
    """Nobody loses sight of what has a role of its own."""
    assert [method.name for method in with_field_roles()] == ["UpdateTenant"]
    assert [method.name for method in about_others()] == ["RemoveMember"]
