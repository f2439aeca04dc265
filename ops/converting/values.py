"""Values of exports in the form of an import."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeAlias

Record: TypeAlias = Mapping[str, Any]
_LONGEST_NAME = 100


class NotConverted(Exception):
    """A record that is left out; the text says why, and quotes nothing of it."""


def objects(file: BinaryIO) -> Iterator[Record]:
    """The objects of a file: one per line, or one array of all."""
    first = file.read(1)
    while first.isspace():
        first = file.read(1)
    if first == b"[":
        yield from json.loads(first + file.read())
        return
    line = first + file.readline()
    while line:
        if not line.isspace():
            yield json.loads(line)
        line = file.readline()


def without_empty(**given: Any) -> dict[str, Any]:
    """A line without the fields that say nothing."""
    return {name: value for name, value in given.items() if value not in (None, "", [], False)}


def names(record: Record, first: str, last: str, whole: str = "") -> dict[str, str]:
    """First and last name; where there is only a whole name, its last word is the last name."""
    given, family = record.get(first) or "", record.get(last) or ""
    if not given and not family and whole:
        given, _, family = str(record.get(whole) or "").strip().rpartition(" ")
        given, family = (given, family) if given else (family, "")
    return {"firstName": str(given)[:_LONGEST_NAME], "lastName": str(family)[:_LONGEST_NAME]}


def time(value: Any) -> str | None:
    """A time: a text without a zone is UTC, a number is in milliseconds."""
    if value in (None, ""):
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    found = datetime.fromisoformat(str(value))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def base64url(text: str) -> str:
    """Base64 of either alphabet as base64url."""
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    return urlsafe_b64encode(b64decode(bare + "=" * (-len(bare) % 4))).decode().rstrip("=")
