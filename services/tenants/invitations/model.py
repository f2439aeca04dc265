"""Invitations, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Role
from services.tenants.memberships.model import Member


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to become a member of a tenant. Its token works once."""

    tenant_id: UUID
    invitation_id: UUID
    email: str
    """As the inviter typed it."""
    normalized_email: str
    """The form in which two spellings of the address are the same."""
    role: Role
    token_hash: bytes
    """SHA-256 of the token."""
    create_time: datetime
    expire_time: datetime
    """From then on it cannot be accepted."""
    inviter_id: UUID | None = None
    """The user who created it or resent it last; without one it cannot be accepted."""

    def is_backed_by(self, inviter: Member | None) -> bool:
        """Whether the inviter could still create it: as an admin or owner, with at least its role."""
        return inviter is not None and inviter.role >= max(Role.ADMIN, self.role)


class NewInvitation(NamedTuple):
    """A new invitation with its token, which is not stored in readable form."""

    invitation: Invitation
    token: str


class SealedInvitation(NamedTuple):
    """A new invitation with its token, encrypted: as its answer is stored for repeats."""

    invitation: Invitation
    sealed_token: bytes


class EmailJob(NamedTuple):
    """The email of an invitation, queued for sending."""

    tenant_id: UUID
    invitation_id: UUID
    inviter_id: UUID
    sealed_token: bytes
