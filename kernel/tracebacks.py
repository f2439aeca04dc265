"""Tracebacks for logs: where an exception was raised, without what it says about data."""

import traceback
from collections.abc import Iterator

from kernel.errors import ServiceError

_FRAMES = 30  # the last ones of each exception
_EXCEPTIONS = 5  # of a chain or a group
# Their messages are made of names in the program.
_HARMLESS = (
    AssertionError, AttributeError, ImportError, MemoryError, NameError, NotImplementedError,
    RecursionError, ServiceError,
)  # fmt: skip
_HARMLESS_MODULES = ("lmdb", "fdb")
_WITHHELD = "[message not logged]"


def text_of(error: BaseException) -> str:
    """The type of an exception, and its message if that cannot have data of a caller."""
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    if isinstance(error, OSError):
        # Not its whole message, which may have a path.
        return f"{name}: [Errno {error.errno}] {error.strerror}" if error.errno else name
    if isinstance(error, _HARMLESS) or kind.__module__.partition(".")[0] in _HARMLESS_MODULES:
        return f"{name}: {error}" if str(error) else name
    return f"{name}: {_WITHHELD}" if error.args else name


def cause_of(error: BaseException) -> str:
    """The `text_of` the cause of an exception; empty if it has none."""
    return text_of(error.__cause__) if error.__cause__ is not None else ""


def traceback_of(error: BaseException) -> str:
    """The traceback of an exception, after those of its causes, each with `text_of`."""
    chain: list[BaseException] = [error]
    while len(chain) < _EXCEPTIONS and (earlier := _earlier(chain[-1])) is not None:
        chain.append(earlier)
    return "\n".join(part for one in reversed(chain) for part in _one(one))


def _earlier(error: BaseException) -> BaseException | None:
    if error.__cause__ is not None or error.__suppress_context__:
        return error.__cause__
    return error.__context__


def _one(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for frame in traceback.format_tb(error.__traceback__, limit=-_FRAMES):
        yield frame.rstrip("\n")
    yield text_of(error)
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions[:_EXCEPTIONS]:
            yield from _one(member)
