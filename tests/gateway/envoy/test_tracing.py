"""What the edge records of calls, and what it tells the services."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import contract
from gateway.envoy import sidecar
from gateway.settings import Settings, SidecarSettings
from kernel.settings import SettingsInvalid
from tests.gateway.environment import CONTRACT, ENOUGH, Environment, open_environment
from tests.support.collector import Collector, named, one, open_collector

PATH = "/api/v5/sessions"
LIST = "coditect.sessions.v5.SessionsService.ListSessions"
HEADER = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector."""
    with open_collector() as running:
        yield running


@pytest.fixture(scope="module")
def edge(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A gateway that records all traces."""
    folder = tmp_path_factory.mktemp("traced")
    with open_environment(folder, otel_exporter_otlp_endpoint=collector.endpoint) as made:
        yield made


def test_a_service_learns_the_trace(edge: Environment, collector: Collector) -> None:
    """It gets the id of the gateway's request to it as its parent, and that the trace is recorded."""
    assert edge.call("GET", PATH).status_code == 200
    told = HEADER.fullmatch(edge.backend.last("ListSessions").metadata["traceparent"])
    assert told
    spans = collector.wait_for(named("gateway", LIST), lambda span: span.span_id == told[2])
    asked = one(spans, "gateway", "router sessions egress")
    assert (told[1], told[2], told[3]) == (asked.trace_id, asked.span_id, "01")
    assert asked.parent_id == one(spans, "gateway", LIST).span_id
    assert one(spans, "gateway", LIST).parent_id == ""
    assert "service.namespace" in one(spans, "gateway", LIST).text


def test_a_request_keeps_a_plain_id(edge: Environment) -> None:
    """The id of a recorded request is a UUID of version 4, as that of any other."""
    answer = edge.call("GET", PATH)
    assert re.fullmatch("[0-9a-f-]{14}4.*", answer.headers["x-request-id"])


def test_the_log_has_the_trace(edge: Environment) -> None:
    """A line of the access log leads to the trace."""
    answer = edge.call("GET", PATH)
    told = edge.backend.last("ListSessions").metadata["traceparent"]
    assert edge.logged(answer.headers["x-request-id"])["trace_id"] == told.split("-")[1]


def test_another_verb_is_not_quoted(edge: Environment, collector: Collector) -> None:
    """A verb that HTTP does not know, which a client may choose freely, is in no span."""
    answer = edge.curl("--http2-prior-knowledge", "-X", "HUNTER2", f"{edge.url}/hunter2?hunter2")
    (name,) = re.findall("x-request-id: (.+)", answer)
    spans = collector.wait_for(lambda span: name in span.text)
    assert "hunter2" not in str(spans).lower()


def test_a_trace_that_is_not_recorded(collector: Collector, tmp_path: Path) -> None:
    """Services learn that, too, so that no part of it is recorded; a client cannot ask for it."""
    settings = {"otel_traces_sampler": "parentbased_always_off"}
    with open_environment(
        tmp_path, otel_exporter_otlp_endpoint=collector.endpoint, **settings
    ) as made:
        wanted = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
        assert made.call("GET", PATH, headers=wanted).status_code == 200
        told = HEADER.fullmatch(made.backend.last("ListSessions").metadata["traceparent"])
        assert told
        assert (told[1] != "ab" * 16, told[3]) == (True, "00")


def test_a_collector_that_is_away_does_no_harm(tmp_path: Path) -> None:
    """Calls are answered as quickly as without one."""
    with open_environment(tmp_path, otel_exporter_otlp_endpoint="http://127.0.0.1:9") as made:
        assert {made.call("GET", PATH).status_code for _ in range(600)} == {200}


def test_without_a_collector_nothing_is_traced() -> None:
    """No configuration of Envoy mentions traces unless there is a collector."""
    served = contract.load(CONTRACT)
    more = {"mesh_trust_domain": "coditect.local"}
    for name in served.contexts:
        text = sidecar.render(served, name, SidecarSettings.read({**ENOUGH, **_upper(more)}))
        assert "opentelemetry" not in text
        assert "trace" not in text.lower()


def test_an_https_collector_needs_authorities() -> None:
    """Envoy would trust any certificate without them, so the gateway refuses to start."""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://traces.example.com:4317"}
    with pytest.raises(SettingsInvalid, match="OTEL_EXPORTER_OTLP_CERTIFICATE: is needed"):
        Settings.read({**ENOUGH, **endpoint})
    Settings.read({**ENOUGH, **endpoint, "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem"})


def _upper(settings: dict[str, str]) -> dict[str, str]:
    return {name.upper(): value for name, value in settings.items()}
