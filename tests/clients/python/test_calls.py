"""What a call sends, what it answers with, and when it is repeated."""

import socket
from typing import Any

import pytest
from coditect_client import ApiError, FieldViolation, NetworkError
from coditect_client.errors import InvalidRequest, RateLimited, SessionLimitReached

from tests.clients.python.conftest import Connect
from tests.clients.python.flavors import Flavor
from tests.clients.python.scripted_server import Answer, ScriptedServer, data, error

SESSIONS = "/api/v5/sessions"
LOGIN = "/api/v5/auth/login"
BUSY = error(503, "STORAGE_UNAVAILABLE", retry_after="0")
BROKEN = Answer(breaks=True)


def create(client: Any) -> Any:
    """A write that takes an idempotency key."""
    return client.sessions.create_session({"name": "engine"})


def log_in(client: Any) -> Any:
    """A write that takes none."""
    return client.logins.login({"email": "ada@example.com", "password": "secret"})


def test_a_call_sends_body_and_token_and_gives_the_data(
    connect: Connect, server: ScriptedServer
) -> None:
    """The envelope is taken off; the server sees which client it is."""
    server.script(SESSIONS, data({"sessionId": "s1"}, 201))
    assert connect(server.url, token="cdt_pat_1")(create) == {"sessionId": "s1"}
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", {"name": "engine"})
    assert asked.headers["authorization"] == "Bearer cdt_pat_1"
    assert asked.headers["user-agent"].startswith("coditect-client/")


def test_only_parameters_that_are_given_are_sent(api: Flavor, server: ScriptedServer) -> None:
    """The names are those of the API."""
    server.script(SESSIONS, data({"sessions": [], "nextPageToken": ""}))
    assert api(lambda client: client.sessions.list_sessions(order_by="sessionId")) == []
    assert server.asked[0].query == {"orderBy": "sessionId"}


def test_a_form_is_sent_and_its_bare_answer_read(api: Flavor, server: ScriptedServer) -> None:
    """The endpoints of OAuth follow their RFCs."""
    server.script("/oauth/token", Answer(200, b'{"access_token":"a","token_type":"Bearer"}'))
    form = {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}
    assert api(lambda client: client.oauth.token(form))["access_token"] == "a"
    assert server.asked[0].body == form
    assert "authorization" not in server.asked[0].headers


def test_an_error_has_the_class_of_its_code(api: Flavor, server: ScriptedServer) -> None:
    """It says what the API said: figures, time to wait, and the id of the request."""
    figures = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "metadata": {"limit": "3"}}
    server.script(SESSIONS, error(429, "SESSION_LIMIT_REACHED", figures, retry_after="60"))
    with pytest.raises(SessionLimitReached) as caught:
        api(create)
    found = caught.value
    assert (found.code, found.status, found.request_id) == (
        "SESSION_LIMIT_REACHED",
        429,
        "request-1",
    )
    assert (found.metadata, found.retry_after) == ({"limit": "3"}, 60)
    assert str(found) == "It is so. (limit: 3) [SESSION_LIMIT_REACHED, request-1]"


def test_an_error_names_the_fields(api: Flavor, server: ScriptedServer) -> None:
    """Each one that is invalid, with the reason."""
    violation = {"field": "name", "reason": "TOO_LONG", "description": "It is too long."}
    server.script(SESSIONS, error(400, "INVALID_REQUEST", {"fieldViolations": [violation]}))
    with pytest.raises(InvalidRequest) as caught:
        api(create)
    assert caught.value.violations == (FieldViolation("name", "TOO_LONG", "It is too long."),)


def test_an_error_of_oauth_has_a_class_too(api: Flavor, server: ScriptedServer) -> None:
    """Its constant is the code in lowercase."""
    body = b'{"error":"slow_down","error_description":"Slower."}'
    server.script("/oauth/token", Answer(400, body))
    with pytest.raises(ApiError) as caught:
        api(lambda client: client.oauth.token({"grant_type": "x", "client_id": "c"}))
    assert (type(caught.value).__name__, caught.value.code) == ("SlowDown", "SLOW_DOWN")


