"""The settings of sessions, from the environment of a real process."""

import subprocess
import sys

import pytest

from kernel.settings import SettingsInvalid
from services.sessions.settings import SessionsSettings
from tests.support.service import ENVIRON, UNREACHABLE

COMMAND = [sys.executable, "-m", "services.sessions", "--check-config"]


def test_all_problems_are_named() -> None:
    """Missing and invalid settings are reported together."""
    with pytest.raises(SettingsInvalid) as error:
        SessionsSettings.read({"IDLE_SECONDS": "0", "LISTEN": "nowhere"})
    named = {problem.split(":")[0] for problem in error.value.problems}
    assert named == {
        "IDLE_SECONDS",
        "LISTEN",
        "STORE_URL",
        "SERVICE_KEYS",
        "SEAL_KEYS",
        "AUTH_ADDRESS",
    }


def test_process_accepts_good_settings() -> None:
    """The real program reports that its settings are good, and exits."""
    environ = {**ENVIRON, "AUTH_ADDRESS": UNREACHABLE}
    process = subprocess.run(COMMAND, env=environ, capture_output=True, check=False)
    assert (process.returncode, process.stdout) == (0, b"sessions: settings are good\n")


def test_process_refuses_bad_settings() -> None:
    """The real program names the missing setting without a traceback, and exits with code 2."""
    process = subprocess.run(COMMAND, env=ENVIRON, capture_output=True, check=False)
    assert process.returncode == 2
    assert b"sessions: AUTH_ADDRESS: " in process.stderr
    assert b"Traceback" not in process.stderr
