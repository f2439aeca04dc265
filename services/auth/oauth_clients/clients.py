"""Finds the client behind an id: built in, registered, or with a document under its id."""

from typing import Protocol
from uuid import UUID

from kernel.runtime import Runtime
from services.auth.oauth_clients import repository
from services.auth.oauth_clients.built_in import BUILT_IN
from services.auth.oauth_clients.errors import InvalidClient
from services.auth.oauth_clients.model import OAuthClient, is_registered_id


class Documents(Protocol):
    """The clients with a metadata document."""

    async def find(self, client_id: str) -> OAuthClient | None:
        """The client whose document is at a URL; None if the text is no such URL, or has no good document."""
        ...


class OAuthClients:
    """All clients.

    Args:
        runtime: Gives the store, where the registered clients are.
        documents: The clients with a document; None where the operator does not allow them.
    """

    def __init__(self, runtime: Runtime, documents: Documents | None = None) -> None:
        self._runtime = runtime
        self._documents = documents

    async def find(self, client_id: str) -> OAuthClient:
        """The client with an id. Raises `InvalidClient`. Not inside of a transaction."""
        found = BUILT_IN.get(client_id)
        if found is None and is_registered_id(client_id):
            found = await self._registered(UUID(client_id))
        elif found is None and self._documents is not None:
            found = await self._documents.find(client_id)
        if found is None:
            raise InvalidClient
        return found

    async def _registered(self, client_id: UUID) -> OAuthClient | None:
        found = await self._runtime.store.read(lambda tx: repository.registered(tx, client_id))
        now = self._runtime.clock.now()
        if found is not None and found.expire_time is not None and found.expire_time <= now:
            return None
        return found
