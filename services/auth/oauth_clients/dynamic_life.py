"""How long a client lives that registered itself: as long as it is used."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from kernel.errors import ServiceError
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.oauth_clients.model import OAuthClient
from services.auth.oauth_clients.repository import DYNAMIC_CLIENTS
from services.auth.settings import AuthSettings

UNUSED = timedelta(days=30)
"""How long a client lives without a use."""
_OFTEN = timedelta(days=1)  # a use is noted once in this time: one write, whatever the client does


class DynamicLife:
    """The ends of dynamic clients.

    A client that is used outlives the grants that it has, because each refresh is a use.
    """

    def __init__(self, runtime: Runtime, settings: AuthSettings) -> None:
        self._runtime = runtime
        self._used = max(UNUSED, timedelta(seconds=settings.login_life_seconds))

    async def prolong(self, client: OAuthClient, now: datetime) -> None:
        """Notes that a client was used, if that is worth a write. A store that takes none is no error."""
        end = now + self._used
        if client.expire_time is None or client.expire_time > end - _OFTEN:
            return
        key = UUID(client.client_id)

        async def prolong(tx: Write) -> None:
            found = await DYNAMIC_CLIENTS.get(tx, key)
            if found is not None and (found.expire_time is None or found.expire_time < end):
                await DYNAMIC_CLIENTS.put(tx, replace(found, expire_time=end))

        with suppress(ServiceError):
            await self._runtime.store.write(prolong)
