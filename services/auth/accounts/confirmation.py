"""The password that confirms an action of a user who is logged in."""

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read
from services.auth.accounts.errors import PasswordWrong
from services.auth.passwords.hashing import Passwords
from services.auth.users.model import User
from services.auth.users.repository import require_user


class PasswordConfirmation:
    """Verifies the password of a caller."""

    def __init__(self, runtime: Runtime, passwords: Passwords) -> None:
        self._runtime = runtime
        self._passwords = passwords

    async def confirm(self, call: Call, password: str) -> User:
        """The caller's account. Raises `PasswordWrong`, `HashingBusy`, `AccessTokenRevoked`."""
        user = await self._runtime.store.read(lambda tx: require_user(tx, call.caller.user_id))
        if not user.password_hash:  # a change of address has been undone; the logins have ended
            raise PasswordWrong
        check = await self._passwords.verify(user.password_hash, password, call.device.network)
        if not check.matches:
            raise PasswordWrong
        return user


async def unchanged(tx: Read, user: User) -> User:
    """The user as it is now. Raises `PasswordWrong` if the password has changed since."""
    latest = await require_user(tx, user.user_id)
    if latest.password_revision != user.password_revision:
        raise PasswordWrong
    return latest
