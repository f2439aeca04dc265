"""What always holds between the rows of invitations."""

from collections.abc import Sequence
from uuid import UUID

from coditect.tenants.records.v1 import invitations_pb2
from kernel.storage import RANGE_ROWS, Read, counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees, expires, is_sound, is_there
from services.tenants.invitations import repository
from services.tenants.memberships.invariants import has_tenant


def _is_invitation_email(row: Row) -> bool:
    mail = invitations_pb2.InvitationEmailRecord.FromString(row.record.payload)
    ids = [mail.tenant_id, mail.invitation_id, mail.inviter_id]
    return [str(UUID(one)) for one in ids] == ids and bool(mail.sealed_token)


async def _miscounted_invitations(tx: Read, rows: Sequence[Row]) -> list[Row]:
    ranges = [repository.INVITATION.range(*row.elements) for row in rows]
    counts = [len(await tx.get_range(*one, limit=RANGE_ROWS)) for one in ranges]
    return [
        row
        for row, count in zip(rows, counts, strict=True)
        if min(counted(row.value), RANGE_ROWS) != count
    ]


def _inviter_row(row: Row) -> list[bytes]:
    inviter_id = row.record.inviter_id
    return (
        [repository.INVITATION_BY_INVITER.key(UUID(inviter_id), *row.elements)]
        if inviter_id
        else []
    )


def _invitation(values: Sequence[bytes | None]) -> invitations_pb2.InvitationRecord:
    """The invitation that a row leads to; an empty one if there is none."""
    return invitations_pb2.InvitationRecord.FromString(values[0] or b"")


INVARIANTS: tuple[Invariant, ...] = (
    has_tenant(repository.INVITATION),
    agrees(
        repository.INVITATION,
        "has no row of its token that points back",
        lambda row: [repository.INVITATION_BY_TOKEN.key(row.record.token_hash)],
        lambda row, values: values == [row.elements[0].bytes + row.elements[1].bytes],
    ),
    agrees(
        repository.INVITATION,
        "has no row of its e-mail address that points back",
        lambda row: [
            repository.INVITATION_BY_EMAIL.key(row.elements[0], row.record.normalized_email)
        ],
        lambda row, values: values == [row.elements[1].bytes],
    ),
    is_there(
        repository.INVITATION,
        "has no count of the tenant's invitations",
        lambda row: [repository.INVITATION_COUNT.key(row.elements[0])],
    ),
    *expires(repository.INVITATION, repository.INVITATION_EXPIRY),
    agrees(
        repository.INVITATION_BY_TOKEN,
        "has no invitation of that token",
        lambda row: [
            repository.INVITATION.key(UUID(bytes=row.value[:16]), UUID(bytes=row.value[16:]))
        ],
        lambda row, values: _invitation(values).token_hash == row.elements[0],
    ),
    agrees(
        repository.INVITATION_BY_EMAIL,
        "has no invitation to that e-mail address",
        lambda row: [repository.INVITATION.key(row.elements[0], UUID(bytes=row.value))],
        lambda row, values: _invitation(values).normalized_email == row.elements[1],
    ),
    is_there(repository.INVITATION, "has no row that finds it from its inviter", _inviter_row),
    agrees(
        repository.INVITATION_BY_INVITER,
        "has no invitation of that inviter's",
        lambda row: [repository.INVITATION.key(*row.elements[1:])],
        lambda row, values: _invitation(values).inviter_id == str(row.elements[0]),
    ),
    Invariant(
        repository.INVITATION_COUNT,
        "is not the number of the invitations",
        _miscounted_invitations,
        page_rows=100,
    ),
    is_sound(
        repository.INVITATION_EMAILS.rows, "is no mail of an invitation", _is_invitation_email
    ),
)
