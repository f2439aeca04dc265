"""Which token a call shows, and when the tokens of a login are renewed."""

from typing import Any

import pytest
from coditect_client import ApiError, CoditectError, Memory
from coditect_client.errors import (
    AccessTokenExpired,
    AccessTokenRevoked,
    RefreshTokenInvalid,
    StorageUnavailable,
)

from tests.clients.python.conftest import Connect
from tests.clients.python.flavors import Flavor
from tests.clients.python.scripted_server import Answer, Asked, ScriptedServer, data, error, tokens

ME = "/api/v5/auth/me"
LOGIN = "/api/v5/auth/login"
REFRESH = "/api/v5/auth/refresh"
LOGOUT = "/api/v5/auth/logout"
EXPIRED = error(401, "ACCESS_TOKEN_EXPIRED")


def log_in(client: Any) -> Any:
    """Logs the client in."""
    return client.logins.login({"email": "ada@example.com", "password": "secret"})


def get_me(client: Any) -> Any:
    """A call that takes a token."""
    return client.accounts.get_me()


def shown(asked: Asked) -> str | None:
    """The token that a request shows."""
    return asked.headers.get("authorization")


@pytest.fixture
def logged_in(api: Flavor, server: ScriptedServer) -> Flavor:
    """A client with a login. The server refreshes it once."""
    server.script(LOGIN, data({"tokens": tokens(1)}))
    server.script(REFRESH, data({"tokens": tokens(2)}), error(401, "REFRESH_TOKEN_INVALID"))
    server.script(LOGOUT, data({}))
    server.script(ME, data({"userId": "u1"}))
    api(log_in)
    return api


def test_a_login_is_used_by_the_calls_after_it(logged_in: Flavor, server: ScriptedServer) -> None:
    """A call that takes no token shows none."""
    logged_in(get_me)
    logged_in(log_in)
    assert [shown(asked) for asked in server.asked] == [None, "Bearer access-1", None]
    assert logged_in.client.access_token == "access-1"


def test_a_token_is_renewed_before_it_ends(api: Flavor, server: ScriptedServer) -> None:
    """Half a minute before, so no call is refused for it."""
    server.script(LOGIN, data({"tokens": tokens(1, expires_in=29)}))
    server.script(REFRESH, data({"tokens": tokens(2)}))
    server.script(ME, data({}))
    api(log_in)
    api(get_me)
    api(get_me)
    assert [asked.body for asked in server.to(REFRESH)] == [{"refreshToken": "refresh-1"}]
    assert [shown(asked) for asked in server.to(ME)] == ["Bearer access-2"] * 2


@pytest.mark.parametrize("code", ["ACCESS_TOKEN_EXPIRED", "ACCESS_TOKEN_REVOKED"])
def test_a_token_that_is_refused_is_renewed(
    logged_in: Flavor, server: ScriptedServer, code: str
) -> None:
    """The call is repeated with the next one, and its caller sees nothing of it."""
    server.script(ME, error(401, code), data({"userId": "u1"}))
    assert logged_in(get_me) == {"userId": "u1"}
    assert [shown(asked) for asked in server.to(ME)] == ["Bearer access-1", "Bearer access-2"]


def test_a_token_is_renewed_once_for_a_call(logged_in: Flavor, server: ScriptedServer) -> None:
    """If the next one is refused too, that is the answer."""
    server.script(ME, EXPIRED)
    with pytest.raises(AccessTokenExpired):
        logged_in(get_me)
    assert len(server.to(REFRESH)) == 1


def test_another_refusal_renews_nothing(logged_in: Flavor, server: ScriptedServer) -> None:
    """A token that the server does not know would not be known after a refresh."""
    server.script(ME, error(401, "ACCESS_TOKEN_INVALID"))
    with pytest.raises(ApiError, match="ACCESS_TOKEN_INVALID"):
        logged_in(get_me)
    assert server.to(REFRESH) == []


def test_calls_at_once_refresh_once(logged_in: Flavor, server: ScriptedServer) -> None:
    """The others wait for it and go on with its token."""
    server.script(ME, EXPIRED, EXPIRED, EXPIRED, EXPIRED, data({"userId": "u1"}))
    assert logged_in.at_once(get_me, 4) == [{"userId": "u1"}] * 4
    assert len(server.to(REFRESH)) == 1


