"""How invitations are stored: records, indexes, the queue of emails and their counts."""

from datetime import datetime, timedelta
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.tenants.records.v1 import invitations_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.identity.callers import Role
from kernel.storage import Write, counted
from kernel.storage.families import Family, digest, record, text, time, uuid
from kernel.storage.recipes.daily_quota import DailyQuota
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from kernel.storage.recipes.work_queue import WorkQueue
from services.tenants.invitations.model import EmailJob, Invitation, SealedInvitation
from services.tenants.keys import TENANTS


def _fill(record: invitations_pb2.InvitationRecord, new: Invitation) -> None:
    record.tenant_id = str(new.tenant_id)
    record.invitation_id = str(new.invitation_id)
    record.email = new.email
    record.normalized_email = new.normalized_email
    record.role = str(new.role)
    record.token_hash = new.token_hash
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.inviter_id = "" if new.inviter_id is None else str(new.inviter_id)


def _invitation(record: invitations_pb2.InvitationRecord) -> Invitation:
    return Invitation(
        tenant_id=UUID(record.tenant_id),
        invitation_id=UUID(record.invitation_id),
        email=record.email,
        normalized_email=record.normalized_email,
        role=Role.parse(record.role),
        token_hash=record.token_hash,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        inviter_id=UUID(record.inviter_id) if record.inviter_id else None,
    )


def _inviter_keys(found: Invitation) -> list[tuple[UUID, UUID, UUID]]:
    if found.inviter_id is None:
        return []
    return [(found.inviter_id, found.tenant_id, found.invitation_id)]


INVITATION = Family[UUID, UUID](
    TENANTS["invitation"],
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=record("coditect.tenants.records.v1.InvitationRecord", 1_000),
    life="until it is accepted or withdrawn, INVITATION_DAYS at most",
)
INVITATIONS = Table(
    INVITATION,
    invitations_pb2.InvitationRecord,
    key=lambda invitation: (invitation.tenant_id, invitation.invitation_id),
    fill=_fill,
    parse=_invitation,
)
INVITATION_EXPIRY = INVITATIONS.expiry(
    TENANTS["invitation_expiry"], lambda invitation: invitation.expire_time
)
INVITATION_BY_TOKEN = INVITATIONS.index(
    TENANTS["invitation_by_token"],
    digest("token_hash", 32),
    keys=lambda invitation: [(invitation.token_hash,)],
    life="as the invitation",
)
INVITATION_BY_EMAIL = INVITATIONS.index(
    TENANTS["invitation_by_email"],
    uuid("tenant_id"),
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    keys=lambda invitation: [(invitation.tenant_id, invitation.normalized_email)],
    life="as the invitation",
)
INVITATION_BY_INVITER = INVITATIONS.index(
    TENANTS["invitation_by_inviter"],
    uuid("inviter_id"),
    uuid("tenant_id"),
    uuid("invitation_id"),
    keys=_inviter_keys,
    life="as the invitation",
)
INVITATION_BY_TIME = INVITATIONS.index(
    TENANTS["invitation_by_time"],
    uuid("tenant_id"),
    time("expire_time"),
    uuid("invitation_id"),
    keys=lambda invitation: [
        (invitation.tenant_id, milliseconds(invitation.expire_time), invitation.invitation_id)
    ],
    life="as the invitation",
)
"""The invitations of a tenant in the order in which they end."""
INVITATION_COUNT = INVITATIONS.count(
    TENANTS["invitation_count"],
    uuid("tenant_id"),
    keys=lambda invitation: [(invitation.tenant_id,)],
    life="as the invitations of the tenant",
)
EMAIL_QUOTA = DailyQuota(TENANTS["invitation_email_count"])
"""Counts the emails of a day."""
# As long as mail servers retry (RFC 5321, section 4.5.4.1).
INVITATION_EMAILS = WorkQueue(
    TENANTS["invitation_emails"],
    record("coditect.tenants.records.v1.InvitationEmailRecord", 400),
    age=timedelta(days=5),
)
"""Emails to send."""


_BATCH = 100  # expired invitations that a new one of the tenant removes


def pack_sealed(new: SealedInvitation) -> bytes:
    """What an idempotency record keeps of a new invitation."""
    return invitations_pb2.NewInvitationRecord(
        invitation_id=new.invitation.invitation_id.bytes, sealed_token=new.sealed_token
    ).SerializeToString()


def parse_sealed(kept: bytes) -> tuple[UUID, bytes]:
    """The id of the invitation and its sealed token: what `pack_sealed` has kept."""
    record = invitations_pb2.NewInvitationRecord.FromString(kept)
    return UUID(bytes=record.invitation_id), record.sealed_token


async def pending_count(tx: Write, tenant_id: UUID, now: datetime, limit: int) -> int:
    """How many invitations of a tenant are pending, if `limit` or more are stored.

    Then it removes some that have expired, which the sweeper has yet to reach.
    """
    stored = counted(await tx.get(INVITATION_COUNT.key(tenant_id)))
    if stored < limit:
        return stored
    oldest = await tx.get_range(*INVITATION_BY_TIME.range(tenant_id), limit=_BATCH)
    ids = [(tenant_id, INVITATION_BY_TIME.unpack(key)[-1]) for key, _ in oldest]
    expired = [one for one in await INVITATIONS.get_many(tx, ids) if one.expire_time <= now]
    for one in expired:
        await INVITATIONS.clear(tx, one)
    return stored - len(expired)


async def clear_invitations_of_inviter(tx: Write, inviter_id: UUID, limit: int) -> int:
    """Removes invitations that a user has made, `limit` at most; returns how many."""
    rows = await tx.get_range(*INVITATION_BY_INVITER.range(inviter_id), limit=limit)
    for key, _ in rows:
        tx.clear(key)
    made = [INVITATION_BY_INVITER.unpack(key)[1:] for key, _ in rows]
    for found in await INVITATIONS.get_many(tx, made):
        await INVITATIONS.clear(tx, found)
    return len(rows)


def put_email_job(tx: Write, new: EmailJob, now: datetime) -> None:
    """Queues an email."""
    record = invitations_pb2.InvitationEmailRecord(
        tenant_id=str(new.tenant_id),
        invitation_id=str(new.invitation_id),
        inviter_id=str(new.inviter_id),
        sealed_token=new.sealed_token,
    )
    INVITATION_EMAILS.put(tx, record.SerializeToString(), now)


def parse_email_job(value: bytes) -> EmailJob:
    """Reads an email from the queue. Raises `ValueError` if it is unreadable."""
    try:
        record = invitations_pb2.InvitationEmailRecord.FromString(value)
    except DecodeError:
        raise ValueError("Not an email of an invitation.") from None
    return EmailJob(
        UUID(record.tenant_id),
        UUID(record.invitation_id),
        UUID(record.inviter_id),
        record.sealed_token,
    )
