"""The password that confirms an action of a user who is logged in."""

from kernel.identity.callers import Caller
from kernel.storage import Read, Store
from services.auth.accounts.errors import PasswordWrong
from services.auth.passwords.hashing import Passwords
from services.auth.users.model import User
from services.auth.users.repository import require_user


class PasswordConfirmation:
    """Verifies the password of a caller."""

    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    async def confirm(self, caller: Caller, password: str) -> User:
        """The caller's account. Raises `PasswordWrong`, `HashingBusy`, `AccessTokenRevoked`."""
        user = await self._store.read(lambda tx: require_user(tx, caller.user_id))
        check = await self._passwords.verify(user.password_hash, password)
        if not check.matches:
            raise PasswordWrong
        return user


async def unchanged(tx: Read, user: User) -> User:
    """The user as it is now. Raises `PasswordWrong` if the password has changed since."""
    latest = await require_user(tx, user.user_id)
    if latest.password_revision != user.password_revision:
        raise PasswordWrong
    return latest
