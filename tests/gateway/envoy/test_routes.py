"""What can be reached from outside, and what cannot. The cases come from the contract."""

import re

import pytest

from gateway import contract
from gateway.contract import Method, Route
from tests.gateway.environment import CONTRACT, SESSION_ID, WHERE, Environment, Key

LOADED = contract.load(CONTRACT)
GUARDED = [r for r in LOADED.routes if not r.method.rule.public]
OPTIONAL = [r for r in LOADED.routes if r.method.rule.optional_user]
PATHS = sorted({route.http.path for route in LOADED.routes})


def _path(template: str) -> str:
    return re.sub(r"\{[a-z_]+\}", SESSION_ID, template)


def _named(value: object) -> str:
    return value.method.name if isinstance(value, Route) else getattr(value, "name", str(value))


@pytest.mark.parametrize("route", LOADED.routes, ids=_named)
def test_every_method_reaches_its_service(gateway: Environment, route: Route) -> None:
    """A call with a good token reaches the method that the contract names."""
    edge = route.method.edge
    kind = "data" if edge.oauth and not edge.json else "json"
    body = {kind: {}} if route.http.body else {}
    answer = gateway.call(route.http.verb, _path(route.http.path), **body)
    assert answer.status_code == edge.status, answer.text
    call = gateway.backend.last(route.method.name)
    for name in route.http.variables:
        assert getattr(call.request, name) == SESSION_ID


@pytest.mark.parametrize("route", GUARDED, ids=_named)
def test_no_token_is_refused(gateway: Environment, route: Route) -> None:
    """A method that is not public returns 401 without a token, and is not called."""
    answer = gateway.client.request(route.http.verb, _path(route.http.path))
    assert answer.status_code == 401
    error = answer.json()["error"]
    if route.method.edge.oauth:
        assert error == "invalid_token"
    else:
        assert error["code"] == "ACCESS_TOKEN_MISSING"
    assert answer.headers["www-authenticate"] == f"Bearer {WHERE}"
    assert gateway.backend.count(route.method.name) == 0


@pytest.mark.parametrize("route", OPTIONAL, ids=_named)
def test_an_optional_user_may_show_a_token(gateway: Environment, route: Route) -> None:
    """A method with an optional user takes no token or a good one, and refuses any other credential."""
    verb, path, name = route.http.verb, _path(route.http.path), route.method.name
    for headers in ({}, gateway.bearer):
        answer = gateway.client.request(verb, path, headers=headers, json={})
        assert answer.is_success, answer.text
        metadata = gateway.backend.last(name).metadata
        assert metadata.get("authorization") == headers.get("authorization")
    calls = gateway.backend.count(name)
    bad = {
        f"Bearer {gateway.key.token(exp=1)}": "ACCESS_TOKEN_EXPIRED",
        f"Bearer {gateway.key.token(aud='another')}": "ACCESS_TOKEN_INVALID",
        f"Bearer {Key('other').token()}": "ACCESS_TOKEN_INVALID",
        "Bearer garbage": "ACCESS_TOKEN_INVALID",
    }
    for value, code in bad.items():
        answer = gateway.client.request(verb, path, headers={"authorization": value}, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code), value
    answer = gateway.client.request(verb, path, headers={"authorization": "Basic YTpi"}, json={})
    assert answer.status_code == 401
    assert gateway.backend.count(name) == calls


@pytest.mark.parametrize("method", LOADED.methods, ids=_named)
@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/grpc", "application/grpc+proto", "application/grpc-web"],
)
def test_grpc_paths_are_unknown_outside(gateway: Environment, method: Method, kind: str) -> None:
    """The gRPC path of a method, public or internal, is not found, even with a good token."""
    answer = gateway.call(
        "POST", method.grpc_path, headers={"content-type": kind}, content=b"\0\0\0\0\0"
    )
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "ROUTE_NOT_FOUND"
    assert answer.headers["content-type"] == "application/json"
    assert "grpc-status" not in answer.headers
    assert gateway.backend.count(method.name) == 0


@pytest.mark.parametrize("template", PATHS)
def test_other_methods_are_not_allowed(gateway: Environment, template: str) -> None:
    """A known path returns 405 to an unsupported method, with the supported ones in Allow."""
    routes = [route for route in LOADED.routes if route.http.path == template]
    edge, verbs = routes[0].method.edge, [route.http.verb for route in routes]
    verbs = sorted([*verbs, *(["HEAD"] if "GET" in verbs else [])])
    for verb in {"GET", "PUT", "HEAD", "OPTIONS", "TRACE", "PATCH"} - set(verbs):
        answer = gateway.call(verb, _path(template))
        assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(verbs))
        if verb == "HEAD":
            continue
        if edge.page:
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
        elif edge.oauth:
            assert answer.json()["error"] == "invalid_request"
        else:
            assert answer.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/api/v5", 404),
        ("/api/v5/nothing", 404),
        ("/api/v5/sessions/", 404),
        ("/api/v5//sessions", 404),
        ("//api/v5/sessions", 404),
        ("/API/v5/sessions", 404),
        (f"/api/v5/sessions/{SESSION_ID}/more", 404),
        ("/api/v5/sessions/a%2Fb", 400),
        ("/api/v5/sessions/a%5Cb", 400),
        ("/api/v5/sessions;x=1", 404),
        ("/coditect.auth.v5.LoginsService%2FLogin", 400),
        ("/api/v5/../coditect.auth.v5.LoginsService/Login", 404),
        ("/stats", 404),
    ],
)
def test_everything_else_is_refused(gateway: Environment, path: str, status: int) -> None:
    """A path that is not exactly as in the contract reaches no method."""
    answer = gateway.raw(
        f"GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {gateway.bearer['authorization']}\r\n\r\n"
    )
    assert answer.status == status
    assert answer.json["error"]["code"] in {"ROUTE_NOT_FOUND", "MALFORMED_REQUEST"}
    assert not gateway.backend.client_calls


def test_dots_do_not_step_around_the_token(gateway: Environment) -> None:
    """A path that is normalized into a guarded one is guarded."""
    answer = gateway.raw("GET /.well-known/../api/v5/sessions HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.status == 401
    answer = gateway.raw("GET /api/v5/auth/%6De HTTP/1.1\r\nhost: x\r\n\r\n")
    assert answer.status in {401, 404}


def test_a_path_variable_is_unescaped_once(gateway: Environment) -> None:
    """An escaped character of an id reaches the service as itself."""
    gateway.call("GET", "/api/v5/sessions/a%20%2525")
    assert gateway.backend.last("GetSession").request.session_id == "a %25"
