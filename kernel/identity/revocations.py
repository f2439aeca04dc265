"""The receiving end of the revocation feed: the revoked tokens, held in memory.

A revocation matters only while a token from before it could still be valid, so the list stays as
small as the logouts of the last 15 minutes.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from coditect.identity.v1 import revocations_pb2
from kernel.clock import Clock, datetime_of, timestamp
from kernel.errors import AccessTokenRevoked, RevocationsStale
from kernel.identity.callers import Caller

# A token may be issued a little after the time of its revocation: by another replica, whose clock
# differs, or in a call that was in progress.
_SLACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revokes some access tokens.

    With a `login_id`, the tokens of that login of the user. With a `tenant_id`, the tokens for the
    tenant from before `tenant_epoch`: those of the user or, without a `user_id`, of all users.
    Otherwise, the tokens of the user issued in or before the second of `revoke_time`.
    """

    user_id: UUID | None
    revoke_time: datetime
    login_id: UUID | None = None
    tenant_id: UUID | None = None
    tenant_epoch: int = 0

    @property
    def subject(self) -> "Subject":
        """Whose tokens it revokes."""
        return Subject(self.user_id, self.login_id, self.tenant_id)

    @property
    def limit(self) -> int:
        """The last `iat`, or the last tenant epoch, whose tokens of the subject are revoked."""
        if self.tenant_id is not None:
            return self.tenant_epoch - 1
        return int(self.revoke_time.timestamp())

    def message(self) -> revocations_pb2.Revocation:
        """Its form in the feed and in auth's log."""
        return revocations_pb2.Revocation(
            user_id="" if self.user_id is None else str(self.user_id),
            login_id="" if self.login_id is None else str(self.login_id),
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
            login_id=UUID(message.login_id) if message.login_id else None,
            tenant_id=UUID(message.tenant_id) if message.tenant_id else None,
            tenant_epoch=message.tenant_epoch,
        )


class Subject(NamedTuple):
    """Whose tokens: a user's, narrowed to one login or one tenant, or all users' in a tenant."""

    user_id: UUID | None
    login_id: UUID | None
    tenant_id: UUID | None


class _Known(NamedTuple):
    """The limit up to which a subject's tokens are revoked, and the second of the revocation."""

    limit: int
    second: int


_NOTHING = _Known(-1, -1)


class Revocations:
    """The revocations that still matter, and how fresh they are.

    Args:
        token_seconds: The life of an access token.
        stale_seconds: The longest silence of the feed; after it, no token is trusted.
        clock: The current time.
    """

    def __init__(self, token_seconds: float, stale_seconds: float, clock: Clock) -> None:
        self._token_seconds = token_seconds
        self._stale_seconds = stale_seconds
        self._clock = clock
        self._known: dict[Subject, _Known] = {}
        self._by_age: deque[tuple[int, Subject]] = deque()
        self._last_heard = float("-inf")

    def add(self, revocations: Iterable[Revocation]) -> None:
        """Adds revocations, and removes those that are older than any valid token."""
        for revocation in revocations:
            second, limit = int(revocation.revoke_time.timestamp()), revocation.limit
            subject = revocation.subject
            if known := self._known.get(subject):
                second, limit = max(second, known.second), max(limit, known.limit)
            self._known[subject] = _Known(limit, second)
            self._by_age.append((second, subject))
        oldest = self._clock.now().timestamp() - self._token_seconds - _SLACK_SECONDS
        while self._by_age and self._by_age[0][0] < oldest:
            second, subject = self._by_age.popleft()
            known = self._known.get(subject)
            if known is not None and known.second == second:
                del self._known[subject]

    def mark_fresh(self) -> None:
        """Records that all revocations committed until now have been added."""
        self._last_heard = self._clock.monotonic()

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
            or known.get(Subject(user, None, None), _NOTHING).limit >= caller.issue_second
            or known.get(Subject(user, None, tenant), _NOTHING).limit >= caller.tenant_epoch
            or known.get(Subject(None, None, tenant), _NOTHING).limit >= caller.tenant_epoch
        ):
            raise AccessTokenRevoked

    def __len__(self) -> int:
        """The number of revocations in force."""
        return len(self._known)
