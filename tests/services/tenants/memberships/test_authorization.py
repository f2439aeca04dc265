"""Authorization in a tenant: every method about one, against every kind of refused caller.

The methods are read from the contract, so these tests cover a new method without a change.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass

from kernel.errors import ServiceError
from kernel.identity.access_rules import rule_of
from kernel.identity.callers import Assurance, Caller, Role
from services.tenants.organizations.model import TenantUpdate
from services.tenants.policies.model import PolicyUpdate
from tests.services.tenants.downloads import download
from tests.services.tenants.harness import TenantsHarness, call, surely
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

UNKNOWN_ID = str(UUID(int=7, version=4))
GOOD = {
    "user_id": UNKNOWN_ID,
    "invitation_id": UNKNOWN_ID,
    "role": "member",
    "email": "a@example.com",
    "name": "New",
}
"""Valid values for the fields of methods about a tenant."""


def methods() -> Iterator[MethodDescriptor]:
    """The methods whose request names a tenant."""
    for name in ("Tenants", "Members", "Policies", "Invitations", "Audit"):
        service = descriptor_pool.Default().FindServiceByName(f"coditect.tenants.v5.{name}Service")
        yield from (method for method in service.methods if rule_of(method).tenant_field)


def above_members() -> Iterator[MethodDescriptor]:
    """Those of them that require a higher role than member."""
    yield from (method for method in methods() if rule_of(method).least_role > Role.MEMBER)


def about_others() -> Iterator[MethodDescriptor]:
    """Those of them that require a higher role to act on another user."""
    yield from (method for method in methods() if rule_of(method).others_least_role)


def with_field_roles() -> Iterator[MethodDescriptor]:
    """Those of them with a field that requires a role of its own."""
    yield from (method for method in methods() if rule_of(method).field_roles)


def named(found: Iterator[MethodDescriptor]) -> Any:
    """Runs a test once for each of the methods."""
    return pytest.mark.parametrize("method", list(found), ids=lambda method: method.name)


class Place(NamedTuple):
    """An organization, and what a test needs to call methods about it."""

    service: Service
    stub: TenantsStub
    harness: TenantsHarness
    tenant_id: UUID
    owner: Caller

    async def reason(
        self, method: MethodDescriptor, user: User, tenant_id: str = "", **other: str
    ) -> str:
        """Why the service refuses a valid request about this organization or another."""
        with pytest.raises(ServiceError) as error:
            await self.answer(method, user, tenant_id, **other)
        return error.value.reason

    async def outcome(self, method: MethodDescriptor, user: User) -> str:
        """Why the service refuses a valid request; empty if it does not."""
        try:
            await self.answer(method, user)
        except ServiceError as error:
            return error.reason
        return ""

    async def answer(
        self, method: MethodDescriptor, user: User, tenant_id: str = "", **other: str
    ) -> Any:
        """The answer to such a request, or everything that it streams."""
        fields = {"tenant_id": tenant_id or str(self.tenant_id), **GOOD, **other}
        given = {name: fields[name] for name in method.input_type.fields_by_name if name in fields}
        request = GetMessageClass(method.input_type)(**given)
        bound = getattr(self.stub, method.name)
        if method.server_streaming:
            return await download(self.service, bound, request, user)
        return await self.service.call(bound, request, user=user)

    async def member(self, role: Role) -> User:
        """A new member who has that role in the organization and in the token."""
        joined = await self.harness.join(self.tenant_id, role)
        return somebody(user_id=joined.user_id, tenant_id=self.tenant_id, role=role)

    async def require_second_factor(self) -> None:
        """Lets the policy of the organization ask for a second factor."""
        owner = call(surely(self.owner), self.tenant_id)
        await self.harness.policies.update(owner, PolicyUpdate(second_factor_required=True))


@pytest.fixture
def place(
    service: Service, stub: TenantsStub, harness: TenantsHarness, ada: Caller, acme: UUID
) -> Place:
    """Ada's organization."""
    return Place(service, stub, harness, acme, ada)


@named(methods())
async def test_a_user_who_is_not_a_member_finds_no_tenant(
    place: Place, method: MethodDescriptor
) -> None:
    """The answer is that of an unknown tenant, whatever tenant the token names."""
    for tenant_id in (None, place.tenant_id):
        stranger = somebody(tenant_id=tenant_id)
        assert await place.reason(method, stranger) == "TENANT_NOT_FOUND"
        assert await place.reason(method, stranger, UNKNOWN_ID) == "TENANT_NOT_FOUND"


