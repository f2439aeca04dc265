"""What always holds between the rows of invitations."""

from uuid import UUID

from coditect.tenants.records.v1 import invitations_pb2
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.tenants.invitations import repository
from services.tenants.memberships.invariants import has_tenant


def _is_invitation_email(row: Row) -> bool:
    mail = invitations_pb2.InvitationEmailRecord.FromString(row.record.payload)
    ids = [mail.tenant_id, mail.invitation_id, mail.inviter_id]
    return [str(UUID(one)) for one in ids] == ids and bool(mail.sealed_token)


def _is_email_proof(row: Row) -> bool:
    kind = row.record.WhichOneof("task")
    user_id: str = getattr(row.record, kind).user_id if kind else ""
    complete = kind != "proved" or bool(row.record.proved.normalized_email)
    return complete and str(UUID(user_id)) == user_id


INVARIANTS: tuple[Invariant, ...] = (
    has_tenant(repository.INVITATION),
    is_sound(
        repository.INVITATION_EMAILS.rows, "is no email of an invitation", _is_invitation_email
    ),
    is_sound(
        repository.EMAIL_PROOFS.rows, "is no task about the proof of an address", _is_email_proof
    ),
)
