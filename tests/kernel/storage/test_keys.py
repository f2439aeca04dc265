"""Keys: the order of tuples, and the limits of a subspace."""

import subprocess
import sys
import uuid

import pytest

from kernel.storage import Element, Subspace

ID = uuid.UUID("00000000-0000-4000-8000-000000000001")
SPACE = Subspace(("sessions",))


@pytest.mark.parametrize(
    "elements",
    [
        (),
        ("session", ID),
        ("", b"", 0),
        ("with \x00 zero", b"\x00\xff\x00", -1),
        ("grüße \U0001f600", 2**63, -(2**63)),
    ],
)
def test_elements_unpack_unchanged(elements: tuple[Element, ...]) -> None:
    """Text, bytes, numbers and ids unpack unchanged."""
    assert SPACE.unpack(SPACE.pack(elements)) == elements


def test_keys_sort_as_their_tuples_do() -> None:
    """Within one kind of element, the order of keys is the order of the values."""
    for values in (
        [-(2**40), -300, -1, 0, 1, 255, 256, 2**40],
        ["", "a", "a\x00", "a\x00b", "aa", "b"],
        [b"", b"\x00", b"\x00\xff", b"a", b"\xff"],
        [uuid.UUID(int=n) for n in (0, 1, 2**64, 2**127)],
    ):
        keys = [SPACE.pack((value, "x")) for value in values]
        assert keys == sorted(keys)


def test_a_subspace_in_a_subspace_is_the_longer_tuple() -> None:
    """Nested subspaces and one longer tuple make the same keys."""
    assert SPACE["tenant"][ID].pack(("x",)) == SPACE.pack(("tenant", ID, "x"))
    assert Subspace(("tenant",), SPACE.prefix).prefix == SPACE["tenant"].prefix


def test_a_range_holds_exactly_the_keys_below_it() -> None:
    """The range excludes subspaces whose names begin alike, and the prefix itself."""
    begin, end = SPACE.range(("user", "a"))
    inside = [SPACE.pack(("user", "a", deeper)) for deeper in ("", b"", -1, 2**64, ID)]
    outside = [("user", "a"), ("user", "a\x00"), ("user", "aa"), ("user", "b"), ("user",)]
    assert all(begin <= key < end for key in inside)
    assert not any(begin <= SPACE.pack(elements) < end for elements in outside)


def test_a_key_of_another_subspace_is_not_unpacked() -> None:
    """A key of another subspace is an error, not a wrong tuple."""
    assert SPACE.pack(("a",)) in SPACE
    assert Subspace(("auth",)).pack(("a",)) not in SPACE
    with pytest.raises(ValueError, match="outside"):
        SPACE.unpack(Subspace(("auth",)).pack(("a",)))


def test_the_binding_leaves_imports_alone() -> None:
    """Importing the keys does not make later imports of the process warn."""
    program = "import kernel.storage.keys, wave"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
