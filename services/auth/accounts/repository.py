"""What the idempotency record of a registration keeps: what the user's record does not hold."""

from uuid import UUID

from coditect.auth.records.v1 import registrations_pb2
from kernel.storage import Read
from services.auth.accounts.model import Registration
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
