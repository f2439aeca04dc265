"""What the desk writes to a terminal, whatever users have typed."""

import argparse
import json

import pytest

from ops.desk.command import _safely
from ops.desk.failures import Refused
from ops.desk.output import show

HOSTILE = {"name": "Ada\x1b[31m\x9b2J\u202eéè🙂", "tags": ["\x9d0;x\x07"], "in": {"x": "\x7f"}}
"""Colours, control sequences of seven and of eight bits, and a change of the direction of writing."""


def test_json_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """What a terminal may obey is escaped; a program reads the same text, and people read é."""
    show(HOSTILE, as_json=True)
    written = capsys.readouterr().out
    assert written.removesuffix("\n").isprintable()
    assert json.loads(written) == HOSTILE
    assert "éè🙂" in written


def test_text_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """Each such character becomes a sign that it was there."""
    show(HOSTILE, as_json=False)
    assert all(line.isprintable() for line in capsys.readouterr().out.splitlines())


def test_a_refusal_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an error comes from whatever answers at the URL."""

    def refused(_: argparse.Namespace) -> None:
        raise Refused("CODE", "No\x1b[2J", "1", ["  name: \x9b31m"])

    assert _safely(refused)(argparse.Namespace()) == 1
    written = capsys.readouterr().err.splitlines()
    assert written == ["ops: No�[2J (CODE, request 1)", "  name: �31m"]
