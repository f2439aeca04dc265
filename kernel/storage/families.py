"""Key families: the schema of a store, declared once.

A family is all keys of one form. Its declaration gives the parts of a key, the content of its
value, its lifetime and its maximum size. Keys, ranges and their parsing derive from it, and so do
the document of the key space and the doctor that checks a store.
"""

import struct
from collections.abc import Callable
from types import UnionType
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVarTuple, cast
from uuid import UUID

from fdb.tuple import Versionstamp, pack

from kernel.storage.keys import Element, Subspace

Ts = TypeVarTuple("Ts")

Commit: TypeAlias = Versionstamp
"""A position in the order of commits, see `Write.set_versionstamped_key`."""


COMMIT_BYTES = 12
_STAMP_BYTES = 10


def commit_bytes(position: Commit) -> bytes:
    """A position in the order of commits as 12 bytes, which sort as the positions do."""
    stamp: bytes = position.tr_version
    return stamp + int(position.user_version).to_bytes(2, "big")


def commit_at(position: bytes) -> Commit:
    """The inverse of `commit_bytes`."""
    return Commit(position[:_STAMP_BYTES], int.from_bytes(position[_STAMP_BYTES:], "big"))


class Part(NamedTuple):
    """One element of a key.

    Attributes:
        name: Its name; a field with this name in the record has the same value.
        kind: Its type, or a union of types.
        max_bytes: The maximum bytes that it takes in a key.
    """

    name: str
    kind: type | UnionType
    max_bytes: int


def uuid(name: str) -> Part:
    """An id."""
    return Part(name, UUID, 17)


def time(name: str) -> Part:
    """Whole milliseconds since 1970, up to the year 9999."""
    return Part(name, int, 7)


def text(name: str, max_bytes: int) -> Part:
    """A text without NUL of at most `max_bytes` bytes in UTF-8."""
    return Part(name, str, max_bytes + 2)


def digest(name: str, size: int) -> Part:
    """Arbitrary bytes; each zero byte takes two."""
    return Part(name, bytes, 2 * size + 2)


def commit(name: str) -> Part:
    """The position in the order of commits."""
    return Part(name, Commit, 13)


class Value(NamedTuple):
    """The form of a value.

    Attributes:
        holds: The full name of a protobuf message, or a description in words.
        max_bytes: The maximum bytes.
        is_record: Whether `holds` names a message.
    """

    holds: str
    max_bytes: int
    is_record: bool = False


EMPTY = Value("nothing", 0)
COUNTER = Value("a counter", 8)


def record(name: str, max_bytes: int) -> Value:
    """A protobuf message, by its full name."""
    return Value(name, max_bytes, is_record=True)


class Family(Generic[*Ts]):
    """All keys of one form.

    Args:
        space: What the keys begin with. A family in a `Keyspace` registers itself there.
        parts: The elements that follow, in order; a string is the same in every key.
        value: The form of the values.
        life: How long a row stays, in words.
        of: The family whose rows this one is an index of, if it is one.

    Attributes:
        shape: All elements of the keys after the space.
        parts: Those of them that vary.
        key_bytes: The maximum bytes of a key.
    """

    def __init__(
        self,
        space: Subspace,
        *parts: Part | str,
        value: Value,
        life: str,
        of: "AnyFamily | None" = None,
    ) -> None:
        self.space = space
        self.shape = parts
        self.parts = tuple(part for part in parts if isinstance(part, Part))
        self.value = value
        self.life = life
        self.of = of
        self._begin = space.prefix
        self._kinds = tuple(part.kind if isinstance(part, Part) else None for part in parts)
        self._steps, self._tail = _steps(parts)
        fixed = sum(len(lead) for lead, _ in self._steps) + len(self._tail)
        self.key_bytes = len(space.prefix) + fixed + sum(part.max_bytes for part in self.parts)
        if space.keyspace is not None:
            space.keyspace.families.append(self)

    @property
    def name(self) -> str:
        """The elements that are the same in every key."""
        fixed = [part for part in self.shape if isinstance(part, str)]
        return "/".join([*map(str, Subspace().unpack(self.space.prefix)), *fixed])

    def key(self, *elements: *Ts) -> bytes:
        """Returns the key of the elements."""
        key, given = self._begin, cast("tuple[Any, ...]", elements)
        for (lead, encode), element in zip(self._steps, given, strict=True):
            key += lead + encode(element)
        return key + self._tail

    def range(self, *first: Element) -> tuple[bytes, bytes]:
        """Returns begin and end of the keys with these first elements and at least one more.

        Raises:
            IndexError: There is no more: these are all the elements that vary.
        """
        prefix = self._begin
        for (lead, encode), element in zip(self._steps, first, strict=False):
            prefix += lead + encode(element)
        prefix += self._steps[len(first)][0]
        return prefix + b"\x00", prefix + b"\xff"

    def unpack(self, key: bytes) -> tuple[*Ts]:
        """Returns the elements of a key; the inverse of `key`.

        Raises:
            ValueError: The key is not of this family.
        """
        try:
            found = self.space.unpack(key)
        except (IndexError, struct.error) as error:
            raise ValueError("The key is not a tuple.") from error
        if tuple(map(type, found)) == self._kinds:  # the common case, and fast
            return found
        if len(found) != len(self.shape) or not all(map(_fits, found, self.shape)):
            raise ValueError("The key is not of this family.")
        pairs = zip(found, self.shape, strict=True)
        return tuple(element for element, part in pairs if isinstance(part, Part))

    def __repr__(self) -> str:
        return f"Family({self.name!r})"


AnyFamily: TypeAlias = Family[*tuple[Any, ...]]

_Encode: TypeAlias = Callable[[Any], bytes]


def _steps(parts: tuple[Part | str, ...]) -> tuple[list[tuple[bytes, _Encode]], bytes]:
    """The constant bytes before each variable element and its encoder; then the constant end."""
    steps: list[tuple[bytes, _Encode]] = []
    lead = b""
    for part in parts:
        if isinstance(part, str):
            lead += pack((part,))
        else:
            steps.append((lead, _ENCODERS.get(part.kind, _packed)))
            lead = b""
    return steps, lead


def _fits(element: object, part: Part | str) -> bool:
    return element == part if isinstance(part, str) else isinstance(element, part.kind)


# The tuple layer's encoding for the most common types of elements, in less than half of the
# binding's time. A test compares the two.


def _uuid(element: UUID) -> bytes:
    return b"\x30" + element.bytes


def _bytes(element: bytes) -> bytes:
    return b"\x01" + element.replace(b"\x00", b"\x00\xff") + b"\x00"


def _int(element: int) -> bytes:
    size = (element.bit_length() + 7) // 8
    if element < 0 or size >= 8:  # noqa: PLR2004 - the binding encodes large ones differently
        return _packed(element)
    return (0x14 + size).to_bytes() + element.to_bytes(size, "big")


def _commit(element: Commit) -> bytes:
    return b"\x33" + commit_bytes(element)  # the binding's own needs its C library


def _packed(element: Element) -> bytes:
    return bytes(pack((element,)))


_ENCODERS: dict[type | UnionType, _Encode] = {
    UUID: _uuid,
    bytes: _bytes,
    int: _int,
    Commit: _commit,
}
