"""What always holds about workspace tokens, beside what their table declares."""

from collections.abc import Sequence

from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_there
from services.auth.users.repository import USER
from services.auth.workspace_tokens.repository import ENDED_SESSIONS, WORKSPACE_TOKEN


def _is_missing(_: Row, values: Sequence[bytes | None]) -> bool:
    return values == [None]


INVARIANTS: tuple[Invariant, ...] = (
    is_there(WORKSPACE_TOKEN, "has no user", lambda row: [USER.key(row.elements[0])]),
    agrees(
        WORKSPACE_TOKEN,
        "is of a session that has ended",
        lambda row: [ENDED_SESSIONS.key(row.elements[1])],
        _is_missing,
    ),
)
