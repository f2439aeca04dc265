"""Which token a call shows, and when the tokens of a login are renewed."""

import time
from collections.abc import Callable
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
LOGOUT_ALL = "/api/v5/auth/logout-all"
SWITCH = "/api/v5/auth/switch-tenant"
REAUTHENTICATE = "/api/v5/auth/reauthenticate"
CONFIRM = "/api/v5/auth/factors/totp/f1/confirm"
EXPIRED = error(401, "ACCESS_TOKEN_EXPIRED")
ENDED = error(401, "REFRESH_TOKEN_INVALID")
RENEWED = data({"tokens": tokens(2)})


def log_in(client: Any) -> Any:
    """Logs the client in."""
    return client.logins.login({"email": "ada@example.com", "password": "secret"})


def get_me(client: Any) -> Any:
    """A call that takes a token."""
    return client.accounts.get_me()


def refresh(client: Any) -> Any:
    """Renews the tokens."""
    return client.refresh()


def logout(client: Any) -> Any:
    """Ends the login of the client."""
    return client.logout()


def logout_all(client: Any) -> Any:
    """A call that ends the login."""
    return client.logins.logout_all()


def switch_tenant(client: Any) -> Any:
    """A call that takes a token and brings another one for the same login."""
    return client.logins.switch_tenant({"tenantId": "t2"})


def reauthenticate(client: Any) -> Any:
    """A call that takes a token and brings those of a new login in its place."""
    return client.logins.reauthenticate({"password": "secret"})


def confirm_totp(client: Any) -> Any:
    """Another such call."""
    return client.totp.confirm_totp("f1", {"code": "123456"})


def without_refresh(number: int) -> Answer:
    """An answer with an access token alone."""
    return data({"tokens": {**tokens(number), "refreshToken": ""}})


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


def late(
    server: ScriptedServer, path: str, usual: Answer, overtaken: Answer
) -> Callable[[], Answer]:
    """An answer that gives a call to the path the time to overtake it, and may differ if it does."""

    def answer() -> Answer:
        end = time.monotonic() + 0.3
        while not server.to(path) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)  # the answer of the other call arrives first
        return overtaken if server.to(path) else usual

    return answer


GIVING_TOKENS = [
    pytest.param(switch_tenant, SWITCH, without_refresh(9), RENEWED, id="switch"),
    pytest.param(
        reauthenticate, REAUTHENTICATE, data({"tokens": tokens(9)}), ENDED, id="reauthenticate"
    ),
    pytest.param(confirm_totp, CONFIRM, data({"tokens": tokens(9)}), ENDED, id="confirm-totp"),
    pytest.param(log_in, LOGIN, data({"tokens": tokens(9)}), RENEWED, id="login"),
]
"""Calls that bring tokens, their paths and answers, and that of a refresh which they overtake."""

ENDING_LOGIN = [
    pytest.param(logout, LOGOUT, id="logout"),
    pytest.param(logout_all, LOGOUT_ALL, id="logout-all"),
]


@pytest.fixture
def store() -> Memory:
    """A store with a login."""
    kept = Memory()
    kept.save("refresh-1")
    return kept


@pytest.fixture
def sharing(connect: Connect, server: ScriptedServer, store: Memory) -> Flavor:
    """A client with that login and an access token, whose store other processes may change."""
    server.script(REFRESH, data({"tokens": tokens(1)}))
    server.script(ME, data({"userId": "u1"}))
    one = connect(server.url, store=store)
    one(get_me)
    server.asked.clear()
    return one


@pytest.mark.parametrize(("call", "path", "answer", "overtaken"), GIVING_TOKENS)
def test_a_refresh_does_not_undo_a_call_that_brings_tokens(
    sharing: Flavor,
    server: ScriptedServer,
    store: Memory,
    call: Callable[[Any], Any],
    path: str,
    answer: Answer,
    overtaken: Answer,
) -> None:
    """The call waits for it, so the tokens of the call are the last ones."""
    server.script(path, answer)
    server.script(REFRESH, late(server, path, RENEWED, overtaken))
    sharing.during(refresh, call, lambda: bool(server.to(REFRESH)))
    assert sharing.client.access_token == "access-9"
    assert store.load() == ("refresh-2" if call is switch_tenant else "refresh-9")
    assert [asked.path for asked in server.asked] == [REFRESH, path]


