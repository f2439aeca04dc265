"""Keys are tuples: their bytes sort as their elements do, one after the other.

The encoding is FoundationDB's tuple layer, on every backend; it needs no C library.
"""

from typing import Any, Final, TypeAlias
from uuid import UUID

import fdb.tuple

Element: TypeAlias = str | bytes | int | UUID

_pack = fdb.tuple.pack
_unpack = fdb.tuple.unpack


class Subspace:
    """All keys that begin with the same elements.

    Args:
        elements: What the keys begin with.
        prefix: Packed bytes that precede the elements.
        keyspace: The keyspace that it is a part of, if any.
    """

    __slots__ = ("keyspace", "prefix")

    prefix: Final[bytes]

    def __init__(
        self,
        elements: tuple[Element, ...] = (),
        prefix: bytes = b"",
        keyspace: "Keyspace | None" = None,
    ) -> None:
        self.prefix = _pack(elements, prefix)
        self.keyspace = keyspace

    def __getitem__(self, element: Element) -> "Subspace":
        """Returns the subspace one element deeper."""
        return Subspace((element,), self.prefix, self.keyspace)

    def __contains__(self, key: bytes) -> bool:
        return key.startswith(self.prefix)

    def __repr__(self) -> str:
        return f"Subspace{_unpack(self.prefix)!r}"

    def pack(self, elements: tuple[Element, ...] = ()) -> bytes:
        """Returns the key of the elements."""
        return bytes(_pack(elements, self.prefix))

    def unpack(self, key: bytes) -> tuple[Any, ...]:
        """Returns the elements after this subspace's own; the inverse of `pack`."""
        if not key.startswith(self.prefix):
            raise ValueError("The key is outside of the subspace.")
        return tuple(_unpack(key, len(self.prefix)))

    def range(self, elements: tuple[Element, ...] = ()) -> tuple[bytes, bytes]:
        """Returns begin and end of all keys with the elements and at least one more."""
        prefix = self.pack(elements)
        return prefix + b"\x00", prefix + b"\xff"


class Keyspace(Subspace):
    """All keys of one context. Families declared in it register themselves.

    Args:
        name: The context; all its keys begin with it.

    Attributes:
        families: The families declared so far, in the order of their declaration.
        invariants: Those that follow from the declarations so far: indexes agree with records.
    """

    __slots__ = ("families", "invariants", "name")

    def __init__(self, name: str) -> None:
        super().__init__((name,), keyspace=self)
        self.name = name
        self.families: list[Any] = []
        self.invariants: list[Any] = []
