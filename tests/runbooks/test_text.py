"""The text of docs/runbooks is correct, as far as a test can tell without a cluster."""

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.runbooks.runbook import FOLDER, INDEX, ROOT, Block, Runbook, runbooks

WORKLOADS = {"gateway", "auth", "tenants", "sessions"}
CONTAINERS = {"service", "sidecar", "gateway", "foundationdb"}
OTHERS = {"coditect-backup-agents", "cert-manager"}
"""Deployments outside our chart: that of FoundationDB's operator, and cert-manager."""
HEADINGS = ("User impact", "First five minutes", "How to verify", "What to record")
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
BOOKS = [pytest.param(book, id=book.name) for book in runbooks()]
BLOCKS = [
    pytest.param(block, id=f"{book.name}-{number}")
    for book in runbooks()
    for number, block in enumerate(book.blocks)
    if block.language == "bash"
]


@pytest.mark.parametrize("book", BOOKS)
def test_a_runbook_has_its_sections(book: Runbook) -> None:
    """Each has the user impact, the first five minutes, how to verify, and what to record."""
    headings = re.findall(r"^## (.+)$", book.text, re.MULTILINE)

    assert [one for one in headings if one in HEADINGS] == list(HEADINGS)


@pytest.mark.parametrize("book", [*BOOKS, pytest.param(Runbook(INDEX), id=INDEX)])
def test_links_resolve(book: Runbook) -> None:
    """Every link within the repository names an existing file, and a heading in it."""
    for target, heading in LINK.findall(book.text):
        file = (FOLDER / target).resolve() if target else FOLDER / f"{book.name}.md"
        assert file.is_file(), target
        assert not heading or heading[1:] in _anchors(file), f"{target}{heading}"


def test_every_runbook_that_a_test_names_exists() -> None:
    """A renamed runbook is found here, and not by the test that reads it, which may run seldom."""
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    named = set(re.findall(r'Runbook\("([^"]+)"\)', tests))

    assert named
    assert named <= {book.name for book in runbooks()}


def test_every_runbook_is_in_the_table_of_contents() -> None:
    """The README links every runbook, and no other file."""
    linked = re.findall(r"\]\(([a-z0-9-]+)\.md\)", Runbook(INDEX).text.split("## What the")[0])

    assert {book.name for book in runbooks()} == set(linked)


@pytest.mark.parametrize("block", BLOCKS)
def test_commands_parse(block: Block) -> None:
    """Bash parses every block, so a missing quote is found before the incident."""
    done = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", BLOCKS)
def test_names_in_commands_exist(block: Block) -> None:
    """The charts have the deployments and containers, and the repository has the programs."""
    deployments = set(re.findall(r"deployment/([a-z-]+)", block.text))
    containers = set(re.findall(r"(?:kubectl.* -c |--container=|--target=)([a-z]+)", block.text))
    programs = set(re.findall(r"python (?:-\w \w+ |-v )*-m ([a-z_.]+)", block.text))

    assert deployments <= WORKLOADS | OTHERS
    assert containers <= CONTAINERS
    assert {name for name in programs if not _is_program(name)} == set()


def test_every_rehearsed_block_is_rehearsed() -> None:
    """Every block marked as rehearsed is run by a test, under its name."""
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    named = {block.name for book in runbooks() for block in book.blocks if block.name}

    assert {name for name in named if f'"{name}"' not in tests} == set()


def test_secret_names_match_the_chart() -> None:
    """The Secrets that a new region needs have the names that the chart expects."""
    values = yaml.safe_load((ROOT / "charts" / "coditect" / "values.yaml").read_text())
    asked = {values["secrets"]["serviceKeys"]["name"]}
    asked |= {secret["name"] for secret in values["secrets"]["sealKeys"].values()}
    text = Runbook("lost-region").text

    told = {
        name.replace("$NAME", each)
        for each in ("auth", "tenants", "sessions")
        for name in re.findall(r'secret generic "?([\w$-]+)', text)
    }
    assert told == asked


def _is_program(name: str) -> bool:
    """Whether `python -m name` runs something."""
    found = importlib.util.find_spec(name)
    package = found is not None and found.submodule_search_locations is not None
    return (
        importlib.util.find_spec(f"{name}.__main__") is not None if package else found is not None
    )


def _anchors(file: Path) -> set[str]:
    """The anchors of the file's headings."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
