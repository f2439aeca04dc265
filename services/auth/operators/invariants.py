"""What always holds between operators and their users."""

from collections.abc import Sequence

from coditect.auth.records.v1 import users_pb2
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_there
from services.auth.operators.repository import OPERATOR
from services.auth.users.repository import USER


def _is_user_of_operator(_: Row, values: Sequence[bytes | None]) -> bool:
    (user,) = values
    return user is not None and users_pb2.UserRecord.FromString(user).operator


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        OPERATOR,
        "has no user who is an operator",
        lambda row: [USER.key(row.elements[0])],
        _is_user_of_operator,
    ),
    is_there(
        USER,
        "is an operator without a row",
        lambda row: [OPERATOR.key(row.elements[0])] if row.record.operator else [],
    ),
)
