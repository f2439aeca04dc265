"""Invitations, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Role
from services.tenants.memberships.model import Member


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to become a member of a tenant, which its token accepts once."""

    tenant_id: UUID
    invitation_id: UUID
    email: str
    """As it was given."""
    normalized_email: str
    """The form in which two spellings of the address are the same."""
    role: Role
    token_hash: bytes
    """SHA-256 of the token."""
    create_time: datetime
    expire_time: datetime
    """When it stops being accepted."""
    inviter_id: UUID | None = None
    """Who made it, or resent it last; without one nobody can accept it."""

    def is_backed_by(self, inviter: Member | None) -> bool:
        """Whether the inviter could still make it: an admin at least, with no lower role."""
        return inviter is not None and inviter.role >= max(Role.ADMIN, self.role)


class NewInvitation(NamedTuple):
    """An invitation just made, and the only copy of its token."""

    invitation: Invitation
    token: str


class SealedInvitation(NamedTuple):
    """An invitation just made, with its token sealed: the store keeps no secret."""

    invitation: Invitation
    sealed_token: bytes


class EmailJob(NamedTuple):
    """The email of an invitation, queued for sending."""

    tenant_id: UUID
    invitation_id: UUID
    inviter_id: UUID
    sealed_token: bytes
