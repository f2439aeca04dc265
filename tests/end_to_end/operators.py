"""Operators over HTTP, and the commands of operators."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import App, equipped, log_in
from tools.laptop import Laptop
from tools.programs import ROOT

REASON = "Ticket 4711"


def ops(
    laptop: Laptop, *arguments: str, state: Path | None = None, typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ops` without a terminal; what would be typed comes from its input."""
    environ = {**os.environ, "STORE_URL": laptop.settings.store}
    if state is not None:
        environ["XDG_STATE_HOME"] = str(state)
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=ROOT,
        env=environ,
        input=typed,
        text=True,
        capture_output=True,
        timeout=120,
        start_new_session=True,
        check=False,
    )


def new_operator(laptop: Laptop, http: httpx.Client) -> tuple[Person, App]:
    """A new person whom the command line has made an operator, logged in with two factors."""
    person, app, _ = equipped(laptop, http)
    done = ops(laptop, "operators", "grant", person.email)
    assert done.returncode == 0, done.stderr
    return log_in(http, person.email, code=app.code()), app
