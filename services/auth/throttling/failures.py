"""Counts wrong guesses in the store: those of one lane that wait at the same time, in one transaction.

They write the same rows. Each in a transaction of its own, they would conflict until some give up: what
gives up is not counted, and gets another answer than the rest.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kernel.errors import ServiceError, StorageFull
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.throttling import repository
from services.auth.throttling.failure_log import FailureLog
from services.auth.throttling.model import Failure, Lane, LaneId
from services.auth.throttling.pauses import Pauses
from services.auth.users.repository import USERS

_BATCH = 100  # failures in one transaction


def _outcome() -> "asyncio.Future[bool]":
    return asyncio.get_running_loop().create_future()


@dataclass(frozen=True, slots=True)
class NewFailure:
    """A failure that is to be counted.

    Attributes:
        failure: What is known of it.
        counts: Whether the lane counts it. It does not if it was counted ahead, or not checked.
        network_mac: The keyed digest of the network that counts it; empty if none does.
        outcome: Whether it is the failure that stopped the guesses, once it is counted.
    """

    failure: Failure
    counts: bool
    network_mac: bytes
    outcome: "asyncio.Future[bool]" = field(default_factory=_outcome)


class Failures:
    """Writes failures, and has the log take part in each transaction."""

    def __init__(self, runtime: Runtime, pauses: Pauses, log: FailureLog) -> None:
        self._store = runtime.store
        self._pauses = pauses
        self._log = log
        self._waiting: dict[LaneId, list[NewFailure]] = {}
        self._writing: dict[LaneId, asyncio.Task[None]] = {}

    async def count(self, lane_id: LaneId, new: NewFailure) -> None:
        """Counts a failure, and reports it. Raises a `ServiceError` if the store cannot be written."""
        self._waiting.setdefault(lane_id, []).append(new)
        if lane_id not in self._writing:
            # A task of its own: a caller who leaves does not take the failures of others along.
            self._writing[lane_id] = asyncio.create_task(self._write_all(lane_id))
        stopped = await asyncio.shield(new.outcome)
        self._log.report(new.failure, stopped=stopped)

    async def _write_all(self, lane_id: LaneId) -> None:
        """Writes what waits, and what begins to wait meanwhile."""
        while waiting := self._waiting.pop(lane_id, []):
            for begin in range(0, len(waiting), _BATCH):
                await self._write(lane_id, waiting[begin : begin + _BATCH])
        del self._writing[lane_id]

    async def _write(self, lane_id: LaneId, batch: Sequence[NewFailure]) -> None:
        # A full store counts on: else it would take guesses without an end. The rows of an account are
        # few; those of other addresses protect nothing, and are answered as for an account.
        known = any(new.failure.user is not None for new in batch)
        try:
            stopped = await self._store.write(
                lambda tx: self._fail(tx, lane_id, batch), essential=known
            )
        except ServiceError as error:
            lost = isinstance(error, StorageFull) and not known
            for new in batch:
                _settle(new.outcome, False if lost else error)
        else:
            for new in batch:
                _settle(new.outcome, stopped is new.failure)

    async def _fail(
        self, tx: Write, lane_id: LaneId, batch: Sequence[NewFailure]
    ) -> Failure | None:
        """Counts failures; returns the one that stops the guesses, if one does."""
        stored, stopped = await stored_lane(tx, lane_id), None
        lane = stored
        for new in batch:
            if new.counts:
                lane = self._pauses.failed(lane, lane_id, new.failure.time)
            if new.network_mac:
                repository.count_network(tx, new.network_mac, new.failure.time)
            if stopped is None and lane is not None and self._pauses.must_notify(lane):
                stopped, lane = new.failure, replace(lane, notified=True)
        if lane is not None and lane != stored:
            await put_lane(tx, lane)
        await self._log.append(tx, [new.failure for new in batch])
        if stopped is not None and stopped.user is not None:
            await self._log.notify(tx, stopped)
        return stopped


async def stored_lane(tx: Read, lane_id: LaneId) -> Lane | None:
    """The failures on record in a lane."""
    return await repository.table_of(lane_id).get(tx, *repository.elements_of(lane_id))


async def put_lane(tx: Write, lane: Lane) -> None:
    """Writes a lane. One of a device ends with the account, which may have been deleted meanwhile."""
    user_id = lane.lane_id.user_id
    if user_id is None or await USERS.get(tx, user_id) is not None:
        await repository.table_of(lane.lane_id).put(tx, lane)


def _settle(outcome: "asyncio.Future[bool]", result: ServiceError | bool) -> None:
    if isinstance(result, ServiceError):
        outcome.set_exception(result)
        outcome.exception()  # its caller may have left
    else:
        outcome.set_result(result)
