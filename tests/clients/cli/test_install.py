"""`pip install ./clients/cli` gives a user the command. Skipped without a package index."""

from pathlib import Path

import pytest
from coditect_cli import VERSION

from tests.clients.environment import Environment

pytestmark = pytest.mark.drill

PACKAGE = Path(__file__).parents[3] / "clients" / "cli"


@pytest.mark.timeout(600)
def test_the_command_is_installed_with_what_it_needs(tmp_path: Path) -> None:
    """In an environment of its own it runs, and completes words in a shell."""
    environment = Environment(tmp_path / "venv")
    environment.needs_an_index()
    environment.install(str(PACKAGE))
    version = environment.run("coditect", "--version").stdout
    assert version == f"coditect {VERSION}\n"
    words = {"COMP_WORDS": "coditect sess", "COMP_CWORD": "1"}
    done = environment.run("coditect", _CODITECT_COMPLETE="complete_bash", **words)
    assert done.stdout.split() == ["sessions"]
