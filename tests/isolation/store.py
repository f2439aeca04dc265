"""Direct access to the store of a running system, beside its services."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from kernel.storage import RANGE_ROWS, Read, Store, Write, open_store
from kernel.storage.limits import FIRST_RESERVED
from services.auth.audit_events.repository import AUDIT_EVENTS
from services.auth.notifications import repository as notifications
from services.auth.one_time_tokens.repository import ONE_TIME_TOKEN
from services.auth.outbox import repository as auth_outbox
from services.auth.security_log.model import Event
from services.auth.security_log.repository import (
    SECURITY_LOG,
    SECURITY_LOG_BY_DAY,
    SECURITY_LOG_COUNT,
    SECURITY_LOG_GROWN,
)
from services.tenants.audit.repository import AUDIT_CHANGED
from services.tenants.invitations import repository as invitations
from services.tenants.revocations import repository as revocations

T = TypeVar("T")
Rows = dict[bytes, bytes]

_OUTBOXES = (
    auth_outbox.OUTBOX.rows.space.prefix,
    AUDIT_EVENTS.rows.space.prefix,
    revocations.TOKEN_REVOCATIONS.rows.space.prefix,
    revocations.SESSION_REVOCATIONS.rows.space.prefix,
    invitations.INVITATION_EMAILS.rows.space.prefix,
    notifications.EMAILS.rows.space.prefix,
    AUDIT_CHANGED.space.prefix,
)
# A stranger's wrong guess is meant to be in the log of the account, and in what counts the log's rows; a
# wrong code is counted by the tokens that were mailed to the address.
_GUESSES = tuple(event.encode() for event in (Event.LOGIN_FAILED, Event.GUESSES_STOPPED))
_COUNTS = tuple(
    each.space.prefix
    for each in (SECURITY_LOG_BY_DAY, SECURITY_LOG_COUNT, SECURITY_LOG_GROWN, ONE_TIME_TOKEN)
)
_SETTLE_SECONDS = 30.0
_POLL_SECONDS = 0.02


class DirectStore:
    """Opens the store as one more process. Use it from one thread.

    Args:
        url: The address of the store.
    """

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._store = self._runner.run(_open(url))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._store.close())
        self._runner.close()

    def dump(self) -> Rows:
        """All rows, as of one moment, without the guesses in security logs, and the logs' counts."""
        rows = self._runner.run(self._store.read(_everything))
        return {key: value for key, value in rows.items() if not _is_of_guess(key, value)}

    def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Runs a write transaction that the services do not know of."""
        return self._runner.run(self._store.write(fn))

    def settle(self) -> None:
        """Waits until all outboxes are empty."""
        until = time.monotonic() + _SETTLE_SECONDS
        while any(key.startswith(_OUTBOXES) for key in self.dump()):
            assert time.monotonic() < until, "an outbox is not emptied"
            time.sleep(_POLL_SECONDS)


def _is_of_guess(key: bytes, value: bytes) -> bool:
    guessed = key.startswith(SECURITY_LOG.space.prefix) and any(one in value for one in _GUESSES)
    return guessed or key.startswith(_COUNTS)


async def _open(url: str) -> Store:
    return open_store(url)


async def _everything(tx: Read) -> Rows:
    rows: Rows = {}
    begin = b""
    while page := await tx.get_range(begin, FIRST_RESERVED, limit=RANGE_ROWS):
        rows.update(page)
        begin = page[-1][0] + b"\x00"
    return rows
