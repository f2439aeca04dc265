"""A used system with sidecars, its pages of metrics, and a Prometheus that reads them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.envoy import probes
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import PASSWORD, log_in, new_person
from tests.end_to_end.replicas import free_port
from tests.monitoring.prometheus import Page, Prometheus
from tests.support.mesh import WORKLOADS, Mesh


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Mesh, httpx.Client]]:
    """A running system whose services have sidecars, and a client of it."""
    folder = tmp_path_factory.mktemp("monitored")
    made = Mesh(folder / "certificates")
    with start(folder / "data", programs=made.programs, SWEEP_SECONDS="1") as laptop:
        laptop.wait_until_ready(90)
        with client(laptop) as http:
            yield made, http


@pytest.fixture(scope="session")
def pages(mesh: tuple[Mesh, httpx.Client]) -> list[Page]:
    """The pages of all workloads, after some use."""
    use(mesh[1])
    found = [
        Page(name, mesh[0].replicas[name].at("probes"), path)
        for name in WORKLOADS
        for path in (probes.METRICS_PATH, probes.ENVOY_METRICS_PATH)
    ]
    return [page for page in found if page[::2] != ("gateway", probes.METRICS_PATH)]


@pytest.fixture(scope="session")
def prometheus(pages: list[Page], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus over these pages."""
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with Prometheus(folder, free_port(), pages) as running:
        yield running


def use(http: httpx.Client) -> None:
    """Registers, logs in rightly and wrongly, works with a session, and logs out."""
    person = log_in(http, new_person(http))
    wrong = {"email": person.email, "password": f"not {PASSWORD}"}
    assert http.post("/api/v5/auth/login", json=wrong).status_code == 401
    for path in ("/auth/me", "/tenants", "/sessions"):
        assert person.call("GET", path).status_code == 200
    assert person.call("POST", "/sessions", {"name": "one"}).status_code == 201
    assert person.call("GET", "/auth/logins").status_code == 200
    assert person.call("POST", "/auth/logout-all").status_code < 300
