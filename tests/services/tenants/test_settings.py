"""The settings of tenants, from the environment of a real process."""

import subprocess
import sys

import pytest

from kernel.settings import SettingsInvalid
from services.tenants.settings import TenantsSettings
from tests.support.service import ENVIRON, UNREACHABLE

COMMAND = [sys.executable, "-m", "services.tenants", "--check-config"]
GOOD = {**ENVIRON, "AUTH_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE}


def test_all_problems_are_named() -> None:
    """One error names all settings that are missing or invalid."""
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


def test_limits_have_bounds() -> None:
    """MEMBERS_PER_TENANT is at most what the doctor can count; email limits are at least one."""
    bad = {
        "MEMBERS_PER_TENANT": "150001",
        "INVITATION_EMAILS_PER_MAILBOX": "0",
        "INVITATION_EMAILS_PER_USER": "0",
    }
    with pytest.raises(SettingsInvalid) as error:
        TenantsSettings.read({**GOOD, **bad})
    assert {problem.split(":")[0] for problem in error.value.problems} == set(bad)


def test_the_process_accepts_good_settings() -> None:
    """With --check-config, the real program says that its settings are good and exits."""
    process = subprocess.run(COMMAND, env=GOOD, capture_output=True, check=False)
    assert (process.returncode, process.stdout) == (0, b"tenants: settings are good\n")


def test_the_process_refuses_missing_settings() -> None:
    """The real program names the missing setting and exits without a traceback."""
    process = subprocess.run(COMMAND, env=ENVIRON, capture_output=True, check=False)
    assert process.returncode == 2
    assert b"tenants: AUTH_ADDRESS: " in process.stderr
    assert b"Traceback" not in process.stderr


def test_invalid_mail_settings_are_refused() -> None:
    """The error names the URL, the sender and the links, and does not contain the password."""
    bad = {
        "MAIL_URL": "smtp://ada:secret@mail?tls=none",
        "MAIL_FROM": "no address",
        "INVITATION_LINK": "https://example.com",
        "INVITATION_OPT_OUT_LINK": "https://example.com",
        "INVITATION_OPT_OUT_URL": "http://example.com/{token}",
    }
    with pytest.raises(SettingsInvalid) as error:
        TenantsSettings.read({**GOOD, **bad})
    assert {problem.split(":")[0] for problem in error.value.problems} == set(bad)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("issuer", ["https://app.example.com", "http://localhost:8080"])
def test_links_lead_to_the_issuer(issuer: str) -> None:
    """Unless they are set: the pages of the console there, and the API."""
    settings = TenantsSettings.read({**GOOD, "TOKEN_ISSUER": issuer})
    assert settings.invitation_link == f"{issuer}/invitations#token={{token}}"
    assert settings.invitation_opt_out_link == f"{issuer}/invitations/opt-out#token={{token}}"
    path = "/api/v5/invitations/emails/opt-out/one-click"
    assert settings.invitation_opt_out_url == f"{issuer}{path}?token={{token}}"
    link = "https://other.example.com/{token}"
    given = TenantsSettings.read({**GOOD, "TOKEN_ISSUER": issuer, "INVITATION_LINK": link})
    assert given.invitation_link == link
