"""The store of a running system, looked at and written to from outside."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from kernel.storage import RANGE_ROWS, Read, Store, Write, open_store
from kernel.storage.limits import FIRST_RESERVED
from services.auth.outbox import repository as auth_outbox
from services.tenants import keys as tenants_keys

T = TypeVar("T")
Rows = dict[bytes, bytes]

_UNDER_WAY = tuple(
    each.rows.space.prefix
    for each in (
        auth_outbox.OUTBOX, tenants_keys.TOKEN_REVOCATIONS, tenants_keys.SESSION_REVOCATIONS, tenants_keys.MAIL,
    )
)  # fmt: skip
_SETTLE_SECONDS = 30.0
_LOOK_SECONDS = 0.02


class Outside:
    """One more process on the store; to be used from one thread.

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
        """Everything, at one moment."""
        return self._runner.run(self._store.read(_everything))

    def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Writes behind the services' backs."""
        return self._runner.run(self._store.write(fn))

    def settle(self) -> None:
        """Waits until the services have told each other, and others, everything."""
        until = time.monotonic() + _SETTLE_SECONDS
        while any(key.startswith(_UNDER_WAY) for key in self.dump()):
            assert time.monotonic() < until, "something is never delivered"
            time.sleep(_LOOK_SECONDS)


async def _open(url: str) -> Store:
    return open_store(url)


async def _everything(tx: Read) -> Rows:
    rows: Rows = {}
    begin = b""
    while page := await tx.get_range(begin, FIRST_RESERVED, limit=RANGE_ROWS):
        rows.update(page)
        begin = page[-1][0] + b"\x00"
    return rows
