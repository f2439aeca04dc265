"""What always holds between the rows of invitations."""

from collections.abc import Sequence
from uuid import UUID

from coditect.tenants.records.v1 import invitations_pb2
from kernel.storage import RANGE_ROWS, Read, counted
from kernel.storage.recipes.invariants import Invariant, Row, is_sound, is_there
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


async def _miscounted_invitations(tx: Read, rows: Sequence[Row]) -> list[Row]:
    ranges = [repository.INVITATION.range(*row.elements) for row in rows]
    counts = [len(await tx.get_range(*one, limit=RANGE_ROWS)) for one in ranges]
    return [
        row
        for row, count in zip(rows, counts, strict=True)
        if min(counted(row.value), RANGE_ROWS) != count
    ]


INVARIANTS: tuple[Invariant, ...] = (
    has_tenant(repository.INVITATION),
    is_there(
        repository.INVITATION,
        "has no count of the tenant's invitations",
        lambda row: [repository.INVITATION_COUNT.key(row.elements[0])],
    ),
    Invariant(
        repository.INVITATION_COUNT,
        "is not the number of the invitations",
        _miscounted_invitations,
        page_rows=100,
    ),
    is_sound(
        repository.INVITATION_EMAILS.rows, "is no email of an invitation", _is_invitation_email
    ),
    is_sound(
        repository.EMAIL_PROOFS.rows, "is no task about the proof of an address", _is_email_proof
    ),
)
