"""Organizations over gRPC, as the gateway calls them."""

from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.v5 import audit_pb2, invitations_pb2, members_pb2, tenants_pb2
from kernel.errors import Kind, StorageConflict
from services.auth.users.errors import UserNotFound
from tests.services.tenants.parts import Parts, profile_of
from tests.services.tenants.peers import REVISION, Peers
from tests.services.tenants.test_servicer import refusal
from tests.support.service import Service
from tests.support.stubs import TenantsStub
from tests.support.tokens import User, somebody

NOBODY = str(UUID(int=7, version=4))


async def found(service: Service, stub: TenantsStub, user: User) -> tenants_pb2.Tenant:
    """A new organization of a user."""
    request = tenants_pb2.CreateTenantRequest(name=" Acme ")
    return (await service.call(stub.CreateTenant, request, user=user)).tenant


def active(user: User, tenant: tenants_pb2.Tenant) -> User:
    """The user with a token for a tenant."""
    return User(user.user_id, UUID(tenant.tenant_id), user.role, user.login_id)


async def test_a_life(service: Service, stub: TenantsStub, user: User, parts: Parts) -> None:
    """Made, listed, changed, read and deleted."""
    made = await found(service, stub, user)
    assert (made.name, made.slug, made.kind, made.role, made.state) == (
        "Acme", "acme", "organization", "owner", "active",
    )  # fmt: skip
    listed = await service.call(stub.ListTenants, tenants_pb2.ListTenantsRequest(), user=user)
    assert made in listed.tenants
    owner = active(user, made)
    update = tenants_pb2.UpdateTenantRequest(tenant_id=made.tenant_id, name="New")
    changed = (await service.call(stub.UpdateTenant, update, user=owner)).tenant
    assert (changed.name, changed.slug) == ("New", "acme")
    members = members_pb2.ListMembersRequest(tenant_id=made.tenant_id)
    (member,) = (await service.call(stub.ListMembers, members, user=owner)).members
    stored = await parts.member(owner.tenant_id, user.user_id)
    assert stored is not None
    assert stored.profile.revision == REVISION
    profile = profile_of(user.user_id)
    assert (member.user_id, member.email, member.display_name, member.role) == (
        str(user.user_id), profile.email, profile.display_name, "owner",
    )  # fmt: skip
    delete = tenants_pb2.DeleteTenantRequest(tenant_id=made.tenant_id)
    await service.call(stub.DeleteTenant, delete, user=owner)
    assert (await refusal(service, stub.DeleteTenant, delete, user=owner)).kind is Kind.NOT_FOUND


async def test_members_come_and_go(
    service: Service, stub: TenantsStub, user: User, parts: Any
) -> None:
    """A role is given and a membership ended."""
    made = await found(service, stub, user)
    bob = await parts.join(UUID(made.tenant_id))
    target = {"tenant_id": made.tenant_id, "user_id": str(bob.user_id)}
    update = members_pb2.UpdateMemberRequest(**target, role="admin")
    owner = active(user, made)
    changed = (await service.call(stub.UpdateMember, update, user=owner)).member
    assert (changed.user_id, changed.role) == (str(bob.user_id), "admin")
    await service.call(stub.RemoveMember, members_pb2.RemoveMemberRequest(**target), user=owner)
    error = await refusal(service, stub.UpdateMember, update, user=owner)
    assert error.reason == "MEMBER_NOT_FOUND"


async def test_the_log_says_from_where(service: Service, stub: TenantsStub, user: User) -> None:
    """Address and user agent are those of the call, as the gateway hands them on."""
    token = service.mint.token(user)
    metadata = [("authorization", f"Bearer {token}"), ("x-forwarded-for", "192.0.2.7")]
    made = await stub.CreateTenant(tenants_pb2.CreateTenantRequest(name="Acme"), metadata=metadata)
    owner = active(user, made.tenant)
    request = audit_pb2.ListAuditRequest(tenant_id=made.tenant.tenant_id)
    (entry,) = (await service.call(stub.ListAudit, request, user=owner)).entries
    assert (entry.action, entry.user_id, entry.login_id, entry.address) == (
        "tenant.created", str(user.user_id), str(user.login_id), "192.0.2.7",
    )  # fmt: skip
    assert "grpc" in entry.user_agent


