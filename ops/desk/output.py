"""How answers are shown: as text for people, or as JSON for programs."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def show(data: Any, *, as_json: bool) -> None:
    """Writes an answer, or a piece of a list, to standard output."""
    if as_json:
        sys.stdout.write(_escaped(json.dumps(data, ensure_ascii=False)) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(data)) + "\n")


def printable(text: str) -> str:
    """A text that others may have chosen, without what moves the cursor, or colours what follows."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _escaped(text: str) -> str:
    """JSON in which what a terminal may obey (C1 controls, bidirectional overrides) is escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _lines(data: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    width = max((len(name) for name in data), default=0)
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{name:<{width}}  {_text(value)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Iterable):
        return ", ".join(map(_text, value)) or "-"
    return "-" if value is None else str(value)
