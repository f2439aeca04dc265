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

from coditect.tenants.v5.tenants_pb2_grpc import TenantsServiceStub
from kernel.identity.callers import Caller, Role, rule_of
from services.tenants.model import Changes
from tests.services.tenants.parts import ACT, Parts, call
from tests.services.tenants.test_servicer import refusal
from tests.support.service import Service
from tests.support.tokens import User, somebody

SOMEBODY = str(UUID(int=7, version=4))
GOOD = {"user_id": SOMEBODY, "invitation_id": SOMEBODY, "role": "member", "email": "a@example.com"}
"""What passes the checks of the fields that methods about a tenant need."""


def methods() -> Iterator[MethodDescriptor]:
    """The methods about a tenant."""
    service = descriptor_pool.Default().FindServiceByName("coditect.tenants.v5.TenantsService")
    yield from (method for method in service.methods if rule_of(method).tenant_field)


def above_members() -> Iterator[MethodDescriptor]:
    """Those of them that not every member may call."""
    yield from (method for method in methods() if rule_of(method).least_role > Role.MEMBER)


def named(found: Iterator[MethodDescriptor]) -> Any:
    """A test for each of the methods."""
    return pytest.mark.parametrize("method", list(found), ids=lambda method: method.name)


class Place(NamedTuple):
    """An organisation, and what calls it."""

    service: Service
    stub: TenantsServiceStub
    parts: Parts
    tenant_id: UUID
    owner: Caller

    async def reason(self, method: MethodDescriptor, user: User, tenant_id: str = "") -> str:
        """Why a good request about the organisation, or another, is refused."""
        fields = {"tenant_id": tenant_id or str(self.tenant_id), **GOOD}
        given = {name: fields[name] for name in method.input_type.fields_by_name if name in fields}
        request = GetMessageClass(method.input_type)(**given)
        answer = await refusal(self.service, getattr(self.stub, method.name), request, user=user)
        return answer.reason


@pytest.fixture
def place(
    service: Service, stub: TenantsServiceStub, parts: Parts, ada: Caller, acme: UUID
) -> Place:
    """Ada's organisation."""
    return Place(service, stub, parts, acme, ada)


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
    other = await place.parts.found(place.owner)
    for tenant_id in (None, other):
        user = somebody(user_id=place.owner.user_id, tenant_id=tenant_id)
        assert await place.reason(method, user) == "TENANT_NOT_ACTIVE"


@named(above_members())
async def test_too_small_a_role(place: Place, method: MethodDescriptor) -> None:
    """Neither a token nor a membership below the least role is enough by itself."""
    small = Role(rule_of(method).least_role - 1)
    member = await place.parts.join(place.tenant_id, small)
    for user in (
        somebody(user_id=member.user_id, tenant_id=place.tenant_id, role=Role.OWNER),
        somebody(user_id=place.owner.user_id, tenant_id=place.tenant_id, role=small),
    ):
        assert await place.reason(method, user) == "ROLE_MISSING"


@named(methods())
async def test_suspended(place: Place, method: MethodDescriptor) -> None:
    """In a suspended tenant nobody but its owners does anything."""
    owner = call(place.owner, place.tenant_id)
    await place.parts.organisations.update(owner, ACT, Changes(state="suspended"))
    for role in (Role.MEMBER, Role.ADMIN):
        member = await place.parts.join(place.tenant_id, role)
        user = somebody(user_id=member.user_id, tenant_id=place.tenant_id, role=role)
        assert await place.reason(method, user) == "TENANT_SUSPENDED"


@named(methods())
async def test_bad_id_of_a_tenant(place: Place, method: MethodDescriptor) -> None:
    """An id that is none is named before anything else."""
    assert await place.reason(method, somebody(), "Acme") == "INVALID_REQUEST"
