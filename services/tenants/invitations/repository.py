"""How invitations are stored: records, keys, indexes, the queue of emails and their counts."""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.tenants.records.v1 import invitations_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.identity.callers import Role
from kernel.storage import Read, Write, counted
from kernel.storage.families import COUNTER, EMPTY, Family, Part, Value, digest, record, text, uuid
from kernel.storage.recipes.expiry import Expiry, Time
from kernel.storage.recipes.idempotency import Answer
from kernel.storage.recipes.paging import Page, page
from kernel.storage.recipes.work_queue import WorkQueue
from services.tenants.invitations.model import EmailJob, Invitation, SealedInvitation
from services.tenants.keys import TENANTS

_INVITATION_BYTES = 1_000
INVITATION = Family[UUID, UUID](
    TENANTS["invitation"],
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=record("coditect.tenants.records.v1.InvitationRecord", _INVITATION_BYTES),
    life="until it is accepted or withdrawn, INVITATION_DAYS at most",
)
INVITATION_EXPIRY = Expiry(TENANTS["invitation_expiry"], of=INVITATION)
INVITATION_BY_TOKEN = Family[bytes](
    TENANTS["invitation_by_token"],
    digest("token_hash", 32),
    value=Value("the ids of tenant and invitation", 32),
    life="as the invitation",
    of=INVITATION,
)
INVITATION_BY_EMAIL = Family[UUID, str](
    TENANTS["invitation_by_email"],
    uuid("tenant_id"),
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    value=Value("the invitation's id", 16),
    life="as the invitation",
    of=INVITATION,
)
INVITATION_BY_INVITER = Family[UUID, UUID, UUID](
    TENANTS["invitation_by_inviter"],
    uuid("inviter_id"),
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=EMPTY,
    life="as the invitation",
    of=INVITATION,
)
INVITATION_COUNT = Family[UUID](
    TENANTS["invitation_count"],
    uuid("tenant_id"),
    value=COUNTER,
    life="as the invitations of the tenant",
    of=INVITATION,
)
# By day, so that a sweep finds the days that are over. The subject (an address, a mailbox or a user)
# is a digest, because many an address is that of somebody who never accepts.
EMAIL_COUNT = Family[int, str, bytes](
    TENANTS["invitation_email_count"],
    Part("day", int, 5),
    text("limit", 10),
    digest("subject_digest", 32),
    value=COUNTER,
    life="two days, from the first email of a day that counts against the limit",
)
# After so many days mail servers give up as well (RFC 5321, section 4.5.4.1).
INVITATION_EMAILS = WorkQueue(
    TENANTS["invitation_emails"],
    record("coditect.tenants.records.v1.InvitationEmailRecord", 400),
    age=timedelta(days=5),
)
"""Emails to send."""
_ID_BYTES = 16


async def invitation(tx: Read, tenant_id: UUID, invitation_id: UUID) -> Invitation | None:
    """The invitation of that id, if it is to that tenant."""
    value = await tx.get(INVITATION.key(tenant_id, invitation_id))
    return None if value is None else _parse(value)


async def invitation_of_token(tx: Read, token_hash: bytes) -> Invitation | None:
    """The invitation whose token has that hash."""
    ids = await tx.get(INVITATION_BY_TOKEN.key(token_hash))
    if ids is None:
        return None
    tenant_id, invitation_id = UUID(bytes=ids[:_ID_BYTES]), UUID(bytes=ids[_ID_BYTES:])
    return await invitation(tx, tenant_id, invitation_id)


async def invitation_of_email(
    tx: Read, tenant_id: UUID, normalized_email: str
) -> Invitation | None:
    """The invitation of that address to the tenant."""
    value = await tx.get(INVITATION_BY_EMAIL.key(tenant_id, normalized_email))
    return None if value is None else await invitation(tx, tenant_id, UUID(bytes=value))


async def invitations(
    tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int
) -> Page[Invitation]:
    """The invitations to a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *INVITATION.range(tenant_id), after=after, limit=limit)
    return found.map(lambda row: _parse(row[1]))


async def invitation_count(tx: Read, tenant_id: UUID) -> int:
    """How many invitations to a tenant there are, with those that wait to be swept."""
    return counted(await tx.get(INVITATION_COUNT.key(tenant_id)))


async def put_invitation(tx: Write, new: Invitation) -> None:
    """Writes an invitation with the rows that find it and the count of the tenant's."""
    key = INVITATION.key(new.tenant_id, new.invitation_id)
    old = await tx.get(key)
    record = invitations_pb2.InvitationRecord.FromString(old or b"")
    if old is None:
        tx.add(INVITATION_COUNT.key(new.tenant_id), 1)
    else:
        _clear_index(tx, _invitation(record))
    _fill(record, new)
    tx.set(key, record.SerializeToString())
    ids = new.tenant_id.bytes + new.invitation_id.bytes
    tx.set(INVITATION_BY_TOKEN.key(new.token_hash), ids)
    tx.set(INVITATION_BY_EMAIL.key(new.tenant_id, new.normalized_email), new.invitation_id.bytes)
    INVITATION_EXPIRY.put(tx, new.expire_time, key)
    if new.inviter_id is not None:
        tx.set(INVITATION_BY_INVITER.key(new.inviter_id, new.tenant_id, new.invitation_id), b"")


