"""Where tokens are kept, and CODITECT_TOKEN."""

import json
import stat
from pathlib import Path

import pytest

from tests.clients.cli.command import Command
from tests.clients.cli.small_server import Running, SmallServer


def test_without_a_keyring_a_file_has_the_tokens(logged_in: Command, server: SmallServer) -> None:
    """The file has mode 0600, its folder 0700, and no other file has a token."""
    files = [file for file in logged_in.folder.rglob("*") if file.is_file()]
    with_tokens = [file for file in files if server.refresh_token in file.read_text("utf-8")]
    assert len(with_tokens) == 1
    assert stat.S_IMODE(with_tokens[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(with_tokens[0].parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(logged_in.folder.stat().st_mode) == 0o700


def test_a_keyring_has_the_tokens(coditect: Command, server: SmallServer, tmp_path: Path) -> None:
    """With a keyring no file of the configuration has a token, and a logout empties the keyring."""
    kept = tmp_path / "keyring.json"
    keyring = {"PYTHON_KEYRING_BACKEND": "keyrings_for_tests.InFile", "KEYRING_FILE": str(kept)}
    done = coditect("login", "--server", server.url, "--json", **keyring)
    assert done.json["store"] == "keyring"
    assert server.refresh_token in kept.read_text("utf-8")
    for text in coditect.files().values():
        assert server.refresh_token not in text
        assert server.access_token not in text
    server.access_token = "another"
    assert coditect("whoami", **keyring).code == 0
    assert server.refresh_token in kept.read_text("utf-8")
    assert coditect("logout", **keyring).code == 0
    assert json.loads(kept.read_text("utf-8")) == {}


def test_a_keyring_that_is_locked_gives_way_to_the_file(
    coditect: Command, server: SmallServer
) -> None:
    """The command says so, and later runs find the login."""
    keyring = {"PYTHON_KEYRING_BACKEND": "keyrings_for_tests.Locked"}
    done = coditect("login", "--server", server.url, **keyring)
    assert (done.code, "saved in a file" in done.err) == (0, True)
    assert coditect("whoami", **keyring).code == 0


def test_a_login_in_a_locked_keyring_can_be_replaced(
    coditect: Command, server: SmallServer, tmp_path: Path
) -> None:
    """A new login goes into the file, although the one before can be neither read nor removed."""
    kept = {"KEYRING_FILE": str(tmp_path / "keyring.json")}
    open_, locked = (
        kept | {"PYTHON_KEYRING_BACKEND": f"keyrings_for_tests.{name}"}
        for name in ("InFile", "Locked")
    )
    assert coditect("login", "--server", server.url, **open_).code == 0
    assert coditect("whoami", **locked).code == 1
    assert coditect("login", "--server", server.url, **locked).code == 0
    assert coditect("whoami", **locked).code == 0


def test_a_keyring_can_be_left_out(coditect: Command, server: SmallServer, tmp_path: Path) -> None:
    """`login --no-keyring` uses the file."""
    kept = tmp_path / "keyring.json"
    keyring = {"PYTHON_KEYRING_BACKEND": "keyrings_for_tests.InFile", "KEYRING_FILE": str(kept)}
    login = coditect("login", "--no-keyring", "--server", server.url, "--json", **keyring)
    assert login.json["store"] == "file"
    assert not kept.exists()


def test_servers_have_logins_of_their_own(logged_in: Command, server: SmallServer) -> None:
    """The last login chooses the server; --server, CODITECT_SERVER and `servers use` another one."""
    with Running() as other:
        assert logged_in("login", "--server", other.url).code == 0
        assert logged_in("token").out.strip() == other.access_token
        assert logged_in("token", "--server", server.url).out.strip() == server.access_token
        named = logged_in("token", CODITECT_SERVER=server.url)
        assert named.out.strip() == server.access_token
        both = logged_in("token", "--server", other.url, CODITECT_SERVER=server.url)
        assert both.out.strip() == other.access_token
        assert logged_in("servers", "use", server.url).code == 0
        assert logged_in("token").out.strip() == server.access_token
        listed = logged_in("servers", "list", "--json").json["servers"]
        assert {one["server"]: one["current"] for one in listed} == {
            server.url: True,
            other.url: False,
        }
        assert logged_in("logout").code == 0
        assert logged_in("token", "--server", other.url).code == 0
        assert logged_in("servers", "use", server.url).code == 3


def test_a_given_token_takes_the_place_of_a_login(coditect: Command, server: SmallServer) -> None:
    """CODITECT_TOKEN is sent as it is, nothing is saved, and nothing about logins is done."""
    server.access_token = "cdt_pat_1"
    given = {"CODITECT_TOKEN": "cdt_pat_1", "CODITECT_SERVER": server.url}
    answer = coditect("whoami", "--json", **given).json
    assert (answer["credential"], answer["user"]["email"]) == ("token", "ada@example.com")
    assert coditect("token", **given).out == "cdt_pat_1\n"
    for arguments in (["login"], ["logout"]):
        assert coditect(*arguments, **given).code == 2
    assert not coditect.folder.exists()
    server.access_token = "another"
    refused = coditect("whoami", "--json", **given)
    assert (refused.code, refused.error["code"]) == (3, "ACCESS_TOKEN_INVALID")
    assert server.to("/oauth/token") == []


@pytest.mark.parametrize("token", ["cdt_pat_1\r\nx: y", "cdt_pat_ä", "two words"])
def test_a_given_token_that_is_none_is_not_quoted(
    coditect: Command, server: SmallServer, token: str
) -> None:
    """The command exits with 2, and prints nothing of it."""
    done = coditect("whoami", "--server", server.url, CODITECT_TOKEN=token)
    assert done.code == 2
    assert token[:5] not in done.out + done.err


def test_a_damaged_configuration_says_which_file(coditect: Command, server: SmallServer) -> None:
    """The command exits with 1 and one line."""
    coditect.folder.mkdir()
    (coditect.folder / "servers.json").write_text("{", encoding="utf-8")
    done = coditect("whoami", "--server", server.url)
    assert done.code == 1
    assert "servers.json is damaged" in done.err
    assert len(done.err.splitlines()) == 1
