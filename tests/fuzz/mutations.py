"""Changes of inputs that know what readers stumble over: lines, numbers, signs of texts and of JSON."""

import random
from collections.abc import Sequence

_HOSTILE = (
    b"", b"\0", b" ", b"\t", b"\r\n", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\xe2\x80\xae", b"\xc2\x85", b"\xef\xbb\xbf",
    b"0", b"-1", b"1e999", b"NaN", b"-0.0", b"9" * 20, b"9" * 5000, b"1" + b"0" * 308, b"4294967296", b"\xd9\xa1",
    b"true", b"null", b"[]", b"{}", b'""', b"[" * 500, b'{"a":' * 200, b'"\\ud800"', b"'", b'"', b"\\", b"%00", b"%ff", b"%",
    b"a" * 300, b"a" * 5000, "\u00e9".encode() * 200, "e\u0301".encode(), "\U0001f600".encode(), "\u0130".encode(),
    b"00000000-0000-0000-0000-000000000000", b"{00000000-0000-0000-0000-000000000000}", b"../..", b"//", b"@", b":", b";", b",",
    b"=", b"==", b".", b"..", b"cdt_pat_", b"Bearer ", b"Basic Og==", b"xn--a", b"javascript:", b"http://[::1", b"<script>",
    b"\x1b[31m", b"=?utf-8?q?a?=", b"__Host-a=b", b"1970-01-01T00:00:00Z", b"0001-01-01T00:00:00+23:59",
)  # fmt: skip


def changed(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Data after one to four changes.

    Args:
        data: The input.
        others: Inputs of which lines may be taken.
        chance: Decides what is changed.
    """
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_CHANGES)(data, others, chance)
    return data


def _line(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Replaces the value of a line."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    name, sign, value = lines[at].partition(b": ")
    new = chance.choice(_HOSTILE)
    if chance.random() < 0.5:
        place = chance.randint(0, len(value))
        new = value[:place] + new + value[place:]
    lines[at] = name + sign + new
    return b"\n".join(lines)


def _insert(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Puts something hostile anywhere."""
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(_HOSTILE) + data[at + chance.choice((0, 0, 1, 4)) :]


def _cut(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Takes a piece away."""
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(1, 20) :]


def _flip(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Changes one bit."""
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _repeat(data: bytes, _: Sequence[bytes], chance: random.Random) -> bytes:
    """Says a piece twice."""
    at, size = chance.randint(0, len(data)), chance.randint(1, 40)
    return data[:at] + data[at : at + size] * 2 + data[at + size :]


def _borrow(data: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Takes a line of another input, as a new one or in the place of one."""
    if not others:
        return data
    lines, found = data.split(b"\n"), chance.choice(others).split(b"\n")
    at = chance.randrange(len(lines))
    lines[at : at + chance.choice((0, 1))] = [chance.choice(found)]
    return b"\n".join(lines)


_CHANGES = (_line, _line, _insert, _cut, _flip, _repeat, _borrow)
