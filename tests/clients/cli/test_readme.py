"""The README of the command says what the command does."""

import re
from collections.abc import Iterator
from typing import Any

from coditect_cli import failures
from coditect_cli.app import app
from coditect_cli.failures import Failure
from typer.main import get_command

from tests.clients.cli.command import SOURCES

README = SOURCES.parent / "README.md"


def test_every_command_is_in_the_readme() -> None:
    """Its table names each command; it names only options that there are."""
    text = README.read_text(encoding="utf-8")
    named, options = set(re.findall(r"`([a-z ]+?)(?: [^a-z`][^`]*)?`", text)), set()
    for name, command in _commands(get_command(app)):
        options |= {option for one in command.params for option in one.opts}
        assert name in named | {"tokens create"}, name
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= options | {"--install-completion"}


def test_every_exit_code_is_in_the_readme() -> None:
    """Those of the failures, and no others but 0 and that of Ctrl-C."""
    text = README.read_text(encoding="utf-8")
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    classes = [one for one in vars(failures).values() if isinstance(one, type)]
    codes = {one.exit_code for one in classes if issubclass(one, Failure)}
    assert table == codes | {0, 130}


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        else:
            yield prefix + name, command
