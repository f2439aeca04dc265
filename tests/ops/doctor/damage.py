"""Something that goes wrong in a store, and ways to say where and how."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from kernel.storage.families import AnyFamily
from tests.ops.doctor.world import World

STRANGER = UUID(int=7, version=4)
LATE = {"seconds": 1}


class Damage(NamedTuple):
    """One thing that goes wrong, and what the doctor makes of it: families and texts."""

    name: str
    row: Callable[[World], bytes] | AnyFamily
    """The key of the row, or the family of which it is the first."""
    value: Any
    """What stands there afterwards: bytes, an edit of the record, or None for nothing."""
    findings: set[tuple[str, str]]


def own_key(family: AnyFamily, *names: str) -> Callable[[World], bytes]:
    """The key of a row of Ada's."""

    def key(world: World) -> bytes:
        return family.key(*(getattr(world, name) for name in names))

    return key


def fixed(key: bytes) -> Callable[[World], bytes]:
    """The same key in every world."""
    return lambda _: key


def edit(message: Any, **values: Any) -> Callable[[bytes], bytes]:
    """Another value for some fields of a record."""

    def edited(value: bytes) -> bytes:
        record = message.FromString(value)
        record.MergeFrom(message(**values))
        return record.SerializeToString()

    return edited
