"""Runs docs/runbooks/lost-region.md as far as one machine allows: new folder, ports and store."""

import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, error_of, log_in, new_person
from tests.runbooks.installation import Installation
from tests.runbooks.runbook import Runbook, at_length
from tests.support import foundationdb

RUNBOOK = Runbook("lost-region")
BACKUP = Runbook("restore-from-backup")
_SECONDS = 60.0

pytestmark = pytest.mark.skipif(
    foundationdb.chosen(), reason="test_restore_from_backup.py covers FoundationDB"
)


@pytest.fixture
def keys(installation: Installation) -> dict[str, dict[str, str]]:
    """The old region's seal keys by service, which the runbook tells the operator to keep."""
    return {
        name: {"SEAL_KEYS": environ["SEAL_KEYS"]}
        for name, environ in installation.environ.items()
        if "SEAL_KEYS" in environ
    }


@at_length
def test_users_continue_in_the_new_region(
    installation: Installation, keys: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """Passwords, tokens and sessions from before the backup work; later refresh tokens do not."""
    variables = {"STORE_URL": installation.laptop.settings.store, "BACKUP": tmp_path / "backup"}
    with client(installation.laptop) as http:
        person, logged_out = new_person(http), new_person(http)
        made = person.call("POST", "/sessions", {"name": "before"}).json()["data"]
        assert BACKUP.run("backup", **variables).returncode == 0
        assert logged_out.call("POST", "/auth/logout").status_code == 200
        late = new_person(http)
    installation.laptop.stop()

    new_region = Installation(tmp_path / "east")
    moved_in = RUNBOOK.run(
        "move-in", STORE_URL=new_region.laptop.settings.store, BACKUP=variables["BACKUP"]
    )
    assert moved_in.returncode == 0, moved_in.stdout + moved_in.stderr
    assert " 0 problems" in moved_in.stdout
    new_region.keys = keys
    with new_region.laptop as laptop:
        laptop.wait_until_ready()
        assert RUNBOOK.run("ready", URL=laptop.settings.url).returncode == 0
        with client(laptop) as http:
            for tokens in (person.tokens, log_in(http, person).tokens):
                restored = Person(http, person.email, person.answer, tokens)
                assert restored.call("GET", f"/sessions/{made['sessionId']}").json()["data"] == made
            for known in (person, logged_out):
                body = {"refreshToken": known.tokens["refreshToken"]}
                assert http.post("/api/v5/auth/refresh", json=body).status_code == 200
            body = {"refreshToken": late.tokens["refreshToken"]}
            refused = http.post("/api/v5/auth/refresh", json=body)
            assert error_of(refused)["code"] == "REFRESH_TOKEN_INVALID"


@at_length
def test_auth_does_not_start_without_the_old_seal_keys(
    installation: Installation, tmp_path: Path
) -> None:
    """With new seal keys, auth logs that SEAL_KEYS do not open the restored store."""
    variables = {"STORE_URL": installation.laptop.settings.store, "BACKUP": tmp_path / "backup"}
    assert BACKUP.run("backup", **variables).returncode == 0
    installation.laptop.stop()
    new_region = Installation(tmp_path / "east")
    store = new_region.laptop.settings.store
    assert RUNBOOK.run("move-in", STORE_URL=store, BACKUP=variables["BACKUP"]).returncode == 0

    with new_region.laptop as laptop:
        log = laptop.settings.data / "log" / "auth.log"
        end = time.monotonic() + _SECONDS
        while "SEAL_KEYS do not open what is in the store" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
