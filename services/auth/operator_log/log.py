"""Reads the operator log, and takes in the acts of other services."""

from datetime import timedelta
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.operator_log import repository
from services.auth.operator_log.model import OperatorAct, ReceivedEvent
from services.auth.operator_log.repository import OPERATOR_EVENTS

MEMORY = timedelta(days=30)
"""How long a repeat is known: much longer than a sender goes on after a delivery that it has not noted."""


class OperatorLog:
    """The use cases around the log."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._page_tokens = PageTokens(runtime.seal)

    async def list(
        self, limit: int, token: str, *, user_id: UUID | None = None, tenant_id: UUID | None = None
    ) -> Listing[OperatorAct]:
        """A page of the acts, the newest first; with a user or a tenant, those on that one.

        Raises `PageTokenInvalid`.
        """
        name = list_name(
            "operator log", *("" if one is None else str(one) for one in (user_id, tenant_id))
        )

        def only(act: OperatorAct) -> bool:
            return user_id in {None, act.user_id} and tenant_id in {None, act.tenant_id}

        return await self._page_tokens.list(
            self._store,
            name,
            token,
            lambda tx, after: repository.acts(tx, only, after=after, limit=limit),
        )

    async def receive(self, event_id: UUID, act: OperatorAct) -> None:
        """Adds an act of another service at the end of the log, once for each event id."""
        expire_time = self._clock.now() + MEMORY

        async def receive(tx: Write) -> None:
            if await OPERATOR_EVENTS.get(tx, event_id) is None:
                repository.append(tx, act)
                await OPERATOR_EVENTS.put(tx, ReceivedEvent(event_id, expire_time))

        await self._store.write(receive)