@named(methods())
async def test_a_token_for_another_tenant_is_refused(
    place: Place, method: MethodDescriptor
) -> None:
    """The tenant must be active, even for its owner."""
    other = await place.harness.found(place.owner)
    for tenant_id in (None, other):
        user = somebody(user_id=place.owner.user_id, tenant_id=tenant_id)
        assert await place.reason(method, user) == "TENANT_NOT_ACTIVE"


@named(above_members())
async def test_both_token_and_membership_need_the_required_role(
    place: Place, method: MethodDescriptor
) -> None:
    """The service refuses a call if one of the two roles is too low."""
    small = Role(rule_of(method).least_role - 1)
    member = await place.harness.join(place.tenant_id, small)
    for user in (
        somebody(user_id=member.user_id, tenant_id=place.tenant_id, role=Role.OWNER),
        somebody(user_id=place.owner.user_id, tenant_id=place.tenant_id, role=small),
    ):
        assert await place.reason(method, user) == "ROLE_MISSING"


@named(methods())
async def test_a_suspended_tenant_refuses_members_and_admins(
    place: Place, method: MethodDescriptor
) -> None:
    """Every method answers that the tenant is suspended."""
    owner = call(place.owner, place.tenant_id)
    await place.harness.organizations.update(owner, TenantUpdate(state="suspended"))
    for role in (Role.MEMBER, Role.ADMIN):
        user = await place.member(role)
        assert await place.reason(method, user) == "TENANT_SUSPENDED"


@named(methods())
async def test_an_invalid_tenant_id_is_refused_before_membership_is_checked(
    place: Place, method: MethodDescriptor
) -> None:
    """The caller is not a member, and the error is still about the request."""
    assert await place.reason(method, somebody(), "Acme") == "INVALID_REQUEST"


@named(with_field_roles())
async def test_a_field_may_require_a_higher_role_than_its_method(
    place: Place, method: MethodDescriptor
) -> None:
    """A caller with only the method's role may call it, but may not set the field."""
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
async def test_acting_on_another_user_requires_a_higher_role(
    place: Place, method: MethodDescriptor
) -> None:
    """With the method's own role, a member can act on itself only."""
    rule = rule_of(method)
    assert rule.others_least_role is not None
    other = str((await place.member(Role.MEMBER)).user_id)
    small = await place.member(rule.least_role)
    assert await place.reason(method, small, user_id=other) == "ROLE_MISSING"
    await place.answer(method, small, user_id=str(small.user_id))
    await place.answer(method, await place.member(rule.others_least_role), user_id=other)


@named(methods())
async def test_a_policy_may_ask_for_a_second_factor(place: Place, method: MethodDescriptor) -> None:
    """Every role needs one for every method, and a missing role or membership comes first."""
    await place.require_second_factor()
    least = rule_of(method).least_role
    for role in (role for role in Role if role >= least):
        assert await place.reason(method, await place.member(role)) == "SECOND_FACTOR_REQUIRED"
    if least > Role.MEMBER:
        small = await place.member(Role(least - 1))
        assert await place.reason(method, small) == "ROLE_MISSING"
    assert await place.reason(method, somebody()) == "TENANT_NOT_FOUND"
    sure = replace(await place.member(Role.OWNER), assurance=Assurance.AAL2)
    assert await place.outcome(method, sure) in {"", "MEMBER_NOT_FOUND", "INVITATION_NOT_FOUND"}


async def test_a_member_without_a_second_factor_can_leave(place: Place) -> None:
    """And cannot remove another member."""
    await place.require_second_factor()
    (remove,) = about_others()
    other, member = await place.member(Role.MEMBER), await place.member(Role.ADMIN)
    assert await place.reason(remove, member, user_id=str(other.user_id)) == (
        "SECOND_FACTOR_REQUIRED"
    )
    await place.answer(remove, member, user_id=str(member.user_id))


def test_only_two_methods_have_extra_role_rules() -> None:
    """UpdateTenant restricts a field, and RemoveMember restricts acting on another user."""
    assert [method.name for method in with_field_roles()] == ["UpdateTenant"]
    assert [method.name for method in about_others()] == ["RemoveMember"]
