"""Invariants between the rows of a store, in a form that a program can check.

An invariant is about the rows of one family. It is checked page by page, and the related rows are
read in the transaction that read the page, so that there are no false findings.
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
    """One row of a family, parsed as the family declares.

    Attributes:
        key: The whole key.
        elements: The elements of the key that vary.
        value: The value as stored.
        record: The parsed value, if it is a record.
    """

    key: bytes
    elements: tuple[Any, ...]
    value: bytes
    record: Any


Broken: TypeAlias = Callable[[Read, Sequence[Row]], Coroutine[Any, Any, Sequence[Row]]]


class Invariant(NamedTuple):
    """Something that holds for every row of a family.

    Attributes:
        family: The family that it is about.
        text: What is wrong with a row that breaks it: "has no ...".
        broken: Returns those of the given rows that break it. It is given at least one row;
            the rows are in key order and consecutive, but for malformed ones.
        page_rows: The maximum rows to check in one transaction.
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
    """An invariant between a row and others whose keys follow from it.

    Args:
        family: The family that it is about.
        text: What is wrong otherwise.
        needs: Returns the keys of the other rows.
        holds: Whether the row agrees with their values. A `ValueError`, `KeyError` or `DecodeError`
            means that another row is malformed, which that row's own check reports.
        unless: Returns those of the broken rows that have no excuse.
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
    """An invariant of a single row; `holds` may also raise `ValueError`."""

    async def broken(_: Read, rows: Sequence[Row]) -> Sequence[Row]:
        return [row for row in rows if not _sound(holds, row)]

    return Invariant(family, text, broken)


@cache
def message_class(name: str) -> type[Message]:
    """Returns the message with a full name; its generated code must have been imported."""
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))


def parsed(family: AnyFamily, value: bytes) -> Any:
    """Parses a value as the record of its family. Raises `DecodeError`."""
    return message_class(family.value.holds).FromString(value)


def _needed(needs: Callable[[Row], Sequence[bytes]], row: Row) -> Sequence[bytes] | None:
    """The keys, or None if the row cannot have valid ones."""
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
