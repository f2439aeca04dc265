"""Counts the conflicts of transactions, for a caller of the store.

A store retries by itself, so nothing in its answer says how often it had to.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Conflicts:
    """How often the transactions of a block conflicted so far."""

    count: int = 0


_current: ContextVar[Conflicts | None] = ContextVar("conflicts", default=None)


@contextmanager
def counted_conflicts() -> Iterator[Conflicts]:
    """Counts the conflicts of the transactions in a block."""
    conflicts = Conflicts()
    token = _current.set(conflicts)
    try:
        yield conflicts
    finally:
        _current.reset(token)


def note_conflict() -> None:
    """Counts a conflict of the current transaction. For backends."""
    if (conflicts := _current.get()) is not None:
        conflicts.count += 1
