"""Members over gRPC."""

from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.v5 import members_pb2
from tests.services.tenants.calls import active, create_tenant, refusal
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User

UNKNOWN_ID = str(UUID(int=7, version=4))


async def test_an_owner_changes_a_role_and_removes_a_member(
    service: Service, stub: TenantsStub, user: User, harness: Any
) -> None:
    """Afterwards the member is not found."""
    made = await create_tenant(service, stub, user)
    bob = await harness.join(UUID(made.tenant_id))
    target = {"tenant_id": made.tenant_id, "user_id": str(bob.user_id)}
    update = members_pb2.UpdateMemberRequest(**target, role="admin")
    owner = active(user, made)
    changed = (await service.call(stub.UpdateMember, update, user=owner)).member
    assert (changed.user_id, changed.role) == (str(bob.user_id), "admin")
    await service.call(stub.RemoveMember, members_pb2.RemoveMemberRequest(**target), user=owner)
    error = await refusal(service, stub.UpdateMember, update, user=owner)
    assert error.reason == "MEMBER_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        (
            "UpdateMember",
            members_pb2.UpdateMemberRequest(tenant_id=UNKNOWN_ID, user_id="x", role="root"),
            [("userId", "NOT_A_UUID"), ("role", "UNKNOWN")],
        ),
        (
            "RemoveMember",
            members_pb2.RemoveMemberRequest(tenant_id=UNKNOWN_ID),
            [("userId", "REQUIRED")],
        ),
        (
            "ListMembers",
            members_pb2.ListMembersRequest(tenant_id=UNKNOWN_ID, page_size=-1),
            [("pageSize", "PAGE_SIZE_NEGATIVE")],
        ),
    ],
)
async def test_bad_fields_are_named(
    service: Service,
    stub: TenantsStub,
    user: User,
    method: str,
    request_: Any,
    expected: list[tuple[str, str]],
) -> None:
    """The error names every invalid field with its reason."""
    error = await refusal(service, getattr(stub, method), request_, user=user)
    assert error.reason == "INVALID_REQUEST"
    assert [(bad.field, bad.reason) for bad in error.violations] == expected
