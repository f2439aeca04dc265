"""The runbooks and their code blocks, some of which tests run exactly as they are written."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
INDEX = "README"
SECONDS = 60

at_length = pytest.mark.skipif(
    not os.environ.get("REHEARSE"), reason="takes long: make rehearse runs it"
)
"""Marks a test that takes too long for `make test-all`."""

_BLOCK = re.compile(
    r"^(?P<margin> *)```(?P<info>[^\n]+)\n(?P<text>.*?)^(?P=margin)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        language: The language after the opening fence.
        name: The name by which a test runs it; empty if no test does.
        text: The content, without common indentation.
    """

    language: str
    name: str
    text: str


@dataclass(frozen=True)
class Runbook:
    """A file of docs/runbooks."""

    name: str

    @property
    def text(self) -> str:
        """The whole text."""
        return (FOLDER / f"{self.name}.md").read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """The code blocks, in order."""
        return [_block(found) for found in _BLOCK.finditer(self.text)]

    def rehearsed(self, name: str) -> str:
        """The text of the block with this name."""
        (block,) = [block for block in self.blocks if block.name == name]
        return block.text

    def run(
        self, name: str, folder: Path = ROOT, **variables: object
    ) -> subprocess.CompletedProcess[str]:
        """Runs the block with this name, as if it were pasted into a shell.

        Args:
            name: The name of the block.
            folder: The working directory of the shell.
            variables: The variables that the runbook tells the operator to set before.
        """
        return run(self.rehearsed(name), folder, variables)


def runbooks() -> list[Runbook]:
    """All runbooks, without the table of contents."""
    return [Runbook(file.stem) for file in sorted(FOLDER.glob("*.md")) if file.stem != INDEX]


def run(
    script: str, folder: Path, variables: Mapping[str, object]
) -> subprocess.CompletedProcess[str]:
    """Runs a script in bash."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=_environment(variables),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _block(found: re.Match[str]) -> Block:
    language, *more = found["info"].split()
    name = more[1] if more[:1] == ["rehearsed"] else ""
    return Block(language, name, dedent(found["text"]))


def _environment(variables: Mapping[str, object]) -> dict[str, str]:
    # The Python that runs the tests, under the name `python`, as in the images.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {**os.environ, "PATH": path, **{name: str(value) for name, value in variables.items()}}
