"""Who the user of an access token is (OpenID Connect Core 1.0, section 5.3)."""

from collections.abc import Mapping
from typing import Any

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.tokens.identity import user_claims
from services.auth.users.repository import require_user


class UserInfo:
    """The use case of the endpoint."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def of_caller(self, call: Call) -> Mapping[str, Any]:
        """What the token may know of the caller, by the names of claims. Raises `AccessTokenRevoked`."""
        caller = call.caller
        user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        return user_claims(user, caller.scopes)
