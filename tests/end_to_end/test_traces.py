"""Traces of the real system, as a real collector receives them."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import PASSWORD, Person, log_in, new_person, registration
from tests.end_to_end.team import found
from tests.support.collector import (
    CLIENT,
    CONSUMER,
    SERVER,
    Collector,
    Received,
    above,
    named,
    one,
    open_collector,
)
from tools.laptop import Laptop

LOGIN = "coditect.auth.v5.LoginsService/Login"
LOGIN_ROUTE = "coditect.auth.v5.LoginsService.Login"
MEMBERSHIP = "coditect.tenants.internal.v1.TenantsInternalService/GetMembership"
ENSURE = "coditect.tenants.internal.v1.TenantsInternalService/EnsureSelfTenant"
TO_AUTH = "router auth egress"
ADDRESS = "203.0.113.77"
SECRET = "hunter2-Geheim9"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector."""
    with open_collector() as running:
        yield running


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Laptop]:
    """A system that records all traces. It trusts one proxy, so that a client can have an address."""
    folder = tmp_path_factory.mktemp("traced")
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "TRUSTED_PROXIES": "1"}
    with start(folder, **variables) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(traced: Laptop, collector: Collector) -> Iterator[httpx.Client]:
    """A client, with what the collector received before forgotten."""
    collector.spans.clear()
    with client(traced) as opened:
        yield opened


def test_one_login_is_one_trace(http: httpx.Client, collector: Collector) -> None:
    """From the gateway to auth, its hash and its store, and to tenants for the membership, and its store."""
    person = new_person(http)
    tenant = found(person)
    collector.spans.clear()
    body = {"email": person.email, "password": PASSWORD, "tenantId": tenant}
    assert http.post("/api/v5/auth/login", json=body).status_code == 200
    spans = collector.wait_for(
        named("gateway", LOGIN_ROUTE, SERVER),
        named("auth", LOGIN, SERVER),
        named("tenants", MEMBERSHIP, SERVER),
    )
    way = [f"auth {LOGIN}", f"gateway {TO_AUTH}", f"gateway {LOGIN_ROUTE}"]
    for step in ("wait for password hash", "hash password"):
        assert above(spans, one(spans, "auth", step)) == way
    assert above(spans, one(spans, "auth", MEMBERSHIP, CLIENT)) == way
    to_tenants = [f"auth {MEMBERSHIP}", *way]
    assert above(spans, one(spans, "tenants", MEMBERSHIP, SERVER)) == to_tenants
    (asked,) = [span for span in spans if span.service == "tenants" and span.kind == CLIENT]
    assert above(spans, asked) == [f"tenants {MEMBERSHIP}", *to_tenants]
    began = [span for span in spans if span.name == "write auth"]
    assert [above(spans, span) for span in began] == [way]
    assert not any(span.failed for span in spans)


def test_a_transaction_says_what_it_did(http: httpx.Client, collector: Collector) -> None:
    """Attempts, conflicts and rows; the store and whose part of it; and the function."""
    new_person(http)
    spans = collector.wait_for(named("auth", "write auth", CLIENT))
    said = one(spans, "auth", "write auth").attributes
    assert said["db.system.name"] in {"lmdb", "foundationdb"}
    assert (said["db.namespace"], said["db.operation.name"]) == ("auth", "write")
    assert (said["coditect.store.attempts"], said["coditect.store.conflicts"]) == (1, 0)
    assert said["coditect.store.written_rows"] > 5
    assert said["code.function.name"].startswith(("kernel.", "services.auth."))


def test_a_refused_call(http: httpx.Client, collector: Collector) -> None:
    """A refusal has its code. It is no failure of the service, but one of the gateway's request to it."""
    answer = http.post("/api/v5/auth/login", json={"email": "a@example.com", "password": SECRET})
    assert answer.status_code == 401
    spans = collector.wait_for(named("gateway", LOGIN_ROUTE), named("auth", LOGIN))
    refused = one(spans, "auth", LOGIN)
    assert refused.attributes["rpc.response.status_code"] == "UNAUTHENTICATED"
    assert (refused.attributes["rpc.system.name"], refused.failed) == ("grpc", False)
    assert refused.attributes["coditect.request_id"] == answer.headers["x-request-id"]
    at_edge = one(spans, "gateway", LOGIN_ROUTE).attributes
    assert (at_edge["http.status_code"], at_edge["http.method"]) == ("401", "POST")


def test_a_delivery_is_a_trace_of_its_own(http: httpx.Client, collector: Collector) -> None:
    """After a registration auth's outbox has tenants make the self-tenant, apart from the registration."""
    new_person(http)
    spans = collector.wait_for(
        named("auth", "deliver auth/outbox", CONSUMER), named("tenants", ENSURE, SERVER)
    )
    assert above(spans, one(spans, "tenants", ENSURE, SERVER)) == [
        f"auth {ENSURE}",
        "auth deliver auth/outbox",
    ]
    assert not any(span.service == "gateway" for span in spans)
    assert one(spans, "auth", "deliver auth/outbox").attributes["messaging.destination.name"] == (
        "auth/outbox"
    )
    collector.wait_for(named("auth", "deliver auth/emails", CONSUMER))