def test_a_login_that_has_ended(logged_in: Flavor, server: ScriptedServer) -> None:
    """The error says so, and the client has no login any more."""
    server.script(REFRESH, error(401, "REFRESH_TOKEN_INVALID"))
    server.script(ME, error(401, "ACCESS_TOKEN_REVOKED"), error(401, "ACCESS_TOKEN_MISSING"))
    with pytest.raises(RefreshTokenInvalid):
        logged_in(get_me)
    with pytest.raises(ApiError, match="ACCESS_TOKEN_MISSING"):
        logged_in(get_me)
    assert (shown(server.asked[-1]), logged_in.client.access_token) == (None, None)


def test_a_refresh_that_fails_for_now_keeps_the_login(
    logged_in: Flavor, server: ScriptedServer
) -> None:
    """The next call tries again."""
    busy = error(503, "STORAGE_UNAVAILABLE", retry_after="0")
    server.script(REFRESH, busy, busy, busy, data({"tokens": tokens(2)}))
    server.script(ME, EXPIRED, EXPIRED, data({"userId": "u1"}))
    with pytest.raises(StorageUnavailable):
        logged_in(get_me)
    assert logged_in(get_me) == {"userId": "u1"}


def test_a_refresh_whose_answer_is_lost_is_repeated(
    logged_in: Flavor, server: ScriptedServer
) -> None:
    """The server gives the same successor, so the same token is shown again."""
    server.script(REFRESH, Answer(breaks=True), data({"tokens": tokens(2)}))
    logged_in(lambda client: client.refresh())
    assert [asked.body["refreshToken"] for asked in server.to(REFRESH)] == ["refresh-1"] * 2


def test_a_given_token_is_not_renewed(connect: Connect, server: ScriptedServer) -> None:
    """The server's refusal is the answer."""
    server.script(ME, error(401, "ACCESS_TOKEN_REVOKED"))
    with pytest.raises(AccessTokenRevoked):
        connect(server.url, token="cdt_pat_1")(get_me)
    assert server.to(REFRESH) == []


def test_without_a_login_there_is_nothing_to_renew(
    api: Flavor, connect: Connect, server: ScriptedServer
) -> None:
    """Also with a given token; the server is not asked."""
    for one in (api, connect(server.url, token="cdt_pat_1")):
        with pytest.raises(CoditectError, match="no login"):
            one(lambda client: client.refresh())
    assert server.asked == []


@pytest.mark.usefixtures("logged_in")
def test_a_store_keeps_the_login(connect: Connect, server: ScriptedServer) -> None:
    """Another client goes on with it, and each token that is renewed replaces the one before."""
    store = Memory()
    store.save("refresh-1")
    other = connect(server.url, store=store)
    assert other(get_me) == {"userId": "u1"}
    assert store.load() == "refresh-2"
    other(lambda client: client.logout())
    assert store.load() is None


def test_a_logout_ends_the_login(logged_in: Flavor, server: ScriptedServer) -> None:
    """At the server and in the client; a second one does nothing."""
    logged_in(lambda client: client.logout())
    logged_in(lambda client: client.logout())
    assert [asked.body for asked in server.to(LOGOUT)] == [{"refreshToken": "refresh-1"}]
    assert logged_in.client.access_token is None


def test_a_call_that_ends_the_login(logged_in: Flavor, server: ScriptedServer) -> None:
    """After it the client shows no token."""
    server.script("/api/v5/auth/logout-all", data({}))
    logged_in(lambda client: client.logins.logout_all())
    logged_in(get_me)
    assert shown(server.asked[-1]) is None


def test_a_challenge_is_no_login(api: Flavor, server: ScriptedServer) -> None:
    """The program shows the second factor, and its answer brings the tokens."""
    server.script(LOGIN, data({"challenge": {"challengeToken": "c"}}))
    server.script(f"{LOGIN}/second-factor", data({"tokens": tokens(1)}))
    api(log_in)
    assert api.client.access_token is None
    api(lambda client: client.logins.login_with_second_factor({"challengeToken": "c"}))
    assert api.client.access_token == "access-1"


def test_tokens_without_a_refresh_token_keep_it(logged_in: Flavor, server: ScriptedServer) -> None:
    """Such as those of a further proof."""
    renewed = {name: value for name, value in tokens(5).items() if name != "refreshToken"}
    server.script("/api/v5/auth/reauthenticate", data({"tokens": renewed}))
    logged_in(lambda client: client.logins.reauthenticate({"password": "secret"}))
    assert logged_in.client.access_token == "access-5"
    logged_in(lambda client: client.refresh())
    assert server.to(REFRESH)[0].body == {"refreshToken": "refresh-1"}
