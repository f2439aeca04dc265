"""What always holds between users and their second factors."""

from collections.abc import Sequence

from kernel.storage import counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees
from services.auth.passkeys.repository import PASSKEY_COUNT
from services.auth.totp.repository import TOTP_COUNT
from services.auth.users.repository import USER


def _counts_of(row: Row) -> list[bytes]:
    return [family.key(row.elements[0]) for family in (TOTP_COUNT, PASSKEY_COUNT)]


def _is_marked(row: Row, counts: Sequence[bytes | None]) -> bool:
    return bool(row.record.second_factor) == any(counted(count) > 0 for count in counts)


INVARIANTS: tuple[Invariant, ...] = (
    agrees(USER, "is not marked by the second factors that there are", _counts_of, _is_marked),
)