def test_a_personal_token_is_exchanged_in_the_trace(
    http: httpx.Client, collector: Collector
) -> None:
    """The gateway's question to auth about a token that is no JWT belongs to the call."""
    person = new_person(http)
    wanted = {"name": "CI", "scopes": ["sessions:read"], "days": 1}
    made = person.call("POST", "/auth/tokens", wanted)
    assert made.status_code == 201, made.text
    headers = {"authorization": f"Bearer {made.json()['data']['token']}"}
    collector.spans.clear()
    assert http.get("/api/v5/sessions", headers=headers).status_code == 200
    spans = collector.wait_for(
        named("sessions", "coditect.sessions.v5.SessionsService/ListSessions"),
        named("auth", "envoy.service.auth.v3.Authorization/Check"),
        named("gateway", "coditect.sessions.v5.SessionsService.ListSessions"),
    )
    asked = above(spans, one(spans, "auth", "envoy.service.auth.v3.Authorization/Check"))
    assert asked[-1] == "gateway coditect.sessions.v5.SessionsService.ListSessions"


def test_a_stranger_has_no_say(http: httpx.Client, collector: Collector) -> None:
    """The trace that a client claims to be in is not continued, and nothing of it is passed on."""
    theirs, span = "ab" * 16, "cd" * 8
    for flag in ("00", "01"):
        headers = {
            "traceparent": f"00-{theirs}-{span}-{flag}",
            "tracestate": f"x={SECRET}",
            "baggage": f"user={SECRET}",
        }
        collector.spans.clear()
        assert http.get("/api/v5/sessions", headers=headers).status_code == 401
        refused = collector.wait_for(
            named("gateway", "coditect.sessions.v5.SessionsService.ListSessions")
        )
        assert theirs not in str(refused)
        assert SECRET not in str(refused)


def test_no_span_says_who(http: httpx.Client, collector: Collector) -> None:
    """No secret, address, name, User-Agent, path, or id of a user, whatever field a client puts it in."""
    email = f"{SECRET}@example.com"
    headers = {
        "user-agent": f"agent {SECRET}",
        "x-forwarded-for": ADDRESS,
        "idempotency-key": f"{SECRET}-{uuid4()}",
        "cookie": f"__Host-coditect_device={SECRET}",
        "accept-language": SECRET,
        "x-request-id": SECRET,
    }
    names = {"firstName": SECRET, "lastName": SECRET, "company": SECRET}
    http.event_hooks = {}
    answer = http.post("/api/v5/auth/register", json=registration(email) | names, headers=headers)
    assert answer.status_code == 201, answer.text
    person = Person(http, email, answer.json()["data"], answer.json()["data"]["tokens"])
    for method, path, body in (
        ("POST", f"/sessions?pageToken={SECRET}", {"name": SECRET, "state": {SECRET: SECRET}}),
        ("GET", f"/sessions?pageToken={SECRET}", None),
        ("GET", f"/tenants/{SECRET}/members", None),
        ("PATCH", "/auth/me", {SECRET: SECRET}),
        (SECRET.upper(), "/auth/me", None),
        ("GET", f"/{SECRET}", None),
        ("POST", "/auth/refresh", {"refreshToken": SECRET}),
        ("GET", "/auth/tokens", None),
    ):
        person.call(method, path, body, headers=headers | {"host": f"{SECRET}.example.com"})
    wrong = {"authorization": f"Bearer cdt_pat_{SECRET}"}
    http.get("/api/v5/sessions", headers=headers | wrong)
    http.get("/api/v5/auth/me", headers=headers | {"authorization": f"Bearer {SECRET}"})
    last = http.post("/api/v5/auth/logout", headers={"authorization": f"Bearer {SECRET}"})
    collector.wait_for(lambda span: last.headers["x-request-id"] in span.text)
    collector.wait_for(named("auth", "deliver auth/emails"))
    secrets = (*map(str, person.tokens.values()), PASSWORD, SECRET, SECRET.upper())
    _without(collector.spans, ADDRESS, email, person.user_id, *secrets)


def _without(spans: list[Received], *unwanted: str) -> None:
    for span in list(spans):
        for text in (text for text in unwanted if len(text) > 6):
            assert text not in span.text, span


def test_log_lines_lead_to_the_trace(
    traced: Laptop, http: httpx.Client, collector: Collector
) -> None:
    """Gateway and service name the same trace, request, user, tenant and program, under the same names."""
    person = log_in(http, new_person(http))
    collector.spans.clear()
    answer = person.call("POST", "/auth/logout")
    assert answer.status_code == 200
    (trace_id,) = {
        span.trace_id
        for span in collector.wait_for(
            named("gateway", "coditect.auth.v5.LoginsService.Logout"),
            named("auth", "coditect.auth.v5.LoginsService/Logout"),
        )
    }
    tenant_id = person.answer["tenant"]["tenantId"]
    wanted = {
        "trace_id": trace_id,
        "request_id": answer.headers["x-request-id"],
        "user_id": person.user_id,
        "tenant_id": tenant_id,
        "client_id": "coditect",
    }
    log = traced.settings.data / "log"
    ended = _line(log / "auth.log", answer.headers["x-request-id"])
    assert {name: ended[name] for name in wanted} == wanted
    assert ended["time"].endswith("Z")
    passed = _line(log / "gateway.log", answer.headers["x-request-id"])
    assert {name: passed[name] for name in wanted} == wanted
    assert passed["time"].endswith("Z")


def _line(log: Path, request_id: str) -> dict[str, str]:
    """The last line about a request; Envoy writes its lines within ten seconds."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        lines = [json.loads(line) for line in log.read_text().splitlines() if request_id in line]
        if lines:
            found: dict[str, str] = lines[-1]
            return found
        time.sleep(0.1)
    raise AssertionError(f"{log.name} has no line about {request_id}")
