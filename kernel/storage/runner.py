"""Drives a transaction step by step, from one of its own reads to the next.

A flag per thread marks a running transaction, so that no store can be used inside a transaction of
another store or of its own.
"""

import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Never, TypeVar

from kernel.storage.port import ForeignAwait, TransactionEnded
from kernel.third_party import set_running_loop

T = TypeVar("T")


class _Thread(threading.local):
    driving = False


_thread = _Thread()


def forbid_nesting() -> None:
    """Raises `ForeignAwait` inside a transaction."""
    if _thread.driving:
        raise ForeignAwait("A transaction must not use a store.")


def run_synchronously(transaction: Coroutine[Any, Any, T]) -> T:
    """Runs a transaction whose reads all return at once.

    If it yields at all, it awaits something foreign: it is closed and `ForeignAwait` raised.
    """
    _thread.driving = True
    try:
        transaction.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
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
        transaction: The transaction.
        kind: The type that its reads yield; anything else is foreign.
        arrived: Waits until a yielded read is ready.
    """
    while True:
        _thread.driving = True
        try:
            read = transaction.send(None)
        except StopIteration as end:
            answer: T = end.value
            return answer
        finally:
            _thread.driving = False
        if not isinstance(read, kind):
            raise refused(transaction)
        try:
            await arrived(read)
        except BaseException:  # the caller was cancelled
            _close(transaction)
            raise


def refused(transaction: Coroutine[Any, Any, Any]) -> ForeignAwait:
    """Closes a transaction that awaited something foreign, and returns the error to raise."""
    _close(transaction)
    return ForeignAwait("A transaction must await nothing but its own reads.")


def _close(transaction: Coroutine[Any, Any, Any]) -> None:
    with suppress(Exception):  # its cleanup may fail, or await something itself
        transaction.close()


class _NoLoop:
    """Takes the place of the event loop, and rejects every use."""

    def __getattr__(self, name: str) -> Never:
        raise ForeignAwait("A transaction must await nothing but its own reads.")


def forbid_event_loop() -> None:
    """Makes `asyncio` refuse to work in this thread, which only runs transactions.

    Without it, `asyncio.sleep` in a transaction would report "no running event loop", which is true
    but misleading; and using the loop of another thread would corrupt it.
    """
    set_running_loop(_NoLoop())


class _Ended:
    """Takes the place of a backend's transaction after its end; costs live ones no check."""

    def __getattr__(self, name: str) -> Never:
        raise TransactionEnded("The transaction is over.")


ENDED: Any = _Ended()
