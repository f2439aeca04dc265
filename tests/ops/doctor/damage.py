"""Damage to a store, and helpers to describe it."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from kernel.storage.families import AnyFamily
from tests.ops.doctor.environment import Environment

STRANGER = UUID(int=7, version=4)
LATE = {"seconds": 1}


class Damage(NamedTuple):
    """One damaged row, and the doctor's findings as families and texts."""

    name: str
    row: Callable[[Environment], bytes] | AnyFamily
    """The key of the row, or a family whose first row is damaged."""
    value: Any
    """The new value: bytes, an edit of the record, or None to remove the row."""
    findings: set[tuple[str, str]]


def own_key(family: AnyFamily, *names: str) -> Callable[[Environment], bytes]:
    """The key of one of Ada's rows."""

    def key(environment: Environment) -> bytes:
        return family.key(*(getattr(environment, name) for name in names))

    return key


def fixed(key: bytes) -> Callable[[Environment], bytes]:
    """The same key in every environment."""
    return lambda _: key


def edit(message: Any, **values: Any) -> Callable[[bytes], bytes]:
    """An edit that changes some fields of a record."""

    def edited(value: bytes) -> bytes:
        record = message.FromString(value)
        record.MergeFrom(message(**values))
        return record.SerializeToString()

    return edited
