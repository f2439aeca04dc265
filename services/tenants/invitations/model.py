"""Invitations, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Role
from services.tenants.memberships.model import Member


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer to become a member of a tenant. It works once, by either of two tokens."""

    tenant_id: UUID
    invitation_id: UUID
    email: str
    """As the inviter typed it."""
    normalized_email: str
    """The form in which two spellings of the address are the same."""
    role: Role
    token_hash: bytes
    """SHA-256 of the token in the answer to the inviter, who passes it on."""
    email_token_hash: bytes
    """SHA-256 of the token in the email, which proves its address. No answer contains it."""
    create_time: datetime
    expire_time: datetime
    """From then on it cannot be accepted."""
    inviter_id: UUID | None = None
    """The user who created it or resent it last; without one it cannot be accepted."""

    def is_backed_by(self, inviter: Member | None) -> bool:
        """Whether the inviter could still create it: as an admin or owner, with at least its role."""
        return inviter is not None and inviter.may_invite(self.role)


class NewInvitation(NamedTuple):
    """A new invitation with the token for its inviter, which is not stored in readable form."""

    invitation: Invitation
    token: str


class SealedInvitation(NamedTuple):
    """A new invitation with the inviter's token, encrypted: as its answer is stored for repeats."""

    invitation: Invitation
    sealed_token: bytes


class EmailJob(NamedTuple):
    """The email of an invitation, queued for sending."""

    tenant_id: UUID
    invitation_id: UUID
    inviter_id: UUID
    sealed_token: bytes
    """The token that only the email contains, encrypted."""


class EmailProofTask(NamedTuple):
    """What auth has to learn about a user's address, or to answer."""

    user_id: UUID
    proved_email: str | None
    """The normalized address that the user has proved. None to ask auth which one is proved, because
    a role has been promised: the proof may be older than the promise."""
