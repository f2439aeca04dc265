"""What always holds about passwords of users, and between users and their second factors."""

from collections.abc import Sequence

from kernel.storage import counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_sound
from services.auth.passkeys.repository import PASSKEY_COUNT
from services.auth.passwords.formats import parse
from services.auth.totp.repository import TOTP_COUNT
from services.auth.users.repository import USER


def _counts_of(row: Row) -> list[bytes]:
    return [family.key(row.elements[0]) for family in (TOTP_COUNT, PASSKEY_COUNT)]


def _is_marked(row: Row, counts: Sequence[bytes | None]) -> bool:
    return bool(row.record.second_factor) == any(counted(count) > 0 for count in counts)


def _is_readable(row: Row) -> bool:
    password_hash: str = row.record.password_hash
    return not password_hash or parse(password_hash) is not None


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(USER, "has a password hash that nothing can verify", _is_readable),
    agrees(USER, "is not marked by the second factors that there are", _counts_of, _is_marked),
)
