"""The programs of the laptop system, with the environment of each."""

import os
from pathlib import Path

import pytest

from tools.folder import DataFolder
from tools.programs import service
from tools.settings import read


@pytest.mark.parametrize(
    ("site", "given", "pages"),
    [
        ("", "", "plain"),
        ("docs", "", "plain"),
        ("assets", "", "console"),
        ("assets", "plain", "plain"),
        ("docs", "console", "console"),
    ],
)
def test_the_console_lets_programs_in_if_it_is_served(
    tmp_path: Path, site: str, given: str, pages: str
) -> None:
    """A site without the console has no assets; who names the pages gets those."""
    environ = {**os.environ, "PORT": "0", "DATA": str(tmp_path / "data"), "OAUTH_PAGES": given}
    environ["SITE"] = str(tmp_path / "site") if site else ""
    (tmp_path / "site" / site).mkdir(parents=True)
    (tmp_path / "site" / "index.html").touch()
    settings = read(environ)
    folder = DataFolder(settings.data)
    assert service("auth", settings, folder).environ["OAUTH_PAGES"] == pages
    folder.close()


@pytest.mark.parametrize(
    ("given", "told"), [("", "loopback"), ("refused", "refused"), ("allowed", "allowed")]
)
def test_webhooks_reach_this_machine_alone(tmp_path: Path, given: str, told: str) -> None:
    """A receiver on this machine gets events, and no other one in a private network."""
    variables = {"PORT": "0", "DATA": str(tmp_path), "WEBHOOK_PRIVATE_ADDRESSES": given}
    settings = read({**os.environ, **variables})
    folder = DataFolder(settings.data)
    assert service("tenants", settings, folder).environ["WEBHOOK_PRIVATE_ADDRESSES"] == told
    folder.close()
