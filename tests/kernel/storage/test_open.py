"""Opening a store by its address, and the errors when that fails."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.storage import Store, StoreOpenFailed, check_address, open_store
from tests.contract.store import get, put


async def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Parent folders are created, too; only the owner can read the folder and the files."""
    folder = tmp_path / "a" / "b c" / "store"
    store = open_store(f"lmdb://{tmp_path}/a/b%20c/store?map_size=1048576")
    await put(store, (b"a", b"1"))
    await store.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


async def test_a_large_map_takes_no_disk_space(tmp_path: Path) -> None:
    """The default size is an upper limit, not the size of the file."""
    store = open_store(f"lmdb://{tmp_path}/store")
    await put(store, (b"a", b"1"))
    assert (tmp_path / "store" / "data.mdb").stat().st_size < 100_000
    await store.close()


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("fdb://etc/fdb.cluster", "absolute"),
        ("fdb:///etc/fdb.cluster?map_size=1", "no option but prefix"),
        ("redis://somewhere/", "begins with lmdb:///"),
        ("/just/a/path", "begins with lmdb:///"),
        ("", "begins with lmdb:///"),
        ("lmdb://relative/path", "absolute"),
        ("lmdb:relative", "absolute"),
        ("lmdb:///", "absolute"),
        ("lmdb:///tmp/x?map_size=", "number of bytes"),
        ("lmdb:///tmp/x?map_size=0", "number of bytes"),
        ("lmdb:///tmp/x?map_size=-1", "number of bytes"),
        ("lmdb:///tmp/x?map_size=99999999999999999999", "number of bytes"),
        ("lmdb:///tmp/x?map_size=" + 5000 * "9", "number of bytes"),
        ("lmdb://[x/y", "begins with lmdb:///"),
        ("lmdb:///tmp/x?map_size=1&map_size=2", "no option but"),
        ("lmdb:///tmp/x?mapsize=1", "no option but"),
    ],
)
def test_a_wrong_address_is_explained(url: str, text: str) -> None:
    """Every wrong address has its own error, and nothing is created on disk."""
    with pytest.raises(StoreOpenFailed, match=text):
        open_store(url)
    with pytest.raises(StoreOpenFailed, match=text):
        check_address(url)


async def test_the_largest_map(tmp_path: Path) -> None:
    """The greatest size that an address may give can be opened, and takes no disk space either."""
    store = open_store(f"lmdb://{tmp_path}/store?map_size={1 << 44}")
    await put(store, (b"a", b"1"))
    assert (tmp_path / "store" / "data.mdb").stat().st_size < 100_000
    await store.close()


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """The error has the path and the system's reason."""
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreOpenFailed, match=f"{tmp_path}/store.*File exists"):
        open_store(f"lmdb://{tmp_path}/store")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file on the way to the folder is an error with the path and the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreOpenFailed, match=f"{tmp_path}/file/store.*Not a directory"):
        open_store(f"lmdb://{tmp_path}/file/store")
    with pytest.raises(StoreOpenFailed, match="/proc/store"):
        open_store("lmdb:///proc/store")


def test_a_foreign_file_is_not_opened(tmp_path: Path) -> None:
    """A data file that is not LMDB's is an error, and stays unchanged."""
    (tmp_path / "data.mdb").write_bytes(b"something else" * 1000)
    with pytest.raises(StoreOpenFailed, match=str(tmp_path)):
        open_store(f"lmdb://{tmp_path}")
    assert (tmp_path / "data.mdb").read_bytes() == b"something else" * 1000


async def test_one_process_opens_a_folder_once(tmp_path: Path, store: Store) -> None:
    """A second opening in the same process, which would break the locks, is refused."""
    with pytest.raises(StoreOpenFailed, match="already open"):
        open_store(f"lmdb://{tmp_path}/store")
    assert await get(store, b"a") is None


def test_a_missing_client_library_is_one_clear_line(tmp_path: Path) -> None:
    """Without FoundationDB's library, the error says what to install."""
    # An invalid file hides the system's library, if there is one.
    (tmp_path / "libfdb_c.so").write_text("no library")
    program = "from kernel.storage import open_store; open_store('fdb:///etc/fdb.cluster')"
    environ = {**os.environ, "LD_LIBRARY_PATH": str(tmp_path)}
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
    assert "StoreOpenFailed: FoundationDB's client library cannot be used" in done.stderr
    assert "foundationdb-clients" in done.stderr
