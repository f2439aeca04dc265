"""The erasure of what auth keeps of a deleted organization: its service accounts and its clients."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.revocations.log import RevocationLog

Erase: TypeAlias = Callable[[Write, UUID, datetime, int], Awaitable[int]]
"""Removes what there is of an organization, as much as given at most, and says how much."""

_BATCH = 10  # service accounts with up to a hundred keys each


class EraseTenant:
    """Erases organizations.

    Args:
        runtime: Gives store and clock.
        log: The revocation log.
        erase: What removes the rows of each capability.
    """

    def __init__(self, runtime: Runtime, log: RevocationLog, *erase: Erase) -> None:
        self._runtime = runtime
        self._log = log
        self._erase = erase

    async def erase(self, tenant_id: UUID) -> None:
        """Removes everything of an organization, in small transactions. A repeat changes nothing."""
        while await self._runtime.store.write(
            lambda tx: self._erase_some(tx, tenant_id), essential=True
        ):
            pass
        await self._log.wait_until_enforced()

    async def _erase_some(self, tx: Write, tenant_id: UUID) -> int:
        now = self._runtime.clock.now()
        return sum([await erase(tx, tenant_id, now, _BATCH) for erase in self._erase])
