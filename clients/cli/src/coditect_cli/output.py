"""What the command prints: results on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from coditect_cli.failures import Failure

Json = dict[str, Any]


class _Choice:
    """Whether results and failures are printed as JSON."""

    json = False


def choose_json(chosen: bool) -> bool:
    """Makes this run print JSON if it was chosen; the callback of `--json`."""
    _Choice.json = chosen
    return chosen


def result(value: Json, text: str) -> None:
    """Prints a result: as one JSON object if that was chosen, otherwise as text."""
    if _Choice.json:
        typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
    elif text:
        typer.echo(text)


def note(text: str) -> None:
    """Tells the person something that is no result."""
    typer.echo(text, err=True)


def failure(failed: Failure) -> None:
    """Prints a failure in one line, with its code and request id."""
    if _Choice.json:
        error = {"code": failed.code, "message": failed.message, "requestId": failed.request_id}
        typer.echo(json.dumps({"error": error}, ensure_ascii=False), err=True)
        return
    origin = ", ".join(filter(None, [failed.code, failed.request_id]))
    typer.echo(plain(f"coditect: {failed.message} [{origin}]"), err=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns under heads, without blanks at the ends of lines."""
    lines = [list(heads), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def plain(text: str) -> str:
    """The text in one line, without what a terminal would obey.

    Names are chosen by other users, so a name could otherwise move the cursor or set a title.
    """
    return "".join(one if one.isprintable() else "�" for one in text)


def has_terminal() -> bool:
    """Whether a person sees what is printed and can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()