def test_a_code_that_the_client_does_not_know(api: Flavor, server: ScriptedServer) -> None:
    """It is an error of the API all the same."""
    server.script(SESSIONS, error(418, "MADE_LATER"))
    with pytest.raises(ApiError) as caught:
        api(create)
    assert (type(caught.value), caught.value.code, caught.value.status) == (
        ApiError,
        "MADE_LATER",
        418,
    )


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>"),
        Answer(200, b"[]"),
        Answer(200, b'{"data":{}}'),
        Answer(418, b"<html>"),
        Answer(302, b"", {"location": "/api/v5/ready"}),
    ],
)
def test_what_is_no_answer_of_the_api(api: Flavor, server: ScriptedServer, answer: Answer) -> None:
    """The client does not take it for one, and follows no redirect, which could take a token along."""
    server.script(SESSIONS, answer)
    server.script("/api/v5/ready", data({}))
    with pytest.raises(NetworkError, match=f"answered {answer.status}, but not as Coditect does"):
        api(create)
    assert server.to("/api/v5/ready") == []


@pytest.mark.parametrize("passing", [BUSY, BROKEN, Answer(502, b"<html>"), Answer(504)])
def test_what_passes_is_repeated(api: Flavor, server: ScriptedServer, passing: Answer) -> None:
    """A write is repeated with the same key, which is another one for each call."""
    server.script(SESSIONS, passing, passing, data({"sessionId": "s1"}, 201))
    assert api(create) == {"sessionId": "s1"}
    keys = [asked.headers["idempotency-key"] for asked in server.asked]
    assert (len(keys), len(set(keys))) == (3, 1)
    api(create)
    assert server.asked[-1].headers["idempotency-key"] not in keys


@pytest.mark.parametrize("passing", [BUSY, BROKEN])
def test_a_write_without_a_key_is_not_repeated(
    api: Flavor, server: ScriptedServer, passing: Answer
) -> None:
    """A repeat of one that was carried out could do harm."""
    server.script(LOGIN, passing)
    with pytest.raises((ApiError, NetworkError)):
        api(log_in)
    assert len(server.asked) == 1


def test_the_key_of_the_caller_is_sent(api: Flavor, server: ScriptedServer) -> None:
    """So another process can repeat the call."""
    server.script(SESSIONS, data({}, 201))
    api(lambda client: client.sessions.create_session({}, idempotency_key="mine"))
    assert server.asked[0].headers["idempotency-key"] == "mine"


def test_the_last_answer_counts(connect: Connect, server: ScriptedServer) -> None:
    """After as many repeats as the program wants the error is raised."""
    server.script(SESSIONS, BUSY)
    with pytest.raises(ApiError, match="STORAGE_UNAVAILABLE"):
        connect(server.url, retries=1)(create)
    assert len(server.asked) == 2
    with pytest.raises(ApiError, match="STORAGE_UNAVAILABLE"):
        connect(server.url, retries=0)(create)
    assert len(server.asked) == 3


def test_a_call_over_the_limit_of_calls_is_repeated(api: Flavor, server: ScriptedServer) -> None:
    """It has done nothing, so any call can be repeated."""
    server.script(LOGIN, error(429, "RATE_LIMITED", retry_after="0"), data({"challenge": {}}))
    assert api(log_in) == {"challenge": {}}


def test_a_long_wait_is_left_to_the_program(api: Flavor, server: ScriptedServer) -> None:
    """The error says how long it would be."""
    server.script(SESSIONS, error(429, "RATE_LIMITED", retry_after="11"))
    with pytest.raises(RateLimited) as caught:
        api(create)
    assert (caught.value.retry_after, len(server.asked)) == (11, 1)


def test_another_limit_is_not_met_again(api: Flavor, server: ScriptedServer) -> None:
    """Waiting a moment would not help."""
    server.script(SESSIONS, error(429, "SESSION_LIMIT_REACHED", retry_after="1"))
    with pytest.raises(SessionLimitReached):
        api(create)
    assert len(server.asked) == 1


def test_a_server_that_cannot_be_reached(connect: Connect) -> None:
    """The error names it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NetworkError, match=url):
            connect(url, retries=1)(log_in)


@pytest.mark.parametrize(
    ("session_id", "path"), [("a/b", "a%2Fb"), ("?x", "%3Fx"), ("../tenants", "..%2Ftenants")]
)
def test_an_id_never_becomes_another_path(
    api: Flavor, server: ScriptedServer, session_id: str, path: str
) -> None:
    """It is one segment, whatever it holds."""
    server.script(f"{SESSIONS}/{path}", data({}))
    assert api(lambda client: client.sessions.get_session(session_id)) == {}


@pytest.mark.parametrize("session_id", ["", ".", ".."])
def test_what_is_no_id_is_not_sent(api: Flavor, server: ScriptedServer, session_id: str) -> None:
    """It would name another resource."""
    with pytest.raises(ValueError, match="sessionId is no id"):
        api(lambda client: client.sessions.get_session(session_id))
    assert server.asked == []
