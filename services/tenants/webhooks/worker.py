"""Finds the webhooks that are due, and works on several at once, so that none delays the others.

An entry of an audit log leaves a row that says so; every second a process makes the webhooks of such
logs due, and claims due ones. There are two lanes: a webhook that has answered quickly runs in the
fast one. Those that are new, slow or failing have places of their own, and threads of their own that
resolve names, so however many they are, they hold up only each other. Of one host, a process works on
few at a time.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from kernel import log
from kernel.errors import StorageConflict, StorageUnavailable
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.expiry import milliseconds
from services.tenants.audit import repository as audit
from services.tenants.webhooks import repository
from services.tenants.webhooks.deliverer import LEASE, Deliverer
from services.tenants.webhooks.model import Progress
from services.tenants.webhooks.repository import FAST, SLOW, WEBHOOK_DUE
from services.tenants.webhooks.sending import WebhookSender
from services.tenants.webhooks.webhooks import due_now

PLACES = {FAST: 16, SLOW: 8}
"""How many webhooks of a lane a process works on at once."""
PER_HOST = 2
_POLL_SECONDS = 1.0
_LOGS_AT_ONCE = 50  # in one transaction
_PARTS_AT_ONCE = 20
_LOOKED_AT = 100  # due webhooks of a lane, of which some may be for hosts that are busy
_LEASE_BYTES = 16
_MOST_PER_TENANT = 1_000

_logger = log.get(__name__)


class _Due(NamedTuple):
    logs: bool
    lanes: Mapping[int, bool]


class WebhookWorker:
    """Works on the webhooks of all organizations, in one process.

    Args:
        runtime: The context's dependencies.
        deliverer: Works on one webhook.
        senders: What sends the events of each lane.
        poll_seconds: How often it looks.
    """

    def __init__(
        self,
        runtime: Runtime,
        deliverer: Deliverer,
        senders: Mapping[int, WebhookSender],
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._deliverer = deliverer
        self._senders = senders
        self._poll = poll_seconds
        self._busy: dict[asyncio.Task[None], tuple[int, str]] = {}
        self._woken = b""

    async def run(self) -> None:
        """Works forever."""
        try:
            while True:
                try:
                    await self._round()
                except (StorageUnavailable, StorageConflict):
                    _logger.warning("webhooks wait for the store")
                await self._wait()
        finally:
            tasks = list(self._busy)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _round(self) -> None:
        """Makes webhooks due, and starts work on as many as there are places for."""
        now = self._clock.now()
        due = await self._store.read(lambda tx: _look(tx, now))
        if due.logs:
            await self._wake(now)
        for lane, sender in self._senders.items():
            free = PLACES[lane] - sum(one == lane for one, _ in self._busy.values())
            if free and (due.logs or due.lanes[lane]):
                for claimed in await self._claim(lane, free, now):
                    self._start(lane, claimed, sender)

    async def _wake(self, now: datetime) -> None:
        """Makes the webhooks of logs with new entries due.

        It goes on behind the last log that it has looked at, and then at the beginning: however often
        some logs change, all others have their turn.
        """
        for _ in range(_PARTS_AT_ONCE):
            after = self._woken
            self._woken = await self._store.write(partial(_wake, now, after), essential=True)
            if not after and not self._woken:
                return

    async def _claim(self, lane: int, free: int, now: datetime) -> list[Progress]:
        leases = [secrets.token_bytes(_LEASE_BYTES) for _ in range(free)]
        busy = Counter(host for _, host in self._busy.values())

        async def claim(tx: Write) -> list[Progress]:
            hosts, claimed = Counter(busy), list[Progress]()
            for found in await _due(tx, lane, now, _LOOKED_AT):
                if len(claimed) == free:
                    break
                if hosts[found.host] < PER_HOST:
                    hosts[found.host] += 1
                    lease = leases[len(claimed)]
                    claimed.append(replace(found, due_time=now + LEASE, lease=lease))
                    await repository.PROGRESS.put(tx, claimed[-1])
            return claimed

        return await self._store.write(claim, essential=True)

    def _start(self, lane: int, claimed: Progress, sender: WebhookSender) -> None:
        task = asyncio.create_task(self._work_on(claimed, sender))
        self._busy[task] = lane, claimed.host
        task.add_done_callback(self._busy.pop)

    async def _work_on(self, claimed: Progress, sender: WebhookSender) -> None:
        try:
            await self._deliverer.work_on(claimed, sender)
        except (StorageUnavailable, StorageConflict):
            _logger.warning("webhook waits for the store")
        except Exception as error:  # noqa: BLE001 - the others go on; its lease ends
            _logger.warning("webhook failed", cause=type(error).__name__)

    async def _wait(self) -> None:
        """Waits until something may be due: some work has ended, or the next poll."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=self._poll, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(self._poll)


async def _look(tx: Read, now: datetime) -> _Due:
    logs = await tx.get_range(*audit.AUDIT_CHANGED.range(), limit=1)
    lanes = {lane: bool(await _due_rows(tx, lane, now, 1)) for lane in (FAST, SLOW)}
    return _Due(bool(logs), lanes)


async def _due_rows(tx: Read, lane: int, now: datetime, limit: int) -> list[tuple[bytes, bytes]]:
    begin, _ = WEBHOOK_DUE.range(lane)
    end = WEBHOOK_DUE.space.pack((lane, milliseconds(now) + 1))
    return await tx.get_range(begin, end, limit=limit)


async def _due(tx: Read, lane: int, now: datetime, limit: int) -> list[Progress]:
    rows = await _due_rows(tx, lane, now, limit)
    keys = [repository.PROGRESS.leads_to(WEBHOOK_DUE, *row) for row in rows]
    return await repository.PROGRESS.get_many(tx, keys)


async def _wake(now: datetime, after: bytes, tx: Write) -> bytes:
    """Makes the webhooks of logs behind a key due; returns the key to go on behind, empty at the end."""
    begin, end = audit.AUDIT_CHANGED.range()
    first = after + b"\x00" if after else begin
    rows = await tx.get_range(first, end, limit=_LOGS_AT_ONCE)
    for key, _ in rows:
        (tenant_id,) = audit.AUDIT_CHANGED.unpack(key)
        of_tenant = repository.WEBHOOK_PROGRESS.range(tenant_id)
        for _, value in await tx.get_range(*of_tenant, limit=_MOST_PER_TENANT):
            found = repository.PROGRESS.parse(value)
            if found.due_time is None and not found.disabled_reason:
                await repository.PROGRESS.put(tx, due_now(found, now))
        tx.clear(key)
    return rows[-1][0] if len(rows) == _LOGS_AT_ONCE else b""
