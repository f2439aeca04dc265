"""Invitations over gRPC."""

from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.v5 import invitations_pb2
from kernel.errors import Kind
from tests.services.tenants.calls import active, create_tenant, refusal
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

UNKNOWN_ID = str(UUID(int=7, version=4))


async def test_invitations_are_created_resent_accepted_and_withdrawn(
    service: Service, stub: TenantsStub, user: User
) -> None:
    """Create and resend return the token, and list does not. A token is accepted once.

    Bob, who has not proved the address, becomes a member and is promised the role.
    """
    made = await create_tenant(service, stub, user)
    owner, place = active(user, made), {"tenant_id": made.tenant_id}
    invite = invitations_pb2.CreateInvitationRequest(**place, email="Bob@Example.com", role="admin")
    new_invitation = (await service.call(stub.CreateInvitation, invite, user=owner)).invitation
    assert (new_invitation.email, new_invitation.role, new_invitation.state) == (
        "Bob@Example.com",
        "admin",
        "pending",
    )
    anew = invitations_pb2.ResendInvitationRequest(
        **place, invitation_id=new_invitation.invitation_id
    )
    again = (await service.call(stub.ResendInvitation, anew, user=owner)).invitation
    assert again.token not in {"", new_invitation.token}
    listing = invitations_pb2.ListInvitationsRequest(**place)
    (listed,) = (await service.call(stub.ListInvitations, listing, user=owner)).invitations
    assert not listed.HasField("token")
    assert listed.invitation_id == new_invitation.invitation_id
    bob = somebody()
    accept = invitations_pb2.AcceptInvitationRequest(token=again.token)
    joined = (await service.call(stub.AcceptInvitation, accept, user=bob)).tenant
    assert (joined.tenant_id, joined.role, joined.promised_role) == (
        made.tenant_id,
        "member",
        "admin",
    )
    error = await refusal(service, stub.AcceptInvitation, accept, user=somebody())
    assert (error.kind, error.reason) == (Kind.NOT_FOUND, "INVITATION_NOT_FOUND")
    new_invitation = (await service.call(stub.CreateInvitation, invite, user=owner)).invitation
    withdraw = invitations_pb2.DeleteInvitationRequest(
        **place, invitation_id=new_invitation.invitation_id
    )
    await service.call(stub.DeleteInvitation, withdraw, user=owner)
    error = await refusal(service, stub.DeleteInvitation, withdraw, user=owner)
    assert error.reason == "INVITATION_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        (
            "CreateInvitation",
            invitations_pb2.CreateInvitationRequest(tenant_id=UNKNOWN_ID, email="Bob", role="boss"),
            [("email", "NOT_AN_EMAIL"), ("role", "UNKNOWN")],
        ),
        (
            "ResendInvitation",
            invitations_pb2.ResendInvitationRequest(tenant_id=UNKNOWN_ID),
            [("invitationId", "REQUIRED")],
        ),
        (
            "DeleteInvitation",
            invitations_pb2.DeleteInvitationRequest(tenant_id=UNKNOWN_ID),
            [("invitationId", "REQUIRED")],
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
