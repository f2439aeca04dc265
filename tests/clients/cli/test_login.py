"""`coditect login` and `logout` against a server with the shapes of RFC 8628, 8414 and 7009."""

import signal
import time
from collections import deque

import httpx
import pytest
from coditect_cli import device_login, discovery
from coditect_cli.failures import Refused

from tests.clients.cli.command import Command, finish
from tests.clients.cli.small_server import SmallServer, oauth_error

TOKEN = "/oauth/token"


def test_a_login_shows_url_and_code_and_prints_who_is_in(
    coditect: Command, server: SmallServer
) -> None:
    """What the person needs goes to stderr, and the result to stdout; no secret is printed."""
    server.scripted[TOKEN] = deque([oauth_error("authorization_pending")])
    done = coditect("login", "--server", server.url)
    assert (done.code, done.out) == (0, f"Logged in to {server.url} as ada@example.com.\n")
    assert f"Open {server.url}/oauth/device\n" in done.err
    assert "BCDF-GHJK" in done.err
    asked = server.to("/oauth/device_authorization")[0].form
    assert asked["client_id"] == "coditect-cli"
    assert {"offline_access", "sessions:write", "tenants:read"} <= set(asked["scope"].split())
    assert "login" not in asked["scope"].split()
    polls = [call.form for call in server.to(TOKEN)]
    assert (
        polls
        == [
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
                "device_code": "the-device-code",
                "client_id": "coditect-cli",
            }
        ]
        * 2
    )
    for secret in (server.access_token, server.refresh_token, "the-device-code"):
        assert secret not in done.out + done.err


def test_a_login_prints_json(coditect: Command, server: SmallServer) -> None:
    """With --json the result is one object: server, user, store."""
    answer = coditect("login", "--server", server.url, "--json").json
    assert set(answer) == {"server", "user", "store"}
    assert answer["user"]["email"] == "ada@example.com"
    assert answer["store"] == "file"


@pytest.mark.parametrize(
    ("code", "message"),
    [("access_denied", "refused"), ("expired_token", "expired"), ("invalid_client", "It is")],
)
def test_a_login_that_is_not_approved_ends(
    coditect: Command, server: SmallServer, code: str, message: str
) -> None:
    """The command exits with 1 and the code of the RFC, and saves nothing."""
    server.scripted[TOKEN] = deque([oauth_error(code)])
    done = coditect("login", "--server", server.url, "--json")
    assert (done.code, done.error["code"]) == (1, code)
    assert message in done.error["message"]
    assert coditect("whoami", "--server", server.url).code == 3


def test_polls_wait_for_the_interval_and_slow_down(server: SmallServer) -> None:
    """slow_down adds five seconds for good, and an error of the server doubles the interval."""
    server.interval, server.expires_in = 3, 600
    pending, slow = oauth_error("authorization_pending"), oauth_error("slow_down")
    server.scripted[TOKEN] = deque([pending, slow, pending, (503, {}), pending])
    waits: list[float] = []
    with httpx.Client() as client:
        endpoints = discovery.discover(client, server.url)
        code = device_login.begin(client, endpoints, "openid")
        tokens = device_login.wait(client, endpoints, code, waits.append)
    assert waits == [3, 3, 8, 8, 16, 16]
    assert tokens.access_token == server.access_token


def test_polls_end_with_the_code(server: SmallServer) -> None:
    """The command asks no more when the code has expired, whatever the server says."""
    server.interval, server.expires_in = 5, 20
    server.scripted[TOKEN] = deque([oauth_error("authorization_pending")] * 10)
    waits: list[float] = []
    with httpx.Client() as client:
        endpoints = discovery.discover(client, server.url)
        code = device_login.begin(client, endpoints, "openid")
        with pytest.raises(Refused, match="expired"):
            device_login.wait(client, endpoints, code, waits.append)
    assert waits == [5, 5, 5, 5]


def test_ctrl_c_ends_a_login(coditect: Command, server: SmallServer) -> None:
    """The command exits with 130 and no traceback."""
    server.scripted[TOKEN] = deque([oauth_error("authorization_pending")] * 60)
    process = coditect.start("login", "--server", server.url)
    while not server.to(TOKEN):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"issuer": "https://elsewhere.example.com"}, "use that as --server"),
        ({"token_endpoint": "http://elsewhere.example.com/token"}, "offers no device login"),
        ({"device_authorization_endpoint": None}, "offers no device login"),
    ],
)
def test_a_server_that_is_another_gets_nothing(
    coditect: Command, server: SmallServer, metadata: dict[str, str], message: str
) -> None:
    """The metadata must be those of the URL (RFC 8414, section 3.3), and its endpoints use TLS."""
    server.metadata = metadata
    done = coditect("login", "--server", server.url)
    assert done.code == 4
    assert message in done.err
    assert server.to("/oauth/device_authorization") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://coditect.example.com",
        "https://ada:secret@coditect.example.com",
        "https://",
        "ftp://x",
    ],
)
def test_a_url_that_would_show_secrets_is_refused(coditect: Command, url: str) -> None:
    """Only https is used, and http on this machine; the command exits with 2."""
    done = coditect("login", "--server", url)
    assert done.code == 2
    assert "secret" not in done.err


def test_a_server_that_is_not_there(coditect: Command, server: SmallServer) -> None:
    """The command exits with 4 and one line."""
    done = coditect("login", "--server", "http://127.0.0.1:1")
    assert done.code == 4
    assert len(done.err.splitlines()) == 1
    assert "[UNAVAILABLE]" in done.err
    server.scripted["/.well-known/oauth-authorization-server"] = deque([(404, {})])
    assert "is no Coditect server" in coditect("login", "--server", server.url).err


def test_a_second_login_ends_the_first(logged_in: Command, server: SmallServer) -> None:
    """The command revokes the login that it replaces, so none is left that cannot be ended."""
    first = server.refresh_token
    assert logged_in("login", "--server", server.url).code == 0
    assert [call.form["token"] for call in server.to("/oauth/revoke")] == [first]
    assert logged_in("whoami").code == 0


def test_a_logout_revokes_and_removes(logged_in: Command, server: SmallServer) -> None:
    """The server gets the refresh token (RFC 7009), and no file has a token afterwards."""
    secrets = [server.access_token, server.refresh_token]
    assert any(secrets[1] in text for text in logged_in.files().values())
    done = logged_in("logout")
    assert (done.code, done.out) == (0, f"Logged out of {server.url}.\n")
    assert server.to("/oauth/revoke")[0].form == {
        "token": secrets[1],
        "token_type_hint": "refresh_token",
        "client_id": "coditect-cli",
    }
    for text in logged_in.files().values():
        assert not any(secret in text for secret in secrets)
    assert logged_in("whoami").code == 3
    assert logged_in("logout").code == 3


def test_a_logout_that_the_server_does_not_get_keeps_the_login(
    logged_in: Command, server: SmallServer
) -> None:
    """The login would go on without anybody who could end it; --local removes it all the same."""
    server.scripted["/oauth/revoke"] = deque([(503, {"error": "temporarily_unavailable"})])
    assert logged_in("logout").code == 4
    assert logged_in("whoami").code == 0
    assert logged_in("logout", "--local", "--json").json["revoked"] is False
    assert logged_in("whoami").code == 3
