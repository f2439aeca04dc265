"""What always holds between the rows of users."""

from collections.abc import Sequence
from uuid import UUID

from coditect.auth.records.v1 import users_pb2
from kernel.emails import normalized_email
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from services.auth.users.repository import EMAIL, USER


def _is_of_email(row: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    if value is None:
        return False
    email: str = row.elements[0]
    return normalized_email(users_pb2.UserRecord.FromString(value).email) == email


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        USER,
        "has no row of its e-mail address that points back",
        lambda row: [EMAIL.key(normalized_email(row.record.email))],
        lambda row, values: values[0] == row.elements[0].bytes,
    ),
    agrees(
        EMAIL,
        "has no user of that e-mail address",
        lambda row: [USER.key(UUID(bytes=row.value))],
        _is_of_email,
    ),
)
