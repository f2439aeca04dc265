"""What always holds about logins, beside what their table declares."""

from collections.abc import Sequence

from coditect.auth.records.v1 import users_pb2
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_there
from services.auth.logins.repository import LOGIN
from services.auth.users.repository import USER


def _may_be_logged_in(_: Row, values: Sequence[bytes | None]) -> bool:
    """Whether a user is neither disabled nor to be deleted. A missing one is reported elsewhere."""
    (value,) = values
    if value is None:
        return True
    user = users_pb2.UserRecord.FromString(value)
    return not (user.HasField("disable_time") or user.HasField("delete_time"))


INVARIANTS: tuple[Invariant, ...] = (
    is_there(LOGIN, "has no user", lambda row: [USER.key(row.elements[0])]),
    agrees(
        LOGIN,
        "is of a user who is disabled or to be deleted",
        lambda row: [USER.key(row.elements[0])],
        _may_be_logged_in,
    ),
)
