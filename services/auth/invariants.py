"""What always holds between the rows of auth."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.auth.records.v1 import outbox_pb2, signing_keys_pb2, users_pb2
from coditect.identity.v1 import revocations_pb2
from kernel.emails import normalized_email
from kernel.identity.revocations import Revocation
from kernel.storage import Read
from kernel.storage.recipes.invariants import Invariant, Row, agrees, expires, is_sound, is_there
from services.auth import keys

_PUBLIC_KEY_BYTES = 32
_TASKS = 10_000  # looked through; with more of them, any row may be excused by one


async def not_excused_by_outbox(tx: Read, rows: Sequence[Row], users: Sequence[UUID]) -> list[Row]:
    """Those of some rows about whose users auth has nothing left to tell the other services.

    Args:
        tx: The transaction that has read the rows.
        rows: Rows of any context.
        users: The user of each row.
    """
    tasks = await tx.get_range(*keys.OUTBOX.rows.range(), limit=_TASKS, reverse=True)
    if len(tasks) == _TASKS:
        return []
    waiting = {_waiting(value) for _, value in tasks}
    return [row for row, user in zip(rows, users, strict=True) if str(user) not in waiting]


def _waiting(value: bytes) -> str:
    """The user whom a task makes or erases; what it is called excuses nothing."""
    try:
        record = outbox_pb2.OutboxRecord.FromString(value)
    except DecodeError:  # found where the task itself is looked at
        return ""
    return record.ensure_self_tenant.user_id or record.erase_user.user_id


def _is_task(row: Row) -> bool:
    kind = row.record.WhichOneof("task")
    user_id: str = getattr(row.record, kind).user_id if kind else ""
    return str(UUID(user_id)) == user_id


def _is_of_email(row: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    if value is None:
        return False
    email: str = row.elements[0]
    return normalized_email(users_pb2.UserRecord.FromString(value).email) == email


def _is_revocation(row: Row) -> bool:
    message: revocations_pb2.Revocation = row.record
    return Revocation.of(message).message() == message and message.HasField("revoke_time")


def _is_key(row: Row) -> bool:
    record: signing_keys_pb2.KeyRecord = row.record
    return (
        len(record.public_key) == _PUBLIC_KEY_BYTES
        and bool(record.sealed_private_key)
        and record.HasField("create_time")
        and record.HasField("activate_time")
    )


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        keys.USER,
        "has no row of its e-mail address that points back",
        lambda row: [keys.EMAIL.key(normalized_email(row.record.email))],
        lambda row, values: values[0] == row.elements[0].bytes,
    ),
    agrees(
        keys.EMAIL,
        "has no user of that e-mail address",
        lambda row: [keys.USER.key(UUID(bytes=row.value))],
        _is_of_email,
    ),
    is_there(keys.LOGIN, "has no user", lambda row: [keys.USER.key(row.elements[0])]),
    *expires(keys.LOGIN, keys.LOGIN_EXPIRY),
    is_sound(keys.REVOCATION, "is not a revocation", _is_revocation),
    is_sound(keys.SIGNING_KEY, "is not a whole signing key", _is_key),
    is_sound(keys.OUTBOX.rows, "is not a task about a user", _is_task),
    *expires(keys.IDEMPOTENCY.records, keys.IDEMPOTENCY.expiry),
)
