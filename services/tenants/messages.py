"""The values of tenants as messages."""

from coditect.tenants.v5 import tenants_pb2
from kernel.clock import timestamp
from kernel.fields import Fields
from kernel.identity.callers import Role
from services.tenants.model import AuditEntry, Invitation, Issued, Member, Membership


def tenant(membership: Membership) -> tenants_pb2.Tenant:
    """A tenant as one of its members sees it."""
    found = membership.tenant
    return tenants_pb2.Tenant(
        tenant_id=str(found.tenant_id),
        name=found.name,
        slug=found.slug,
        kind=found.kind,
        role=str(membership.member.role),
        state=found.state,
        create_time=timestamp(found.create_time),
    )


def member(found: Member) -> tenants_pb2.Member:
    """A member as the others see it."""
    return tenants_pb2.Member(
        user_id=str(found.user_id),
        email=found.profile.email,
        display_name=found.profile.display_name,
        role=str(found.role),
        join_time=timestamp(found.join_time),
    )


def invitation(found: Invitation) -> tenants_pb2.Invitation:
    """An invitation that waits."""
    return tenants_pb2.Invitation(
        invitation_id=str(found.invitation_id),
        email=found.email,
        role=str(found.role),
        state="pending",
        create_time=timestamp(found.create_time),
        expire_time=timestamp(found.expire_time),
    )


def issued(new: Issued) -> tenants_pb2.Invitation:
    """An invitation just made, with its token."""
    message = invitation(new.invitation)
    message.token = new.token
    return message


def audit_entry(entry: AuditEntry) -> tenants_pb2.AuditEntry:
    """Something that was done."""
    return tenants_pb2.AuditEntry(
        time=timestamp(entry.time),
        user_id=str(entry.user_id),
        login="" if entry.login_id is None else str(entry.login_id),
        action=entry.action,
        target="" if entry.target is None else str(entry.target),
        detail=entry.detail,
        address=entry.device.address,
        user_agent=entry.device.user_agent,
    )


def role(fields: Fields, field: str, name: str) -> Role:
    """The role that a request names."""
    if name not in map(str, Role):
        fields.refuse(field, "UNKNOWN", "Must be owner, admin or member.")
        return Role.MEMBER
    return Role.parse(name)
