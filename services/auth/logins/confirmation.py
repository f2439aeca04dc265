"""The password that confirms an action of a user who is logged in."""

from uuid import UUID

from kernel.emails import normalized_email
from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read
from services.auth.logins.password_check import CheckPassword
from services.auth.logins.repository import LOGINS
from services.auth.passwords.errors import PasswordWrong
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import require_user


class PasswordConfirmation:
    """Verifies the password of a caller. Its guesses count for the device of the login."""

    def __init__(self, runtime: Runtime, throttle: Throttle, check: CheckPassword) -> None:
        self._runtime = runtime
        self._throttle = throttle
        self._check = check

    async def confirm(self, call: Call, password: str) -> User:
        """The caller's account. Raises `PasswordWrong`, `HashingBusy`, `AccessTokenRevoked`."""
        caller = call.caller

        async def find(tx: Read) -> tuple[User, UUID]:
            user = await require_user(tx, caller.user_id)
            login = await LOGINS.get(tx, caller.user_id, caller.login_id)
            if login is None:
                raise AccessTokenRevoked
            return user, login.device_id

        async with self._throttle.begin_for_caller(call, find) as attempt:
            user = attempt.user
            assert user is not None, "the account of the caller"
            email = normalized_email(user.email)
            check = await self._check.check(attempt, call, email, password)
            if not check.matches:
                await attempt.failed()
                raise PasswordWrong
            await attempt.succeeded()
            return user


async def unchanged(tx: Read, user: User) -> User:
    """The user as it is now. Raises `PasswordWrong` if the password has changed since."""
    latest = await require_user(tx, user.user_id)
    if latest.password_revision != user.password_revision:
        raise PasswordWrong
    return latest
