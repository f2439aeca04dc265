"""How a store drives a transaction: step by step, and only from one of its own reads to the next.

A flag per thread says that a transaction is being driven, so that one store cannot be used inside
a transaction of another (or of itself) either.
"""

import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Never, TypeVar, cast

from kernel.storage.port import ForeignAwait, TransactionEnded
from kernel.third_party import set_running_loop

T = TypeVar("T")


class _Thread(threading.local):
    driving = False


_thread = _Thread()


def forbid_nesting() -> None:
    """Refuses a store that is called inside a transaction."""
    if _thread.driving:
        raise ForeignAwait("A transaction must not use a store.")


def run_synchronously(transaction: Coroutine[Any, Any, T]) -> T:
    """Runs a transaction whose reads are all answered on the spot.

    Whatever it yields is then foreign: the transaction is closed and `ForeignAwait` raised.
    """
    _thread.driving = True
    try:
        transaction.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    finally:
        _thread.driving = False
    raise refused(transaction)


async def run_asynchronously(
    transaction: Coroutine[Any, Any, T],
    kind: type[Any],
    arrived: Callable[[Any], Awaitable[object]],
) -> T:
    """Runs a transaction that waits for its reads.

    Args:
        transaction: What is run.
        kind: What its reads yield; whatever else it yields is foreign.
        arrived: Waits until such a thing is ready.
    """
    while True:
        _thread.driving = True
        try:
            read = transaction.send(None)
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            _thread.driving = False
        if not isinstance(read, kind):
            raise refused(transaction)
        try:
            await arrived(read)
        except BaseException:  # whoever waits was cancelled
            _close(transaction)
            raise


def refused(transaction: Coroutine[Any, Any, Any]) -> ForeignAwait:
    """Closes a transaction that waited for something foreign, and gives the error to raise."""
    _close(transaction)
    return ForeignAwait("A transaction must await nothing but its own reads.")


def _close(transaction: Coroutine[Any, Any, Any]) -> None:
    with suppress(Exception):  # its cleaning up may fail, or wait for things itself
        transaction.close()


class _NoLoop:
    """Stands where an event loop would, and refuses whatever is asked of it."""

    def __getattr__(self, name: str) -> Never:
        raise ForeignAwait("A transaction must await nothing but its own reads.")


def forbid_event_loop() -> None:
    """Makes `asyncio` refuse to work in this thread, which only runs transactions.

    Without it `asyncio.sleep` in a transaction says that there is no running event loop, which is
    true but does not help; a loop borrowed from another thread would be damaged.
    """
    set_running_loop(_NoLoop())


class _Ended:
    """Takes the place of a driver's transaction that is over; costs the live ones nothing."""

    def __getattr__(self, name: str) -> Never:
        raise TransactionEnded("The transaction is over.")


ENDED: Any = _Ended()
