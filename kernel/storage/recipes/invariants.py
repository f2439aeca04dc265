"""What must always hold between the rows of a store, said in a form that a program can check.

An invariant is about the rows of one family. It is checked a page at a time, and whatever the rows
must agree with is read in the transaction that read the page, so that what it finds was really so.
"""

from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from kernel.storage.families import AnyFamily
from kernel.storage.limits import check_key
from kernel.storage.port import Read

PAGE_ROWS = 500


class Row(NamedTuple):
    """One row of a family, in the form that its family declares.

    Attributes:
        key: The whole key.
        elements: Those of the key that vary.
        value: The value as it is stored.
        record: What it holds, if that is a record.
    """

    key: bytes
    elements: tuple[Any, ...]
    value: bytes
    record: Any


Broken: TypeAlias = Callable[[Read, Sequence[Row]], Coroutine[Any, Any, Sequence[Row]]]


class Invariant(NamedTuple):
    """Something that holds for every row of a family.

    Attributes:
        family: Whose rows it is about.
        text: What is wrong with a row for which it does not hold: "has no ...".
        broken: Gives those of some rows, one at least, for which it does not hold; they come in
            the order of their keys, with no other row of the family between them but damaged ones.
        page_rows: The most rows to look at in one transaction.
    """

    family: AnyFamily
    text: str
    broken: Broken
    page_rows: int = PAGE_ROWS


def agrees(
    family: AnyFamily,
    text: str,
    needs: Callable[[Row], Sequence[bytes]],
    holds: Callable[[Row, Sequence[bytes | None]], bool],
    unless: Broken | None = None,
) -> Invariant:
    """An invariant between a row and others whose keys it tells.

    Args:
        family: Whose rows it is about.
        text: What is wrong otherwise.
        needs: Gives the keys of the others.
        holds: Judges the row by their values. A `ValueError`, `KeyError` or `DecodeError` means
            that one of the others is damaged itself, which is found where that one is checked.
        unless: Gives those of the rows that did not hold which have no excuse.
    """

    async def broken(tx: Read, rows: Sequence[Row]) -> Sequence[Row]:
        wanted = [_needed(needs, row) for row in rows]
        values = iter(await tx.get_many([key for keys in wanted for key in keys or ()]))
        found: list[Row] = []
        for row, keys in zip(rows, wanted, strict=True):
            if keys is None or not _holds(holds, row, [next(values) for _ in keys]):
                found.append(row)
        return await unless(tx, found) if unless and found else found

    return Invariant(family, text, broken)


def is_there(family: AnyFamily, text: str, needs: Callable[[Row], Sequence[bytes]]) -> Invariant:
    """An invariant that other rows exist."""
    return agrees(family, text, needs, lambda _, values: None not in values)


def is_sound(family: AnyFamily, text: str, holds: Callable[[Row], bool]) -> Invariant:
    """An invariant of a row for itself; `holds` may also raise `ValueError`."""

    async def broken(_: Read, rows: Sequence[Row]) -> Sequence[Row]:
        return [row for row in rows if not _sound(holds, row)]

    return Invariant(family, text, broken)


@cache
def message_class(name: str) -> type[Message]:
    """Gives the message of a full name; its generated code must have been imported."""
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


def parsed(family: AnyFamily, value: bytes) -> Any:
    """Gives the record of a family behind a value. Raises `DecodeError`."""
    return message_class(family.value.holds).FromString(value)


def _needed(needs: Callable[[Row], Sequence[bytes]], row: Row) -> Sequence[bytes] | None:
    """The keys, or None if the row is such that there can be none."""
    try:
        keys = needs(row)
        for key in keys:
            check_key(key)
    except (ValueError, KeyError):
        return None
    return keys


def _holds(
    holds: Callable[[Row, Sequence[bytes | None]], bool], row: Row, values: Sequence[bytes | None]
) -> bool:
    try:
        return holds(row, values)
    except (ValueError, KeyError, DecodeError):
        return True


def _sound(holds: Callable[[Row], bool], row: Row) -> bool:
    try:
        return holds(row)
    except (ValueError, DecodeError):
        return False


def expires(*_: Any) -> tuple[Invariant, ...]:
    """Transitional: an expiry index declares its own invariants."""
    return ()
