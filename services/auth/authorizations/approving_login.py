"""The login in which a user lets a program in, whatever the way."""

from datetime import datetime
from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.storage import Read
from services.auth.logins.model import Login
from services.auth.logins.repository import require_login


async def approving_login(tx: Read, user_id: UUID, login_id: UUID, now: datetime) -> Login:
    """A login of the user's own that goes on. Raises `AccessTokenRevoked`.

    A token is trusted for a moment after its login has ended, and a program answers for no user.
    """
    login = await require_login(tx, user_id, login_id)
    if login.is_grant or login.expire_time <= now:
        raise AccessTokenRevoked
    return login
