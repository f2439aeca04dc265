"""Finding the stamps of commits in keys."""

import random
from uuid import UUID

import fdb.tuple
import pytest
from fdb.tuple import Versionstamp

from kernel.storage.moving.stamps import NONE, greatest_stamp

LOW, HIGH = bytes(7) + b"\x05\x00\x00", b"\x00\x00\x0b" + bytes(5) + b"\x00\x01"


def key(*elements: object, nested: bool = False) -> bytes:
    """Packs a key; the binding packs stamps only where its C library is installed."""
    packed = b""
    for element in elements:
        if isinstance(element, Versionstamp):
            commit = element.tr_version or b"\xff" * 10
            packed += b"\x33" + commit + element.user_version.to_bytes(2, "big")
        elif isinstance(element, tuple):
            packed += b"\x05" + key(*element, nested=True) + b"\x00"
        else:
            packed += fdb.tuple.pack((element,)) + (b"\xff" if nested and element is None else b"")
    return packed


@pytest.mark.parametrize(
    "stamped",
    [
        key(Versionstamp(HIGH, 0)),
        key("auth", "revocation", Versionstamp(HIGH, 7)),
        key("audit", UUID(int=51), Versionstamp(HIGH, 65_535), "behind", 3),
        key("nested", ("deep", (Versionstamp(HIGH, 1), None)), b"\x33"),
        key(Versionstamp(LOW, 3), Versionstamp(HIGH, 0), Versionstamp(LOW, 3)),
    ],
)
def test_a_stamp_is_found_wherever_it_stands(stamped: bytes) -> None:
    """At the beginning, in the middle and inside nested tuples; of several, the greatest is found."""
    assert greatest_stamp([key("a"), key(Versionstamp(LOW, 9)), stamped, key("z")]) == HIGH


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\x33",
        b"\x33" + b"\x01" * 11,
        b"\xfd\x33" + b"\x01" * 12,
        b"\x30\x33" + b"\x01" * 13,
        b"\x02\xff\xff\x00\x33" + b"\x01" * 12,
        key("3" * 40),
        key(b"\x33" * 40),
        key(UUID(bytes=b"\x33" * 16)),
        key(int.from_bytes(b"\x33" * 8, "big"), int.from_bytes(b"\x33" * 20, "big")),
        key("waiting", Versionstamp.incomplete(4)),
    ],
)
def test_other_keys_have_no_stamp(other: bytes) -> None:
    """Other elements with a stamp's type byte, keys that are not tuples, and no commit are ignored."""
    assert greatest_stamp([other]) == NONE
    assert greatest_stamp([other, key(Versionstamp(LOW, 0)), other]) == LOW


def test_no_keys_have_no_stamp() -> None:
    """The result sorts before every stamp."""
    assert greatest_stamp([]) == NONE < LOW


@pytest.mark.parametrize("seed", range(5))
def test_no_stamp_is_missed(seed: int) -> None:
    """Among random keys of all kinds of elements, the greatest is found."""
    chance = random.Random(seed)

    def element() -> object:
        return chance.choice(
            [
                chance.randbytes(chance.randrange(40)),
                chance.randrange(-(2**70), 2**70),
                UUID(bytes=chance.randbytes(16)),
                "".join(chr(chance.randrange(1, 0x800)) for _ in range(9)),
                None,
                Versionstamp(b"\x00" + chance.randbytes(9), chance.randrange(65_536)),
            ]
        )

    tuples = [tuple(element() for _ in range(chance.randrange(1, 6))) for _ in range(500)]
    expected = max(
        part.tr_version for parts in tuples for part in parts if isinstance(part, Versionstamp)
    )
    assert greatest_stamp([key(*parts) for parts in tuples]) == expected
