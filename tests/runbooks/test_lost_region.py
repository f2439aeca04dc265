"""Runs docs/runbooks/lost-region.md as far as one machine allows: new folder, ports and store."""

import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, error_of, log_in, new_person
from tests.runbooks.book import Runbook, at_length
from tests.runbooks.installation import Installation
from tests.support import foundationdb

BOOK = Runbook("lost-region")
BACKUP = Runbook("restore-from-backup")
_SECONDS = 20.0

pytestmark = pytest.mark.skipif(
    foundationdb.chosen(), reason="test_restore_from_backup.py covers FoundationDB"
)


@pytest.fixture
def keys(house: Installation) -> dict[str, dict[str, str]]:
    """The old region's keys by service, which the runbook says to keep in another region."""
    return {
        name: {"SEAL_KEYS": told["SEAL_KEYS"]}
        for name, told in house.environ.items()
        if "SEAL_KEYS" in told
    }


@at_length
def test_what_users_notice(
    house: Installation, keys: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    """Passwords, tokens and sessions from before the backup work in a new region; later ones do not."""
    told = {"STORE_URL": house.laptop.settings.store, "BACKUP": tmp_path / "backup"}
    with client(house.laptop) as http:
        person, out = new_person(http), new_person(http)
        made = person.call("POST", "/sessions", {"name": "before"}).json()["data"]
        assert BACKUP.run("backup", **told).returncode == 0
        assert out.call("POST", "/auth/logout").status_code == 200
        late = new_person(http)
    house.laptop.stop()

    elsewhere = Installation(tmp_path / "east")
    moved_in = BOOK.run("move-in", STORE_URL=elsewhere.laptop.settings.store, BACKUP=told["BACKUP"])
    assert moved_in.returncode == 0, moved_in.stdout + moved_in.stderr
    assert " 0 problems" in moved_in.stdout
    elsewhere.keys = keys
    with elsewhere.laptop as laptop:
        laptop.wait_until_ready()
        assert BOOK.run("ready", URL=laptop.settings.url).returncode == 0
        with client(laptop) as http:
            for tokens in (person.tokens, log_in(http, person).tokens):
                there = Person(http, person.email, person.answer, tokens)
                assert there.call("GET", f"/sessions/{made['sessionId']}").json()["data"] == made
            for known in (person, out):
                body = {"refreshToken": known.tokens["refreshToken"]}
                assert http.post("/api/v5/auth/refresh", json=body).status_code == 200
            body = {"refreshToken": late.tokens["refreshToken"]}
            refused = http.post("/api/v5/auth/refresh", json=body)
            assert error_of(refused)["code"] == "REFRESH_TOKEN_INVALID"


@at_length
def test_without_the_keys(house: Installation, tmp_path: Path) -> None:
    """Without the seal keys of the backup auth does not start, and logs why."""
    told = {"STORE_URL": house.laptop.settings.store, "BACKUP": tmp_path / "backup"}
    assert BACKUP.run("backup", **told).returncode == 0
    house.laptop.stop()
    elsewhere = Installation(tmp_path / "east")
    store = elsewhere.laptop.settings.store
    assert BOOK.run("move-in", STORE_URL=store, BACKUP=told["BACKUP"]).returncode == 0

    with elsewhere.laptop as laptop:
        log = laptop.settings.data / "log" / "auth.log"
        end = time.monotonic() + _SECONDS
        while "SEAL_KEYS do not open what is in the store" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
