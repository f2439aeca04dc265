"""One guess: whether it may be checked, and what is written about its outcome."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.table import Table
from services.auth.throttling import repository
from services.auth.throttling.failures import Failures, NewFailure, put_lane, stored_lane
from services.auth.throttling.model import Failure, Lane, LaneId
from services.auth.throttling.pauses import Pauses
from services.auth.users.model import User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who guesses, and what the store said about it before the guess.

    Attributes:
        user: The account; None if the address has none.
        device_id: The device if the account knows it; else None.
        device: What the call comes from.
        lane_id: The lane that counts the guess.
        lane: The failures on record in it.
        network_mac: The keyed digest of the network that counts the guess; empty if none does.
        network_failures: The failures of the network in this hour.
        now: When the guess began.
    """

    user: User | None
    device_id: UUID | None
    device: Device
    lane_id: LaneId
    lane: Lane | None
    network_mac: bytes
    network_failures: int
    now: datetime


class Attempt:
    """A guess between its beginning and its outcome.

    Attributes:
        user: The account; None if the address has none.
        device_id: The device if the account knows it; else None.
        allowed: Whether the guess may be checked. If not, the caller checks something as costly
            that never matches, and calls `failed`.
        checked: Whether a check has begun. If the call is cancelled then, the guess counts.
    """

    def __init__(
        self, runtime: Runtime, pauses: Pauses, failures: Failures, guesser: Guesser
    ) -> None:
        self._runtime = runtime
        self._pauses = pauses
        self._failures = failures
        self._guesser = guesser
        self._reserved = self._failed = False
        self.user, self.device_id = guesser.user, guesser.device_id
        self.allowed = not pauses.is_stopped(guesser.lane, guesser.now)
        self.checked = False

    async def reserve(self) -> None:
        """Counts a guess as a failure before it is checked, if there are failures on record.

        Without any, the limit of guesses at once is enough, and costs no transaction.
        """
        lane = self._guesser.lane
        if self.allowed and lane is not None and lane.expire_time > self._guesser.now:
            self.allowed = self._reserved = await self._write(self._count_ahead)

    async def failed(self) -> None:
        """Counts the guess as wrong, in no transaction of the caller's; then the caller raises."""
        self._failed = True
        guesser, runtime = self._guesser, self._runtime
        failure = Failure(
            failure_id=runtime.ids.uuid(),
            user=guesser.user,
            email_mac=guesser.lane_id.email_mac,
            device=guesser.device,
            known_device=guesser.device_id is not None,
            time=runtime.clock.now(),
            second_factor=guesser.lane_id.is_second_factor,
        )
        counts = self.allowed and not self._reserved
        new = NewFailure(failure, counts, guesser.network_mac)
        await self._failures.count(guesser.lane_id, new)

    async def clear(self, tx: Write) -> None:
        """Forgets the failures, in the transaction of the caller's success.

        Reads and writes nothing if there were none when the guess began.
        """
        if self._guesser.lane is None:
            return
        lane = await self._stored(tx)
        if lane is not None:
            await self._table.clear(tx, lane)

    async def succeeded(self) -> None:
        """Forgets the failures, where the success itself writes nothing."""
        if self._guesser.lane is not None:
            await self._write(self.clear)

    async def give_back(self) -> None:
        """Takes back a guess that was counted ahead, and was not found to be wrong."""
        if self._reserved and not self._failed:
            await self._write(self._uncount)

    async def cancelled(self) -> None:
        """Counts a guess whose caller left while it was checked."""
        if self.checked and self.allowed and not self._reserved and not self._failed:
            await asyncio.shield(self.failed())

    async def _count_ahead(self, tx: Write) -> bool:
        lane, now = await self._stored(tx), self._guesser.now
        if self._pauses.is_stopped(lane, now):
            return False
        await put_lane(tx, self._pauses.failed(lane, self._guesser.lane_id, now))
        return True

    async def _uncount(self, tx: Write) -> None:
        lane = await self._stored(tx)
        if lane is not None and lane.failures > 1:
            await self._table.put(tx, replace(lane, failures=lane.failures - 1))
        elif lane is not None:
            await self._table.clear(tx, lane)

    async def _write(self, change: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Changes or removes a row that is there, for which there is room in a full store, too."""
        return await self._runtime.store.write(change, essential=True)

    @property
    def _table(self) -> Table[Lane]:
        return repository.table_of(self._guesser.lane_id)

    async def _stored(self, tx: Write) -> Lane | None:
        return await stored_lane(tx, self._guesser.lane_id)
