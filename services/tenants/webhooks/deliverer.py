"""Works on one webhook for a while: sends its events, one after the other, and notes each.

A webhook has one worker at a time, who holds a lease, so its events stay in order. The position moves
in a transaction after each delivery; a worker that dies in between leaves a lease that ends, and the
next one sends the event again. What others change meanwhile (an admin, the sweeper) counts, because
each transaction begins with the stored progress.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from kernel import log
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry, LogEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import SUSPENDED
from services.tenants.webhooks import progress as rules
from services.tenants.webhooks import repository
from services.tenants.webhooks.model import FailedDelivery, Progress, SendResult, Webhook
from services.tenants.webhooks.progress import Retries
from services.tenants.webhooks.sending import Message, WebhookSender

LEASE = timedelta(seconds=30)
"""How long a worker is alone with a webhook; each delivery begins it anew. A delivery takes 10 seconds at
most, so the clocks of two processes may differ by 20."""
TURN_SECONDS = 20.0
"""After this time a worker lets go of a webhook, so that others have their turn."""
LOST = "events.lost"

_logger = log.get(__name__)


class Bodies(NamedTuple):
    """How events become JSON.

    Attributes:
        entry: Makes that of an entry of the log.
        notice: Makes that of an event that is not in the log: its id, tenant, type, time, and the
            number of lost events.
    """

    entry: Callable[[LogEntry], bytes]
    notice: Callable[[UUID, UUID, str, datetime, int], bytes]


class Job(NamedTuple):
    """The next thing that a webhook sends.

    Attributes:
        webhook: The webhook.
        progress: How far it has come.
        entry: The entry; None for a notice of lost events.
        replay: The failed delivery, if it is one.
    """

    webhook: Webhook
    progress: Progress
    entry: LogEntry | None
    replay: FailedDelivery | None = None


class Deliverer:
    """Works on webhooks.

    Args:
        runtime: The context's dependencies.
        bodies: How events become JSON.
        retries: When an event is tried again.
        count: Called with `done`, `failed` or `given_up` for each attempt.
    """

    def __init__(
        self,
        runtime: Runtime,
        bodies: Bodies,
        retries: Retries,
        count: Callable[[str], None],
    ) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._bodies = bodies
        self._retries = retries
        self._count = count

    async def work_on(self, claimed: Progress, sender: WebhookSender) -> None:
        """Sends the events of a webhook until there are none, one fails, or the turn is over.

        Args:
            claimed: The webhook, with the lease of this worker.
            sender: Sends them.
        """
        end = self._clock.monotonic() + TURN_SECONDS
        while True:
            job = await self._store.read(lambda tx: _next_job(tx, claimed))
            if job is None:
                return await self._rest(claimed)
            outcome = await sender.send(job.webhook, self._message(job))
            over = self._clock.monotonic() >= end
            if not await self._note(job, outcome, over=over) or over:
                return None

    def _message(self, job: Job) -> Message:
        entry = (job.replay and job.entry) or job.entry
        if entry is not None:
            return Message(entry.event_id, self._bodies.entry(entry))
        lost = job.progress.lost_events
        event_id = uuid5(job.webhook.webhook_id, f"lost {lost}")
        count = lost - job.progress.told_lost_events
        now = self._clock.now()
        body = self._bodies.notice(event_id, job.webhook.tenant_id, LOST, now, count)
        return Message(event_id, body)

    async def _rest(self, claimed: Progress) -> None:
        """Ends the lease of a webhook that has nothing to send, unless there is something by now."""
        now = self._clock.now()

        async def rest(tx: Write) -> None:
            stored = await _leased(tx, claimed)
            if stored is not None:
                more = await _next_job(tx, claimed) is not None
                ended = replace(stored, due_time=now if more else None, lease=b"")
                await repository.PROGRESS.put(tx, ended)

        await self._store.write(rest, essential=True)

    async def _note(self, job: Job, outcome: SendResult, *, over: bool) -> bool:
        """Notes what came of an attempt; returns whether this worker goes on."""
        now, retries = self._clock.now(), self._retries.spread_anew()

        async def note(tx: Write) -> Progress | None:
            stored = await _leased(tx, job.progress)
            if stored is None:
                return None
            if job.replay is not None:
                new = await _replayed(tx, stored, job.replay, outcome, now)
            elif outcome.delivered:
                new = _after(stored, job, rules.delivered(stored, _commit(job), outcome, now))
            else:
                new = await _failed(tx, stored, job, outcome, now, retries)
            # A webhook that has become slow, or quick, goes on in the other lane.
            new = _held(new, now, over=over or new.slow != stored.slow)
            await repository.PROGRESS.put(tx, new)
            return new

        new = await self._store.write(note, essential=True)
        self._count("done" if outcome.delivered else "failed")
        if new is not None and new.has_given_up and not job.progress.has_given_up:
            self._count("given_up")
        return new is not None and new.leased


async def _next_job(tx: Read, claimed: Progress) -> Job | None:
    """The next thing that a webhook sends; None if there is nothing, or it must not send."""
    tenant_id, webhook_id = claimed.tenant_id, claimed.webhook_id
    webhook = await repository.WEBHOOKS.get(tx, tenant_id, webhook_id)
    stored = await _leased(tx, claimed)
    tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
    if webhook is None or stored is None or tenant is None:
        return None
    if stored.disabled_reason or tenant.state == SUSPENDED:
        return None
    if stored.lost_events > stored.told_lost_events:
        return Job(webhook, stored, None)
    replay = await repository.next_replay(tx, tenant_id, webhook_id)
    if replay is not None:
        entry = await audit.entry_at(tx, tenant_id, replay.commit)
        if entry is not None:  # the sweeper removes both in one transaction
            return Job(webhook, stored, entry, replay)
    entries = await audit.entries_after(tx, tenant_id, stored.position, 1)
    return Job(webhook, stored, entries[0]) if entries else None


async def _leased(tx: Read, claimed: Progress) -> Progress | None:
    """The stored progress, as long as the lease is that of the worker; None without it."""
    stored = await repository.PROGRESS.get(tx, claimed.tenant_id, claimed.webhook_id)
    return stored if stored is not None and stored.lease == claimed.lease else None


async def _replayed(
    tx: Write, stored: Progress, replay: FailedDelivery, outcome: SendResult, now: datetime
) -> Progress:
    """After a failed delivery was sent again: it is removed, or stays and waits no more."""
    kept = await repository.FAILED_DELIVERIES.get(tx, *repository.failed_key(replay))
    if kept is not None and outcome.delivered:
        await repository.FAILED_DELIVERIES.clear(tx, kept)
    elif kept is not None:
        again = replace(
            kept,
            replaying=False,
            attempts=kept.attempts + 1,
            last_attempt_time=now,
            last_status=outcome.status,
        )
        await repository.FAILED_DELIVERIES.put(tx, again)
    return replace(stored, last_status=outcome.status)


async def _failed(
    tx: Write, stored: Progress, job: Job, outcome: SendResult, now: datetime, retries: Retries
) -> Progress:
    step = rules.failed(stored, _commit(job), outcome, now, retries)
    if step.given_up and job.entry is not None:
        attempts = stored.attempts + 1
        await repository.FAILED_DELIVERIES.put(
            tx, _given_up(job, job.entry, outcome, now, attempts)
        )
    if step.progress.disabled_reason and not stored.disabled_reason:
        reason = step.progress.disabled_reason
        _logger.warning("webhook disabled", tenant_id=str(stored.tenant_id), reason=reason)
        disabled = AuditEntry.unsigned(now, "webhook.disabled", stored.webhook_id, reason)
        entry = replace(disabled, target_name=job.webhook.name)
        audit.append(tx, stored.tenant_id, entry)
    return _after(stored, job, step.progress, moved=step.given_up)


def _after(stored: Progress, job: Job, new: Progress, *, moved: bool = True) -> Progress:
    """The progress after an attempt: only what was sent counts, not what has changed meanwhile."""
    if job.entry is None:
        return replace(new, told_lost_events=job.progress.lost_events) if moved else new
    if stored.position != job.progress.position:  # an admin has set it back meanwhile
        return replace(new, position=stored.position)
    return new


def _given_up(
    job: Job, entry: LogEntry, outcome: SendResult, now: datetime, attempts: int
) -> FailedDelivery:
    return FailedDelivery(
        tenant_id=entry.tenant_id,
        webhook_id=job.webhook.webhook_id,
        commit=entry.commit,
        event_id=entry.event_id,
        type=entry.entry.action,
        event_time=entry.entry.time,
        last_attempt_time=now,
        attempts=attempts,
        last_status=outcome.status,
    )


def _commit(job: Job) -> bytes:
    return b"" if job.entry is None else job.entry.commit


def _held(new: Progress, now: datetime, *, over: bool) -> Progress:
    """The progress with a longer lease, or without one if it is disabled or the turn is over."""
    if new.disabled_reason:
        return replace(new, due_time=None, lease=b"")
    if not new.leased:  # it has failed
        return new
    return replace(new, due_time=now, lease=b"") if over else replace(new, due_time=now + LEASE)
