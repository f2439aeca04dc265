"""Access tokens are renewed before they end and when they are refused, once for all processes."""

import time
from collections import deque

from tests.clients.cli.command import Command, finish
from tests.clients.cli.small_server import TENANT, SmallServer, oauth_error


def _refreshes(server: SmallServer) -> int:
    return len(server.to("/oauth/token"))


def test_a_token_that_lasts_is_used_again(logged_in: Command, server: SmallServer) -> None:
    """A command costs one call if its token is good."""
    assert logged_in("whoami").code == 0
    assert [call.path for call in server.calls] == ["/api/v5/auth/me"]


def test_a_token_that_ends_soon_is_renewed(coditect: Command, server: SmallServer) -> None:
    """The command refreshes before the call, and saves the next refresh token."""
    server.seconds = 1
    coditect("login", "--server", server.url)
    server.calls.clear()
    server.seconds = 900
    time.sleep(0.5)  # of a token for one second, the last half is soon
    for _ in range(3):
        assert coditect("whoami").code == 0
    assert _refreshes(server) == 1
    assert server.to("/oauth/token")[0].form["client_id"] == "coditect-cli"


def test_a_token_that_is_refused_is_renewed(logged_in: Command, server: SmallServer) -> None:
    """A 401 leads to one refresh and one more call."""
    server.access_token = "another"
    assert logged_in("whoami").code == 0
    assert _refreshes(server) == 1
    assert [call.path for call in server.to("/api/v5/auth/me")] == ["/api/v5/auth/me"] * 2


def test_a_login_that_has_ended_says_so(logged_in: Command, server: SmallServer) -> None:
    """The command exits with 3 and says how to log in."""
    server.access_token = server.refresh_token = "another"
    done = logged_in("whoami")
    assert done.code == 3
    assert f"run `coditect login --server {server.url}`" in done.err
    assert "[invalid_grant]" in done.err


def test_processes_at_once_refresh_once(coditect: Command, server: SmallServer) -> None:
    """A second use of a refresh token would end the login, so one process refreshes for all."""
    server.seconds = 1
    coditect("login", "--server", server.url)
    server.calls.clear()
    server.seconds = 900
    processes = [coditect.start("whoami") for _ in range(6)]
    assert [finish(process).code for process in processes] == [0] * 6
    assert _refreshes(server) == 1


def test_token_prints_a_fresh_one(coditect: Command, server: SmallServer) -> None:
    """`token` prints the token alone, good for five minutes or half of its life."""
    server.seconds = 200
    coditect("login", "--server", server.url)
    server.calls.clear()
    done = coditect("token")
    assert done.out == f"{server.access_token}\n"
    assert (done.err, _refreshes(server)) == ("", 0)
    assert coditect("token", "--json").json == {"server": server.url, "token": server.access_token}


def test_every_refresh_names_the_tenant_of_a_switch(
    logged_in: Command, server: SmallServer
) -> None:
    """The server does not remember it. Once the user has left it, one command fails and says so."""
    tenant_id = str(TENANT["tenantId"])
    assert logged_in("switch", "acme").code == 0
    server.access_token = "another"
    assert logged_in("whoami").code == 0
    assert [call.form.get("tenant_id") for call in server.to("/oauth/token")] == [tenant_id] * 2
    server.access_token = "another"
    server.scripted["/oauth/token"] = deque([oauth_error("invalid_target")])
    done = logged_in("whoami", "--json")
    assert (done.code, done.error["code"]) == (1, "invalid_target")
    assert logged_in("whoami").code == 0
    server.access_token = "another"
    assert logged_in("whoami").code == 0
    assert "tenant_id" not in server.to("/oauth/token")[-1].form
