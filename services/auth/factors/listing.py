"""The factors of a user in one list, and the change of their names."""

from collections.abc import Sequence
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.factors.changes import FactorChanges
from services.auth.factors.errors import FactorNotFound, LastWayIn
from services.auth.factors.model import Factor, FactorKind, FactorOverview
from services.auth.factors.recovery import FactorRecovery
from services.auth.factors.sources import FactorSource
from services.auth.logins.repository import require_login
from services.auth.users.model import User
from services.auth.users.repository import require_user


class FactorList:
    """The use cases around the factors that a user has."""

    def __init__(
        self,
        runtime: Runtime,
        sources: Sequence[FactorSource],
        recovery: FactorRecovery,
        changes: FactorChanges,
    ) -> None:
        self._runtime = runtime
        self._sources = sources
        self._recovery = recovery
        self._changes = changes

    async def list(self, call: Call) -> FactorOverview:
        """All factors of the caller, the oldest first."""
        user_id = call.caller.user_id

        async def look(tx: Read) -> FactorOverview:
            found = [one for source in self._sources for one in await source.list(tx, user_id)]
            found.sort(key=lambda factor: (factor.create_time, factor.factor_id))
            return FactorOverview(found, await self._recovery.time(tx, user_id))

        return await self._runtime.store.read(look)

    async def rename(self, call: Call, factor_id: UUID, name: str) -> Factor:
        """Gives a factor of the caller another name. Raises `FactorNotFound`."""

        async def rename(tx: Write) -> Factor:
            await require_user(tx, call.caller.user_id)
            await require_login(tx, call.caller.user_id, call.caller.login_id)
            for source in self._sources:
                renamed = await source.rename(tx, call.caller.user_id, factor_id, name)
                if renamed is not None:
                    return renamed
            raise FactorNotFound

        return await self._runtime.store.write(rename)

    async def remove(self, call: Call, factor_id: UUID) -> None:
        """Removes a factor of the caller, and ends the other logins.

        Raises `FactorNotFound`, `LastWayIn`.
        """

        async def remove(tx: Write, user: User) -> Factor:
            for source in self._sources:
                removed = await source.remove(tx, user.user_id, factor_id)
                if removed is not None:
                    last = not await source.is_set_up(tx, user.user_id)
                    if removed.kind is FactorKind.PASSKEY and last and not user.password_hash:
                        raise LastWayIn
                    return removed
            raise FactorNotFound

        await self._changes.remove(call, remove)
