"""Faults that are put into the product on purpose, one for each promise: the simulation finds them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

FAULTS: dict[str, Callable[[], AbstractContextManager[object]]] = {"": nullcontext}
"""Each fault by its name."""


@contextmanager
def broken(fault: str) -> Iterator[None]:
    """Breaks the product in one way while the context lasts."""
    with FAULTS[fault]():
        yield