async def test_repeat_over_the_wire(service: Service, stub: TenantsStub, user: User) -> None:
    """A key makes a repeat harmless, whichever tenant is active meanwhile."""
    request = tenants_pb2.CreateTenantRequest(name="Acme")
    first = await service.call(stub.CreateTenant, request, user=user, key="key")
    elsewhere = active(user, first.tenant)
    assert await service.call(stub.CreateTenant, request, user=elsewhere, key="key") == first
    other = tenants_pb2.CreateTenantRequest(name="Other")
    error = await refusal(service, stub.CreateTenant, other, user=user, key="key")
    assert error.reason == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(
    ("fails", "reason"),
    [(StorageConflict(), "PROFILE_UNAVAILABLE"), (UserNotFound(), "ACCESS_TOKEN_REVOKED")],
)
async def test_without_a_profile(
    service: Service,
    stub: TenantsStub,
    user: User,
    peers: Peers,
    fails: Any,
    reason: str,
) -> None:
    """Nothing is made for whom auth does not know, or cannot tell."""
    peers.fails = fails
    request = tenants_pb2.CreateTenantRequest(name="Acme")
    assert (await refusal(service, stub.CreateTenant, request, user=user)).reason == reason


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("CreateTenant", tenants_pb2.CreateTenantRequest(), [("name", "REQUIRED")]),
        (
            "CreateTenant",
            tenants_pb2.CreateTenantRequest(name="x" * 101, slug="X"),
            [("name", "TOO_LONG"), ("slug", "NOT_A_SLUG")],
        ),
        (
            "CreateTenant",
            tenants_pb2.CreateTenantRequest(name="A", slug=""),
            [("slug", "NOT_A_SLUG")],
        ),
        (
            "UpdateTenant",
            tenants_pb2.UpdateTenantRequest(tenant_id=NOBODY, name=" ", state="closed"),
            [("name", "REQUIRED"), ("state", "UNKNOWN")],
        ),
        (
            "UpdateTenant",
            tenants_pb2.UpdateTenantRequest(tenant_id="x"),
            [("tenantId", "NOT_A_UUID")],
        ),
        (
            "UpdateMember",
            members_pb2.UpdateMemberRequest(tenant_id=NOBODY, user_id="x", role="root"),
            [("userId", "NOT_A_UUID"), ("role", "UNKNOWN")],
        ),
        (
            "RemoveMember",
            members_pb2.RemoveMemberRequest(tenant_id=NOBODY),
            [("userId", "NOT_A_UUID")],
        ),
        (
            "CreateInvitation",
            invitations_pb2.CreateInvitationRequest(tenant_id=NOBODY, email="Bob", role="boss"),
            [("email", "NOT_AN_EMAIL"), ("role", "UNKNOWN")],
        ),
        (
            "ResendInvitation",
            invitations_pb2.ResendInvitationRequest(tenant_id=NOBODY),
            [("invitationId", "NOT_A_UUID")],
        ),
        (
            "DeleteInvitation",
            invitations_pb2.DeleteInvitationRequest(tenant_id=NOBODY),
            [("invitationId", "NOT_A_UUID")],
        ),
        (
            "ListMembers",
            members_pb2.ListMembersRequest(tenant_id=NOBODY, page_size=-1),
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
    """Every bad field is named with its reason."""
    error = await refusal(service, getattr(stub, method), request_, user=user)
    assert error.reason == "INVALID_REQUEST"
    assert [(bad.field, bad.reason) for bad in error.violations] == expected


async def test_invited_over_the_wire(service: Service, stub: TenantsStub, user: User) -> None:
    """Only what makes an invitation says its token; whoever holds that joins."""
    made = await found(service, stub, user)
    owner, place = active(user, made), {"tenant_id": made.tenant_id}
    invite = invitations_pb2.CreateInvitationRequest(**place, email="Bob@Example.com", role="admin")
    issued = (await service.call(stub.CreateInvitation, invite, user=owner)).invitation
    assert (issued.email, issued.role, issued.state) == ("Bob@Example.com", "admin", "pending")
    anew = invitations_pb2.ResendInvitationRequest(**place, invitation_id=issued.invitation_id)
    again = (await service.call(stub.ResendInvitation, anew, user=owner)).invitation
    assert again.token not in {"", issued.token}
    listing = invitations_pb2.ListInvitationsRequest(**place)
    (listed,) = (await service.call(stub.ListInvitations, listing, user=owner)).invitations
    assert not listed.HasField("token")
    assert listed.invitation_id == issued.invitation_id
    bob = somebody()
    accept = invitations_pb2.AcceptInvitationRequest(token=again.token)
    joined = (await service.call(stub.AcceptInvitation, accept, user=bob)).tenant
    assert (joined.tenant_id, joined.role) == (made.tenant_id, "admin")
    error = await refusal(service, stub.AcceptInvitation, accept, user=somebody())
    assert (error.kind, error.reason) == (Kind.NOT_FOUND, "INVITATION_NOT_FOUND")
    issued = (await service.call(stub.CreateInvitation, invite, user=owner)).invitation
    gone = invitations_pb2.DeleteInvitationRequest(**place, invitation_id=issued.invitation_id)
    await service.call(stub.DeleteInvitation, gone, user=owner)
    error = await refusal(service, stub.DeleteInvitation, gone, user=owner)
    assert error.reason == "INVITATION_NOT_FOUND"
