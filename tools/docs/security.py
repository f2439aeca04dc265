"""`python -m tools.docs.security`: writes the tables of docs/security.md from docs/asvs.toml.

They list requirements of OWASP ASVS 5.0.0 and how the product meets them. The rest of the document
stays as it is. With `--check` it writes nothing, and fails if the tables are out of date.
"""

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tools.docs.named_tests import links
from tools.docs.tables import replace_table

DOCUMENT = Path("docs/security.md")
REQUIREMENTS = Path("docs/asvs.toml")

CHAPTERS = {
    6: "V6 Authentication",
    7: "V7 Session management",
    8: "V8 Authorization",
    9: "V9 Self-contained tokens",
    16: "V16 Security logging",
}
"""The heading of each chapter's table, by the chapter's number."""


class RequirementsInvalid(Exception):
    """The file of requirements has faults; the message names each."""


class Requirement(BaseModel):
    """One requirement, and what the product does about it; docs/asvs.toml explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    level: Literal[1, 2, 3]
    asks: Annotated[str, Field(min_length=1)]
    state: Literal["met", "not met", "not applicable"]
    how: Annotated[str, Field(min_length=1)]
    tests: tuple[str, ...] = ()
    untested: str = ""

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if (self.state == "met") != bool(self.tests or self.untested):
            raise ValueError("what is met has tests, or a reason for having none; nothing else has")
        if self.tests and self.untested:
            raise ValueError("it has tests, and a reason for having none")
        return self

    @property
    def chapter(self) -> int:
        """The number of its chapter."""
        return int(self.number.partition(".")[0])


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.security", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--requirements", type=Path, default=REQUIREMENTS)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    old = options.output.read_text(encoding="utf-8")
    try:
        new = render(old, read(options.requirements.read_text(encoding="utf-8")))
    except RequirementsInvalid as invalid:
        print(f"tools.docs.security: {options.requirements}: {invalid}", file=sys.stderr)
        return 1
    if not options.check:
        options.output.write_text(new, encoding="utf-8")
    elif new != old:
        print(
            f"tools.docs.security: {options.output} is out of date: make security", file=sys.stderr
        )
        return 1
    return 0


def read(text: str) -> tuple[Requirement, ...]:
    """The requirements of a file. Raises `RequirementsInvalid`."""
    try:
        found = tuple(map(Requirement.model_validate, tomllib.loads(text)["requirement"]))
    except (tomllib.TOMLDecodeError, KeyError, ValidationError) as error:
        raise RequirementsInvalid(str(error)) from None
    repeated = [
        number for number, count in Counter(one.number for one in found).items() if count > 1
    ]
    if repeated:
        raise RequirementsInvalid(f"twice: {', '.join(repeated)}")
    return found


def render(document: str, requirements: Sequence[Requirement]) -> str:
    """Returns the document with current tables. Raises `ValueError` if a heading is missing."""
    for chapter, heading in CHAPTERS.items():
        rows = _table([one for one in requirements if one.chapter == chapter])
        document = replace_table(document, f"### {heading}", rows)
    return document


def tests_named(requirements: Sequence[Requirement]) -> set[str]:
    """The node ids of the tests that requirements name."""
    return {test for one in requirements for test in one.tests}


def _table(requirements: Sequence[Requirement]) -> Iterator[str]:
    yield "| number | level | what it asks | state | how | shown by |"
    yield "|---|---|---|---|---|---|"
    for one in sorted(requirements, key=lambda one: [int(part) for part in one.number.split(".")]):
        cells = (one.number, str(one.level), one.asks, one.state, one.how, _shown_by(one))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _shown_by(one: Requirement) -> str:
    return links(one.tests) if one.tests else one.untested or "-"


if __name__ == "__main__":
    sys.exit(main())