async def clear_invitation(tx: Write, old: Invitation) -> None:
    """Removes an invitation and all that `put_invitation` wrote."""
    tx.clear(INVITATION.key(old.tenant_id, old.invitation_id))
    _clear_index(tx, old)
    count = INVITATION_COUNT.key(old.tenant_id)
    if counted(await tx.get(count)) > 1:
        tx.add(count, -1)
    else:
        tx.clear(count)


async def clear_invitations(tx: Write, tenant_id: UUID, limit: int) -> int:
    """Removes invitations to a tenant, `limit` at most; returns how many."""
    rows = await tx.get_range(*INVITATION.range(tenant_id), limit=limit)
    for _, value in rows:
        await clear_invitation(tx, _parse(value))
    return len(rows)


async def clear_invitations_of_inviter(tx: Write, inviter_id: UUID, limit: int) -> int:
    """Removes invitations that a user has made, `limit` at most; returns how many."""
    rows = await tx.get_range(*INVITATION_BY_INVITER.range(inviter_id), limit=limit)
    made = [INVITATION_BY_INVITER.unpack(key)[1:] for key, _ in rows]
    for key, _ in rows:
        tx.clear(key)
    for value in await tx.get_many(INVITATION.key(*ids) for ids in made):
        if value is not None:
            await clear_invitation(tx, _parse(value))
    return len(rows)


async def clear_expired_invitations(tx: Write, now: Time, limit: int) -> int:
    """Removes expired invitations, `limit` at most; returns how many."""
    due = await INVITATION_EXPIRY.due(tx, now, limit)
    for row in due:
        tx.clear(row.entry)
    for value in await tx.get_many(row.key for row in due):
        if value is not None:
            await clear_invitation(tx, _parse(value))
    return len(due)


async def email_count(tx: Read, day: int, limit: str, subject: bytes) -> int:
    """How many emails of a day count against a limit for that subject."""
    return counted(await tx.get(_email_count_key(day, limit, subject)))


def count_email(tx: Write, day: int, limit: str, subject: bytes) -> None:
    """Counts an email against a limit."""
    tx.add(_email_count_key(day, limit, subject), 1)


async def clear_email_counts(tx: Write, before: int, limit: int) -> int:
    """Removes the counts of the days before that one, `limit` at most; returns how many."""
    begin, _ = EMAIL_COUNT.range()
    rows = await tx.get_range(begin, EMAIL_COUNT.space.pack((before,)), limit=limit)
    for key, _ in rows:
        tx.clear(key)
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


def _pack_new_invitation(packed: SealedInvitation) -> bytes:
    record = invitations_pb2.NewInvitationRecord(sealed_token=packed.sealed_token)
    _fill(record.invitation, packed.invitation)
    return record.SerializeToString()


def _parse_new_invitation(value: bytes) -> SealedInvitation:
    record = invitations_pb2.NewInvitationRecord.FromString(value)
    return SealedInvitation(_invitation(record.invitation), record.sealed_token)


NEW_INVITATION = Answer(_pack_new_invitation, _parse_new_invitation)
"""How an invitation just made is kept as the answer for repeats."""


def _clear_index(tx: Write, old: Invitation) -> None:
    """Removes the rows that find an invitation."""
    key = INVITATION.key(old.tenant_id, old.invitation_id)
    tx.clear(INVITATION_BY_TOKEN.key(old.token_hash))
    tx.clear(INVITATION_BY_EMAIL.key(old.tenant_id, old.normalized_email))
    INVITATION_EXPIRY.clear(tx, old.expire_time, key)
    if old.inviter_id is not None:
        tx.clear(INVITATION_BY_INVITER.key(old.inviter_id, old.tenant_id, old.invitation_id))


def _email_count_key(day: int, limit: str, subject: bytes) -> bytes:
    return EMAIL_COUNT.key(day, limit, sha256(subject).digest())


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


def _parse(value: bytes) -> Invitation:
    return _invitation(invitations_pb2.InvitationRecord.FromString(value))


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
