"""What always holds about device logins, beside what their tables declare."""

from uuid import UUID

from kernel.storage.recipes.invariants import Invariant, Row, is_sound, is_there
from services.auth.device_login.model import DeviceLoginState
from services.auth.device_login.repository import DEVICE_LOGIN
from services.auth.users.repository import USER

_ANSWERED = {DeviceLoginState.APPROVED, DeviceLoginState.REDEEMED}


def _says_who(row: Row) -> bool:
    """Whether an approved device login says who has approved it, and for which tenant."""
    ids = row.record.user_id, row.record.login_id, row.record.tenant_id
    return all(ids) if DeviceLoginState(row.record.state) in _ANSWERED else not any(ids)


def _user(row: Row) -> list[bytes]:
    return [USER.key(UUID(row.record.user_id))] if row.record.user_id else []


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(
        DEVICE_LOGIN,
        "has an approver but no approval, or an approval without an approver",
        _says_who,
    ),
    is_there(DEVICE_LOGIN, "has no user", _user),
)
