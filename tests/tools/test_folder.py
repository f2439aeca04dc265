"""The data folder: one run at a time, secrets made once."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from kernel.storage.lmdb.room import BALLAST
from tests.support.small_disk import run_on_small_disk
from tools import folder
from tools.folder import DataFolder
from tools.settings import CONTEXTS, STORE, SetupError


def test_keys_are_good_and_distinct(tmp_path: Path) -> None:
    """Every key is a valid Fernet key, and no two are equal."""
    data = DataFolder(tmp_path)
    data.close()
    assert len(set(data.keys.values())) == len(data.keys) == 1 + len(CONTEXTS)
    for key in data.keys.values():
        Fernet(key)


def test_a_key_that_is_missing_is_added(tmp_path: Path) -> None:
    """A key file of an older release keeps its keys, but not its comments, and gets the new ones."""
    (tmp_path / "keys.env").write_text("# mine\nSERVICE_KEYS=old\n")
    data = DataFolder(tmp_path)
    data.close()
    again = DataFolder(tmp_path)
    again.close()
    assert data.keys["SERVICE_KEYS"] == "old"
    assert again.keys == data.keys


def test_keys_that_others_may_read_are_closed(tmp_path: Path) -> None:
    """A key file with open permissions gets 0600 again."""
    DataFolder(tmp_path).close()
    (tmp_path / "keys.env").chmod(0o644)
    DataFolder(tmp_path).close()
    assert (tmp_path / "keys.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"SERVICE_KEYS\n", b"=key\n", b"SERVICE_KEYS=\n", b"\xff\xfe"])
def test_damaged_keys_are_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    """A damaged key file is never replaced, because its keys have sealed data in the stores."""
    (tmp_path / "keys.env").write_bytes(content)
    with pytest.raises(SetupError, match="is damaged"):
        DataFolder(tmp_path)
    assert (tmp_path / "keys.env").read_bytes() == content


def test_folder_is_free_after_a_refusal(tmp_path: Path) -> None:
    """A refusal releases the lock."""
    (tmp_path / "keys.env").write_text("damaged\n")
    with pytest.raises(SetupError):
        DataFolder(tmp_path)
    (tmp_path / "keys.env").unlink()
    DataFolder(tmp_path).close()


PRELUDE = """
from tools.folder import DataFolder
from tools.settings import SetupError
DATA = DISK / "data"
"""


def test_a_full_disk_is_refused_in_one_line(tmp_path: Path) -> None:
    """A run says that there is no space, at its start or when it writes a file."""
    run_on_small_disk(
        tmp_path,
        """
        data = DataFolder(DATA)
        fill_disk()
        try:
            data.write_private("run/edge.yaml", "x" * 10_000)
        except SetupError as error:
            assert "No space left on device" in str(error)
        else:
            raise AssertionError
        data.close()
        try:
            DataFolder(DISK / "new")
        except SetupError as error:
            assert "No space left on device" in str(error)
        else:
            raise AssertionError
        """,
        PRELUDE,
    )


def test_a_run_starts_on_a_full_disk_in_the_space_of_the_ballast(tmp_path: Path) -> None:
    """The store keeps that space back for such a time: only what runs can delete something."""
    run_on_small_disk(
        tmp_path,
        """
        DataFolder(DATA).close()
        (DATA / "store").mkdir()
        (DATA / "store" / "ballast").write_bytes(bytes(1 << 20))
        fill_disk()
        data = DataFolder(DATA)
        data.write_private("run/edge.yaml", "x" * 100_000)
        assert not (DATA / "store" / "ballast").exists()
        data.close()
        """,
        PRELUDE,
    )


def test_the_ballast_has_the_name_that_stores_give_it() -> None:
    """The folder knows the name without importing the store."""
    assert f"{STORE}/{BALLAST}" == folder._BALLAST


def test_one_holder(tmp_path: Path) -> None:
    """The folder stays locked until it is closed."""
    first = DataFolder(tmp_path)
    with pytest.raises(SetupError, match="in use"):
        DataFolder(tmp_path)
    first.close()
    DataFolder(tmp_path).close()


def test_big_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log over the limit begins anew, for a program that has it open, too; one old log is kept."""
    monkeypatch.setattr(folder, "LOG_LIMIT", 3)
    data = DataFolder(tmp_path)
    data.close()
    log, old = data.log("auth"), tmp_path / "log" / "auth.old.log"
    for text in ("long", "longer"):
        with log.open("a") as writer:
            writer.write(text)
            writer.flush()
            data.rotate_logs()
            assert (log.read_text(), old.read_text()) == ("", text)
            writer.write("on")
        data.rotate_logs()
        assert log.read_text() == "on"
        log.unlink()
    assert old.stat().st_mode & 0o777 == 0o600


def test_no_room_for_an_old_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the old log cannot be kept, here because of a folder in its place, the log begins anew."""
    monkeypatch.setattr(folder, "LOG_LIMIT", 3)
    data = DataFolder(tmp_path)
    data.close()
    data.log("auth").write_text("long")
    (tmp_path / "log" / "auth.old.log").mkdir()
    data.rotate_logs()
    assert data.log("auth").read_text() == ""
