"""`python -m tools.docs.promises`: writes the tables of docs/promises.md from docs/promises.toml.

They list the promises of the README and of the documents: the sentence, what shows it, and the last
figure. The text around the tables stays as it is. With `--check` it writes nothing, and fails if the
tables are out of date.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.docs.named_tests import links
from tools.docs.tables import replace_table

DOCUMENT = Path("docs/promises.md")
PROMISES = Path("docs/promises.toml")

_Text = Annotated[str, Field(min_length=1)]


class PromisesInvalid(Exception):
    """The file of promises has faults; the message names each."""


class Promise(BaseModel):
    """One promise and what shows it; docs/promises.toml explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: _Text
    where: Annotated[str, Field(pattern=r"^(README\.md|docs/[a-z-]+\.md)$")]
    about: _Text
    tests: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    figure: str = ""
    measured: date | None = None
    missed: str = ""

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if not self.tests and not self.runs:
            raise ValueError(f"{self.says!r}: neither a test nor a run shows it")
        if bool(self.figure) != bool(self.measured):
            raise ValueError(f"{self.says!r}: a figure has a date, and only a figure has one")
        if self.runs and not self.figure:
            raise ValueError(f"{self.says!r}: a run has a last figure")
        return self


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.promises", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--promises", type=Path, default=PROMISES)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    old = options.output.read_text(encoding="utf-8")
    try:
        new = render(old, read(options.promises.read_text(encoding="utf-8")))
    except PromisesInvalid as invalid:
        print(f"tools.docs.promises: {options.promises}: {invalid}", file=sys.stderr)
        return 1
    if not options.check:
        options.output.write_text(new, encoding="utf-8")
    elif new != old:
        print(
            f"tools.docs.promises: {options.output} is out of date: make promises", file=sys.stderr
        )
        return 1
    return 0


def read(text: str) -> tuple[Promise, ...]:
    """The promises of a file. Raises `PromisesInvalid`."""
    try:
        found = tuple(map(Promise.model_validate, tomllib.loads(text)["promise"]))
    except (tomllib.TOMLDecodeError, KeyError, ValidationError) as error:
        raise PromisesInvalid(str(error)) from None
    sentences = [(one.where, one.says) for one in found]
    if twice := {one for one in sentences if sentences.count(one) > 1}:
        raise PromisesInvalid(f"twice: {', '.join(says for _, says in sorted(twice))}")
    return found


def render(document: str, promises: Sequence[Promise]) -> str:
    """Returns the document with a current table for each heading that promises are about.

    Raises `ValueError` if a heading is missing.
    """
    for about in dict.fromkeys(one.about for one in promises):
        rows = _table([one for one in promises if one.about == about])
        document = replace_table(document, f"## {about}", rows)
    return document


def plain(markdown: str) -> str:
    """The text of a document as a promise quotes it: in one line, without emphasis, code marks and targets of links."""
    without_links = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"\*\*|`", "", without_links).split())


def _table(promises: Sequence[Promise]) -> Iterator[str]:
    yield "| promise | shown by | last figure |"
    yield "|---|---|---|"
    for one in promises:
        source = "../README.md" if one.where == "README.md" else Path(one.where).name
        runs = ", ".join(f"`{run}`" for run in one.runs)
        shown = ", ".join(filter(None, (runs, links(one.tests))))
        figure = f"{one.figure} ({one.measured})" if one.figure else "each run of the suite"
        if one.missed:
            figure += f". **Missed**: {one.missed}"
        cells = (f"[{one.says}]({source})", shown, figure)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main())
