"""How a registration is kept in its idempotency record: without the hash of the password."""

from uuid import UUID

from coditect.auth.records.v1 import registrations_pb2
from kernel.storage.recipes.idempotency import Answer
from services.auth.accounts.model import Registration
from services.auth.users import repository as users


def _pack(registration: Registration) -> bytes:
    record = registrations_pb2.RegistrationRecord(
        login_id=str(registration.login_id),
        token_id=str(registration.token_id),
        refresh_salt=registration.refresh_salt,
        request_digest=registration.request_digest,
    )
    record.user.MergeFromString(users.ANSWER.pack(registration.user))
    return record.SerializeToString()


def _parse(value: bytes) -> Registration:
    record = registrations_pb2.RegistrationRecord.FromString(value)
    return Registration(
        user=users.ANSWER.parse(record.user.SerializeToString()),
        login_id=UUID(record.login_id),
        token_id=UUID(record.token_id),
        refresh_salt=record.refresh_salt,
        request_digest=record.request_digest,
    )


ANSWER = Answer(_pack, _parse)