@pytest.mark.parametrize(("call", "path", "answer", "overtaken"), GIVING_TOKENS)
def test_a_refresh_waits_for_a_call_that_brings_tokens(
    sharing: Flavor,
    server: ScriptedServer,
    store: Memory,
    call: Callable[[Any], Any],
    path: str,
    answer: Answer,
    overtaken: Answer,
) -> None:
    """After it there is nothing to renew."""
    server.script(path, late(server, REFRESH, answer, answer))
    server.script(REFRESH, overtaken)
    sharing.during(call, refresh, lambda: bool(server.to(path)))
    assert sharing.client.access_token == "access-9"
    assert store.load() == ("refresh-1" if call is switch_tenant else "refresh-9")
    assert server.to(REFRESH) == []


@pytest.mark.parametrize(("call", "path"), ENDING_LOGIN)
def test_a_logout_ends_a_login_that_is_being_refreshed(
    sharing: Flavor,
    server: ScriptedServer,
    store: Memory,
    call: Callable[[Any], Any],
    path: str,
) -> None:
    """It waits for the refresh, whose answer would bring the tokens back."""
    server.script(path, data({}))
    server.script(ME, EXPIRED, data({"userId": "u1"}))
    server.script(REFRESH, late(server, path, RENEWED, RENEWED))
    sharing.during(get_me, call, lambda: bool(server.to(REFRESH)))
    assert (sharing.client.access_token, store.load()) == (None, None)


@pytest.mark.parametrize(("call", "path"), ENDING_LOGIN)
def test_a_refresh_waits_for_a_logout(
    sharing: Flavor,
    server: ScriptedServer,
    store: Memory,
    call: Callable[[Any], Any],
    path: str,
) -> None:
    """After it there is no login to renew."""
    server.script(path, late(server, REFRESH, data({}), data({})))
    server.script(ME, EXPIRED, error(401, "ACCESS_TOKEN_MISSING"))

    with pytest.raises(ApiError, match="ACCESS_TOKEN_MISSING"):
        sharing.during(call, get_me, lambda: bool(server.to(path)))
    assert server.to(REFRESH) == []
    assert (sharing.client.access_token, store.load()) == (None, None)


def test_a_call_that_brings_tokens_may_need_a_refresh(
    connect: Connect, server: ScriptedServer, store: Memory
) -> None:
    """Before it, and again if its token is refused; neither waits for the call itself."""
    server.script(REFRESH, data({"tokens": tokens(2)}), data({"tokens": tokens(3)}))
    server.script(REAUTHENTICATE, EXPIRED, data({"tokens": tokens(9)}))
    one = connect(server.url, store=store)
    one(reauthenticate)
    asked = [shown(asked) for asked in server.to(REAUTHENTICATE)]
    assert asked == ["Bearer access-2", "Bearer access-3"]
    assert (one.client.access_token, store.load()) == ("access-9", "refresh-9")


@pytest.mark.parametrize("first", [RENEWED, ENDED], ids=["renewed", "ended"])
def test_a_login_of_another_process_outlives_a_refresh(
    sharing: Flavor, server: ScriptedServer, store: Memory, first: Answer
) -> None:
    """The client goes on with what the store has then."""

    def meanwhile() -> Answer:
        store.save("refresh-8")
        return first

    server.script(REFRESH, meanwhile, data({"tokens": tokens(9)}))
    sharing(refresh)
    sent = [asked.body["refreshToken"] for asked in server.to(REFRESH)]
    assert sent == ["refresh-1", "refresh-8"]
    assert (sharing.client.access_token, store.load()) == ("access-9", "refresh-9")


def test_another_process_gets_the_same_successor(
    sharing: Flavor, server: ScriptedServer, store: Memory
) -> None:
    """The store has it already, and it is good."""

    def meanwhile() -> Answer:
        store.save("refresh-2")
        return RENEWED

    server.script(REFRESH, meanwhile, ENDED)
    sharing(refresh)
    assert (sharing.client.access_token, store.load()) == ("access-2", "refresh-2")


def test_a_logout_of_another_process_is_not_undone(
    sharing: Flavor, server: ScriptedServer, store: Memory
) -> None:
    """The refresh that was under way says that there is no login."""

    def meanwhile() -> Answer:
        store.save(None)
        return RENEWED

    server.script(REFRESH, meanwhile, ENDED)
    with pytest.raises(CoditectError, match="no login"):
        sharing(refresh)
    assert (sharing.client.access_token, store.load()) == (None, None)


def test_a_login_of_another_process_outlives_a_logout(
    sharing: Flavor, server: ScriptedServer, store: Memory
) -> None:
    """The client has forgotten its own tokens."""

    def meanwhile() -> Answer:
        store.save("refresh-8")
        return data({})

    server.script(LOGOUT, meanwhile)
    sharing(logout)
    assert (sharing.client.access_token, store.load()) == (None, "refresh-8")


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
