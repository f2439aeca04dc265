"""Families of keys: their declaration, and what follows from it."""

import random
from typing import Any
from uuid import UUID

import pytest
from fdb.tuple import Versionstamp

from kernel.storage import Subspace
from kernel.storage.families import (
    COUNTER,
    EMPTY,
    AnyFamily,
    Family,
    Part,
    commit,
    digest,
    record,
    text,
    time,
    uuid,
)

SPACE = Subspace(("test",))
ROOMS = Family[UUID, UUID](
    SPACE["house"], uuid("house_id"), "room", uuid("room_id"), value=EMPTY, life="for ever"
)
GUESTS = Family[str, int, bytes](
    SPACE["guest"],
    text("name", 20),
    time("come_time"),
    digest("face", 4),
    value=record("test.Guest", 100),
    life="a night",
)
HEAD = Family[()](SPACE["head"], value=COUNTER, life="for ever", of=GUESTS)
LOG = Family[Versionstamp](SPACE["log"], commit("commit"), value=EMPTY, life="for ever")
EITHER = Family[str | bytes](
    SPACE["either"], Part("name", str | bytes, 10), value=EMPTY, life="for ever"
)
TAILED = Family[UUID](SPACE["tailed"], uuid("id"), "tail", value=EMPTY, life="for ever")

HOUSE, ROOM = UUID(int=5 << 80), UUID(int=6 << 90)
KEYS: list[tuple[AnyFamily, tuple[Any, ...], tuple[Any, ...]]] = [
    (ROOMS, (HOUSE, ROOM), ("test", "house", HOUSE, "room", ROOM)),
    (GUESTS, ("Ada", 0, b""), ("test", "guest", "Ada", 0, b"")),
    (GUESTS, ("Zoë", 1 << 47, b"\0\xff\0a"), ("test", "guest", "Zoë", 1 << 47, b"\0\xff\0a")),
    (HEAD, (), ("test", "head")),
    (EITHER, (b"\0",), ("test", "either", b"\0")),
    (EITHER, ("text",), ("test", "either", "text")),
    (TAILED, (HOUSE,), ("test", "tailed", HOUSE, "tail")),
]


@pytest.mark.parametrize(("family", "elements", "whole"), KEYS)
def test_keys_are_tuples(
    family: AnyFamily, elements: tuple[Any, ...], whole: tuple[Any, ...]
) -> None:
    """A key is the tuple of all its elements, and unpacks to the variable ones."""
    key = family.key(*elements)
    assert key == Subspace().pack(whole)
    assert family.unpack(key) == elements
    assert len(key) <= family.key_bytes


def test_numbers_are_packed_as_the_binding_does() -> None:
    """Numbers of any size and sign are packed as the binding does."""
    numbers = [0, 1, -1, 255, 256, 1 << 63, (1 << 64) - 1, 1 << 64, -(1 << 70)]
    numbers += [random.Random(5).getrandbits(size) for size in range(64)]
    for number in numbers:
        assert GUESTS.key("", number, b"") == SPACE["guest"].pack(("", number, b""))


def test_a_stamped_key_is_read() -> None:
    """A stamped key unpacks to its versionstamp."""
    key = LOG.space.prefix + b"\x33" + b"0123456789" + b"\x00\x07"
    assert LOG.unpack(key) == (Versionstamp(b"0123456789", 7),)
    assert len(key) == LOG.key_bytes


def test_ranges_hold_all_keys_with_a_prefix() -> None:
    """A range includes all keys with the given elements, also before a constant element."""
    for first, whole in (((), ("test", "house")), ((HOUSE,), ("test", "house", HOUSE, "room"))):
        assert ROOMS.range(*first) == Subspace().range(whole)
    assert GUESTS.range("Ada") == SPACE["guest"].range(("Ada",))
    assert TAILED.range() == SPACE["tailed"].range()


def test_a_range_needs_an_element_that_varies() -> None:
    """All elements are a key, not a range of keys."""
    for family, first in ((HEAD, ()), (TAILED, (HOUSE,)), (ROOMS, (HOUSE, ROOM))):
        with pytest.raises(IndexError):
            family.range(*first)


@pytest.mark.parametrize(
    "key",
    [
        SPACE["house"].pack((HOUSE, "cellar", ROOM)),
        SPACE["house"].pack((HOUSE, "room", "kitchen")),
        SPACE["house"].pack((HOUSE, "room")),
        SPACE["house"].pack((HOUSE, "room", ROOM, ROOM)),
        SPACE["houses"].pack((HOUSE, "room", ROOM)),
        ROOMS.key(HOUSE, ROOM)[:-1],
        ROOMS.key(HOUSE, ROOM) + b"\xf0",
        SPACE["house"].prefix + b"\x33short",
        SPACE["house"].prefix + b"\x1c\x01",
        SPACE["house"].prefix + b"\x02\xff",
    ],
)
def test_other_keys_are_refused(key: bytes) -> None:
    """A key that does not have exactly the family's form is refused."""
    with pytest.raises(ValueError, match=r"key|Unknown|UUID|code|byte"):
        ROOMS.unpack(key)


def test_any_bytes_are_read_or_refused() -> None:
    """Any bytes either unpack or are refused, without another error."""
    chance = random.Random(5)
    for _ in range(20_000):
        tail = bytes([chance.choice([0, 1, 2, 5, 0x14, 0x15, 0x20, 0x21, 0x30, 0x33])])
        tail += chance.randbytes(chance.randrange(20))
        for family in (ROOMS, GUESTS, LOG, EITHER):
            key = family.space.prefix + tail
            try:
                elements = family.unpack(key)
            except ValueError:
                continue
            assert len(elements) == len(family.parts)


def test_a_family_is_named_by_its_place() -> None:
    """A family's name consists of its constant elements."""
    families = (ROOMS, GUESTS, HEAD)
    assert [family.name for family in families] == ["test/house/room", "test/guest", "test/head"]
    assert repr(HEAD) == "Family('test/head')"
