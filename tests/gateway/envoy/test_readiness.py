"""Health, readiness, and services that are down."""

from pathlib import Path

import pytest
from google.rpc import code_pb2

from tests.gateway.backend import failure
from tests.gateway.environment import SESSION_ID, Environment, open_environment, wait_ready
from tests.support.promises import within

PATH = f"/api/v5/sessions/{SESSION_ID}"


def test_health_and_readiness_to_the_byte(gateway: Environment) -> None:
    """Health and readiness return exactly the specified bodies, without a token."""
    health = gateway.client.get("/api/v5/health")
    assert health.content == (
        b'{"success":true,"data":{"service":"coditect-v5-api","status":"healthy"}}'
    )
    ready = gateway.client.get("/api/v5/ready")
    assert ready.content == b'{"success":true,"data":{"status":"ready"}}'
    for answer in (health, ready):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"


def test_a_query_changes_nothing(gateway: Environment) -> None:
    """A probe with a query gets the same response."""
    assert gateway.client.get("/api/v5/ready?from=probe").json()["data"] == {"status": "ready"}
    assert gateway.client.get("/api/v5/health?from=probe").status_code == 200


@pytest.mark.parametrize("path", ["/api/v5/health", "/api/v5/ready"])
def test_probes_are_only_read(gateway: Environment, path: str) -> None:
    """Health and readiness accept only GET and HEAD."""
    answer = gateway.client.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("context", ["auth", "tenants", "sessions"])
def test_not_ready_while_a_service_cannot_serve(tmp_path: Path, context: str) -> None:
    """Readiness is 503 while a service reports that it cannot serve, and 200 again afterwards."""
    with open_environment(tmp_path) as made:
        made.backend.serve(context, serving=False)
        wait_ready(made, 503)
        answer = made.client.get("/api/v5/ready")
        assert answer.json()["error"]["code"] == "NOT_READY"
        assert answer.headers["retry-after"] == "1"
        assert made.client.get("/api/v5/health").status_code == 200
        made.backend.serve(context, serving=True)
        wait_ready(made)


def test_a_service_that_is_down(tmp_path: Path) -> None:
    """If a service is down, only its routes return 503, until it is back."""
    with open_environment(tmp_path) as made:
        made.backend.stop("sessions")
        answer = made.call("GET", PATH)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UPSTREAM_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        assert "refused" not in answer.text
        assert made.call("GET", "/api/v5/auth/me").status_code == 200
        assert wait_ready(made, 503) < within(5)
        made.backend.start("sessions")
        assert wait_ready(made) < within(5)
        assert made.call("GET", PATH).status_code == 200


def test_a_short_failure_is_not_an_outage(tmp_path: Path) -> None:
    """A service that failed many times in a row gets calls again as soon as it responds."""
    with open_environment(tmp_path) as made:
        made.backend.answers["UpdateSession"] = failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE")
        for _ in range(30):
            answer = made.call("PATCH", PATH, json={})
            assert answer.json()["error"]["code"] == "STORAGE_UNAVAILABLE"
        del made.backend.answers["UpdateSession"]
        assert made.call("PATCH", PATH, json={}).status_code == 200


def test_only_repeatable_calls_are_repeated(gateway: Environment) -> None:
    """A read that fails with UNAVAILABLE is retried; a write is not."""
    unavailable = failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    gateway.backend.answers |= {"GetSession": unavailable, "UpdateSession": unavailable}
    assert gateway.call("GET", PATH).status_code == 503
    assert gateway.call("PATCH", PATH, json={}).status_code == 503
    assert gateway.backend.count("GetSession") == 3
    assert gateway.backend.count("UpdateSession") == 1


def test_ready_soon_after_the_start(tmp_path: Path) -> None:
    """With its services up, the gateway is ready within a second of its start."""
    with open_environment(tmp_path, started=("auth", "tenants")) as made:
        assert made.client.get("/api/v5/ready").status_code == 503
        made.backend.start("sessions")
        assert wait_ready(made) < within(1.5)
