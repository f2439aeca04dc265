"""What tenants is told at start, from the environment of a real process."""

import subprocess
import sys

import pytest

from kernel.settings import SettingsInvalid
from services.tenants.settings import TenantsSettings
from tests.support.service import ENVIRON, NOBODY

COMMAND = [sys.executable, "-m", "services.tenants", "--check-config"]
GOOD = {**ENVIRON, "AUTH_ADDRESS": NOBODY, "SESSIONS_ADDRESS": NOBODY}


def test_all_problems_are_named() -> None:
    """What is missing and what is wrong is reported together."""
    with pytest.raises(SettingsInvalid) as error:
        TenantsSettings.read({"SWEEP_SECONDS": "0", "LISTEN": "nowhere"})
    named = {problem.split(":")[0] for problem in error.value.problems}
    assert named == {
        "SWEEP_SECONDS",
        "LISTEN",
        "STORE_URL",
        "SERVICE_KEYS",
        "SEAL_KEYS",
        "AUTH_ADDRESS",
        "SESSIONS_ADDRESS",
    }


def test_what_counts_has_bounds() -> None:
    """No more members than the doctor can count at once; and some mail at least."""
    bad = {
        "MEMBERS_PER_TENANT": "150001",
        "INVITATION_EMAILS_PER_MAILBOX": "0",
        "INVITATION_EMAILS_PER_USER": "0",
    }
    with pytest.raises(SettingsInvalid) as error:
        TenantsSettings.read({**GOOD, **bad})
    assert {problem.split(":")[0] for problem in error.value.problems} == set(bad)


def test_process_accepts_good_settings() -> None:
    """The real program says that its settings are good, and ends."""
    process = subprocess.run(COMMAND, env=GOOD, capture_output=True, check=False)
    assert (process.returncode, process.stdout) == (0, b"tenants: settings are good\n")


def test_process_refuses_bad_settings() -> None:
    """The real program names what is missing, one line each, and does not start."""
    process = subprocess.run(COMMAND, env=ENVIRON, capture_output=True, check=False)
    assert process.returncode == 2
    assert b"tenants: AUTH_ADDRESS: " in process.stderr
    assert b"Traceback" not in process.stderr


def test_how_mail_is_sent() -> None:
    """What cannot be an address, a sender or a link is refused, and no password is told."""
    bad = {
        "MAIL_URL": "smtp://ada:secret@mail?tls=none",
        "MAIL_FROM": "nobody",
        "INVITATION_LINK": "https://example.com",
    }
    with pytest.raises(SettingsInvalid) as error:
        TenantsSettings.read({**GOOD, **bad})
    assert {problem.split(":")[0] for problem in error.value.problems} == set(bad)
    assert "secret" not in str(error.value)
