"""Invitations as messages."""

from coditect.tenants.v5 import invitations_pb2
from kernel.clock import timestamp
from services.tenants.invitations.model import Invitation, NewInvitation


def invitation(found: Invitation) -> invitations_pb2.Invitation:
    """A pending invitation."""
    return invitations_pb2.Invitation(
        invitation_id=str(found.invitation_id),
        email=found.email,
        role=str(found.role),
        state="pending",
        create_time=timestamp(found.create_time),
        expire_time=timestamp(found.expire_time),
    )


def new_invitation(new: NewInvitation) -> invitations_pb2.Invitation:
    """A new invitation, with its token."""
    message = invitation(new.invitation)
    message.token = new.token
    return message
