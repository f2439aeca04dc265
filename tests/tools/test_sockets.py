"""The folder of the sockets of the laptop system."""

import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from tools import sockets
from tools.folder import DataFolder
from tools.settings import SetupError


def test_sockets_are_in_the_data_folder() -> None:
    """Where its path is short and plain."""
    assert sockets.socket_folder(Path("/srv/data")) == Path("/srv/data/run")


@pytest.mark.parametrize("data", ["/srv/" + 90 * "x", "/srv/my data", "/srv/a,b", "/srv/100%41"])
def test_another_path_gets_a_temporary_folder(data: str) -> None:
    """A path that does not fit into a socket's address, always the same for one data folder."""
    folder = sockets.socket_folder(Path(data))
    assert folder.parent == Path(tempfile.gettempdir())
    assert folder == sockets.socket_folder(Path(data)) != sockets.socket_folder(Path(f"{data}x"))


@pytest.mark.parametrize("temporary", ["/srv/" + 90 * "x", "/srv/my files"])
def test_a_temporary_folder_whose_path_does_not_fit(
    temporary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the sockets are below /tmp."""
    monkeypatch.setattr(tempfile, "gettempdir", lambda: temporary)
    assert sockets.socket_folder(Path("/srv/my data")).parent == Path("/tmp")  # noqa: S108 - as expected


def test_only_its_user_enters_the_folder(tmp_path: Path) -> None:
    """It has no rights for others, whatever the umask and an earlier run; it goes with the system."""
    data = tmp_path / "my data"
    where = sockets.socket_folder(data)
    before = os.umask(0)
    try:
        where.mkdir()
        folder = DataFolder(data)
        (data / "run").chmod(0o700)
    finally:
        os.umask(before)
    assert stat.S_IMODE(where.stat().st_mode) == 0o700
    (where / "auth").touch()
    folder.close()
    assert not where.exists()


def test_the_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    """A link in its place could lead to a folder that others read."""
    data = tmp_path / "my data"
    where = sockets.socket_folder(data)
    where.symlink_to(tmp_path)
    try:
        with pytest.raises(
            SetupError, match=f"{where}, the folder for its sockets, is another user's"
        ):
            DataFolder(data)
    finally:
        where.unlink()


def test_who_listens(tmp_path: Path) -> None:
    """A socket and a port are reached only while a program listens there."""
    where = f"unix:{sockets.socket_folder(tmp_path)}.test"
    path = Path(where.removeprefix("unix:"))
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert not sockets.listens(where)
        listening.listen()
        assert sockets.listens(where)
    assert not sockets.listens(where)  # the socket of a program that has ended
    path.unlink()
    assert not sockets.listens(where)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert sockets.listens(address)
    assert not sockets.listens(address)
