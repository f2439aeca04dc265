"""The receiving end of the revocation feed: the revoked tokens, held in memory.

A revocation is kept as long as a token from before it can live, whatever clocks do. It is dropped,
here and in auth's log, once its `keep_until` lies before the `SettledTime` of the process: so no
jump of a clock drops it early, and neither does a clock that is ahead for a while. The list is as
small as the logouts of the last two hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import NamedTuple
from uuid import UUID

from coditect.identity.v1 import revocations_pb2
from kernel.clock import Clock, datetime_of, timestamp
from kernel.errors import AccessTokenRevoked, RevocationsStale
from kernel.identity.callers import Caller
from kernel.settings import LONGEST_TOKEN_SECONDS
from kernel.settled_time import SettledTime

# The longest life, not the one that is set: tokens may be older than the setting. The slack is for
# tokens issued a little after the time of their revocation: by another replica, whose clock
# differs, or in a call that was in progress.
KEEP = timedelta(seconds=LONGEST_TOKEN_SECONDS, minutes=2)
"""How long a revocation is kept after its `revoke_time`."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revokes some access tokens.

    With a `source_id`, the tokens that come from that: a login or grant of the user, a personal
    token, a key or a workspace session or, without a `user_id`, a client. With a `tenant_id`, the tokens for the
    tenant from before `tenant_epoch`: those of the user or, without a `user_id`, of all users.
    Otherwise, all tokens of the user, whose account is deleted.

    None of them goes by the time at which a token was issued: clocks differ, and can be set back.
    """

    user_id: UUID | None
    revoke_time: datetime
    """Not before the last of the tokens was issued, except by a clock that was ahead."""
    source_id: UUID | None = None
    tenant_id: UUID | None = None
    tenant_epoch: int = 0

    @property
    def subject(self) -> "Subject":
        """Whose tokens it revokes."""
        return Subject(self.user_id, self.source_id, self.tenant_id)

    @property
    def keep_until(self) -> datetime:
        """When the last of the tokens has expired."""
        return self.revoke_time + KEEP

    def message(self) -> revocations_pb2.Revocation:
        """Its form in the feed and in auth's log."""
        return revocations_pb2.Revocation(
            user_id="" if self.user_id is None else str(self.user_id),
            source_id="" if self.source_id is None else str(self.source_id),
            tenant_id="" if self.tenant_id is None else str(self.tenant_id),
            revoke_time=timestamp(self.revoke_time),
            tenant_epoch=self.tenant_epoch,
        )

    @classmethod
    def of(cls, message: revocations_pb2.Revocation) -> "Revocation":
        """The inverse of `message`."""
        return cls(
            user_id=UUID(message.user_id) if message.user_id else None,
            revoke_time=datetime_of(message.revoke_time),
            source_id=UUID(message.source_id) if message.source_id else None,
            tenant_id=UUID(message.tenant_id) if message.tenant_id else None,
            tenant_epoch=message.tenant_epoch,
        )


class Subject(NamedTuple):
    """Whose tokens: a user's, narrowed to one source or one tenant, or all users' of either."""

    user_id: UUID | None
    source_id: UUID | None
    tenant_id: UUID | None


class _Known(NamedTuple):
    """Which of a subject's tokens are revoked, and until when that is kept."""

    epoch: int
    """Those from before this tenant epoch; of a login or a user, all."""
    keep_until: datetime


_NOTHING = _Known(0, datetime(1970, 1, 1, tzinfo=UTC))


class Revocations:
    """The revocations that still matter, and how fresh they are.

    Args:
        stale_seconds: The longest silence of the feed; after it, no token is trusted.
        clock: The current time.
    """

    def __init__(self, stale_seconds: float, clock: Clock) -> None:
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._settled = SettledTime(clock)
        self._known: dict[Subject, _Known] = {}
        self._by_end: list[tuple[datetime, int, Subject]] = []  # a heap
        self._count = 0
        self._last_heard = float("-inf")

    def add(self, revocations: Iterable[Revocation]) -> None:
        """Adds revocations, and removes those whose tokens have all expired."""
        for revocation in revocations:
            subject, epoch, end = revocation.subject, revocation.tenant_epoch, revocation.keep_until
            if known := self._known.get(subject):
                epoch, end = max(epoch, known.epoch), max(end, known.keep_until)
            self._known[subject] = _Known(epoch, end)
            self._count += 1  # of two with the same end, the heap compares the counts
            heappush(self._by_end, (end, self._count, subject))
        settled = self._settled.read()
        while self._by_end and self._by_end[0][0] < settled:
            end, _, subject = heappop(self._by_end)
            known = self._known.get(subject)
            if known is not None and known.keep_until == end:
                del self._known[subject]

    def mark_fresh(self, heard: float | None = None) -> None:
        """Records that all revocations committed until a moment have been added.

        Args:
            heard: The moment on the monotonic clock; None for now. Take it before what may last: a
                process can stand still anywhere.
        """
        self._last_heard = self._clock.monotonic() if heard is None else heard

    def age(self) -> float:
        """Seconds since the feed was last heard; infinite before the first time."""
        return self._clock.monotonic() - self._last_heard

    def check_fresh(self) -> None:
        """Raises `RevocationsStale` if the feed has been silent for too long."""
        if self._clock.monotonic() - self._last_heard > self._stale_seconds:
            raise RevocationsStale(retry_after=1)

    async def ready(self) -> None:
        """`check_fresh` as a readiness check."""
        self.check_fresh()

    def check(self, caller: Caller) -> None:
        """Raises `AccessTokenRevoked` for a revoked token, `RevocationsStale` if the feed is stale."""
        self.check_fresh()
        known = self._known
        if not known:
            return
        user, login, tenant = caller.user_id, caller.login_id, caller.tenant_id
        if (
            Subject(user, login, None) in known
            or Subject(user, None, None) in known
            or known.get(Subject(user, None, tenant), _NOTHING).epoch > caller.tenant_epoch
            or known.get(Subject(None, None, tenant), _NOTHING).epoch > caller.tenant_epoch
            or any(
                Subject(user, source, None) in known or Subject(None, source, None) in known
                for source in caller.sources
            )
        ):
            raise AccessTokenRevoked

    def __len__(self) -> int:
        """The number of revocations in force."""
        return len(self._known)
