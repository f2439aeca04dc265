"""What is kept of registrations: of a repeatable one what its user does not hold, and a pending one."""

from uuid import UUID

from coditect.auth.records.v1 import registrations_pb2
from kernel.storage import Read
from services.auth.accounts.model import PendingRegistration, Registration
from services.auth.users.repository import USERS


def pack(registration: Registration) -> bytes:
    """The bytes to keep. They hold no secret: a repeat brings the password again."""
    return registrations_pb2.RegistrationRecord(
        user_id=registration.user.user_id.bytes,
        login_id=registration.login_id.bytes,
        token_id=registration.token_id.bytes,
        refresh_salt=registration.refresh_salt,
        request_digest=registration.request_digest,
    ).SerializeToString()


async def registration(tx: Read, kept: bytes) -> Registration | None:
    """A registration of before, with its user as it is now; None if the account is deleted."""
    record = registrations_pb2.RegistrationRecord.FromString(kept)
    user = await USERS.get(tx, UUID(bytes=record.user_id))
    if user is None:
        return None
    return Registration(
        user=user,
        login_id=UUID(bytes=record.login_id),
        token_id=UUID(bytes=record.token_id),
        refresh_salt=record.refresh_salt,
        request_digest=record.request_digest,
    )


def pack_pending(pending: PendingRegistration) -> bytes:
    """The bytes of a pending registration. They go sealed into the payload of a one-time token."""
    return registrations_pb2.PendingRegistrationRecord(
        email=pending.email,
        password_hash=pending.password_hash,
        first_name=pending.first_name,
        last_name=pending.last_name,
        company=pending.company,
        language=pending.language,
    ).SerializeToString()


def parse_pending(value: bytes) -> PendingRegistration:
    """The other way round of `pack_pending`."""
    record = registrations_pb2.PendingRegistrationRecord.FromString(value)
    return PendingRegistration(
        email=record.email,
        password_hash=record.password_hash,
        first_name=record.first_name,
        last_name=record.last_name,
        company=record.company,
        language=record.language,
    )
