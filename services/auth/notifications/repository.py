"""How emails to users are stored: the queue, and the counts of a day."""

from datetime import timedelta
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.auth.records.v1 import notifications_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Write
from kernel.storage.families import record
from kernel.storage.recipes.daily_quota import DailyQuota
from kernel.storage.recipes.work_queue import WorkQueue
from services.auth.keys import AUTH
from services.auth.notifications.model import EmailKind, QueuedEmail
from services.auth.one_time_tokens.model import Secrets

# As long as mail servers retry (RFC 5321, section 4.5.4.1).
EMAILS = WorkQueue(
    AUTH["emails"],
    record("coditect.auth.records.v1.EmailRecord", 1_500),
    age=timedelta(days=5),
    # Some hold a secret for which a person waits, and which ends within hours.
    last_delay=timedelta(minutes=5),
)
"""Emails to send."""
EMAIL_QUOTA = DailyQuota(AUTH["email_count"])
"""Counts the emails of a day."""
_KINDS = frozenset(EmailKind)


class EmailKindUnknown(ValueError):
    """Only a later version knows the kind of an email."""


def put_email(tx: Write, new: QueuedEmail, sealed_secrets: bytes, email_id: UUID) -> None:
    """Queues an email; its secrets are stored sealed (`pack_secrets`)."""
    record = notifications_pb2.EmailRecord(
        email_id=str(email_id),
        kind=new.kind.value,
        to=new.to,
        language=new.language,
        user_id="" if new.user_id is None else str(new.user_id),
        sealed_secrets=sealed_secrets,
        create_time=timestamp(new.create_time),
        program=new.program,
        system=new.system,
        address=new.address,
    )
    if new.expire_time is not None:
        record.expire_time.CopyFrom(timestamp(new.expire_time))
    if new.due_time is not None:
        record.due_time.CopyFrom(timestamp(new.due_time))
    EMAILS.put(tx, record.SerializeToString(), new.create_time)


def parse_email(payload: bytes) -> tuple[QueuedEmail, bytes]:
    """An email of the queue, still without its secrets, and the sealed secrets.

    Raises `ValueError` if it is unreadable, `EmailKindUnknown` for one of a later version.
    """
    try:
        record = notifications_pb2.EmailRecord.FromString(payload)
    except DecodeError:
        raise ValueError("Not an email to a user.") from None
    if record.kind and record.kind not in _KINDS:
        raise EmailKindUnknown(record.kind)
    email = QueuedEmail(
        kind=EmailKind(record.kind),
        to=record.to,
        language=record.language,
        user_id=UUID(record.user_id) if record.user_id else None,
        secrets=None,
        expire_time=datetime_of(record.expire_time) if record.HasField("expire_time") else None,
        create_time=datetime_of(record.create_time),
        program=record.program,
        system=record.system,
        address=record.address,
        due_time=datetime_of(record.due_time) if record.HasField("due_time") else None,
    )
    return email, record.sealed_secrets


def pack_secrets(secrets: Secrets) -> bytes:
    """The secrets as bytes, to be sealed."""
    return notifications_pb2.EmailSecretsRecord(
        token=secrets.token, code=secrets.code
    ).SerializeToString()


def parse_secrets(packed: bytes) -> Secrets:
    """Reads what `pack_secrets` has written. Raises `ValueError` if it is unreadable."""
    try:
        record = notifications_pb2.EmailSecretsRecord.FromString(packed)
    except DecodeError:
        raise ValueError("Not the secrets of an email.") from None
    return Secrets(record.token, record.code)
