"""The product works the same with sidecars as without."""

import httpx
import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import EVERY_SERVICE, PASSWORD, error_of, new_person
from tests.end_to_end.team import found, joined, switch
from tests.end_to_end.waiting import eventually
from tests.mesh.cluster import Cluster
from tests.support.authority import mount
from tools.sockets import listens


def test_a_team_works_and_ends(http: httpx.Client) -> None:
    """It makes every kind of call between services: profiles, memberships, revocations, exports."""
    ada = new_person(http)
    tenant = found(ada)
    switch(ada, tenant)
    bob = joined(ada, tenant)
    assert bob.call("POST", "/sessions", {"name": "work"}).status_code == 201
    members = ada.call("GET", f"/tenants/{tenant}/members").json()["data"]["members"]
    assert {member["email"] for member in members} == {ada.email, bob.email}
    assert ada.call("DELETE", f"/tenants/{tenant}/members/{bob.user_id}").status_code == 200
    assert bob.call("GET", "/sessions").status_code == 401
    assert ada.call("GET", "/auth/me/export").text.count("\n") > 3


def test_a_logout_takes_effect_everywhere_at_once(http: httpx.Client) -> None:
    """Through two sidecars, the feed of revocations is as fast as without."""
    ada = new_person(http)
    assert [ada.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3
    assert ada.call("POST", "/auth/logout", {}).status_code == 200
    assert [ada.call("GET", path).status_code for path in EVERY_SERVICE] == [401] * 3


def test_the_gateway_asks_auth_about_a_personal_token(http: httpx.Client) -> None:
    """Its question, by Envoy's own protocol, passes the sidecar of auth."""
    ada = new_person(http)
    wanted = {"name": "CI", "scopes": ["sessions:read"], "days": 1}
    token = ada.call("POST", "/auth/tokens", wanted).json()["data"]["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert http.get("/api/v5/sessions", headers=headers).status_code == 200
    assert http.get("/api/v5/auth/me", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        [("user-agent", "x" * 61_200)],
        [("accept-language", f"a{number}") for number in range(90)],
    ],
)
def test_the_largest_headers_pass_the_sidecars(
    http: httpx.Client, headers: list[tuple[str, str]]
) -> None:
    """A sidecar accepts all headers that the edge does; a reset would make the edge eject the service."""
    body = {"email": "unknown@example.com", "password": PASSWORD}
    answer = http.post("/api/v5/auth/login", json=body, headers=headers)
    assert error_of(answer)["code"] == "BAD_CREDENTIALS"


def test_a_wrong_server_gets_no_call(own_cluster: Cluster) -> None:
    """A server at the address of tenants with another service's certificate gets no call."""
    mesh, laptop = own_cluster.mesh, own_cluster.laptop
    with client(laptop) as http:
        ada = new_person(http)
        mount(mesh.folder("tenants"), mesh.authority.issue("sessions"))
        laptop.kill("tenants-sidecar")
        laptop.restart("tenants-sidecar")
        eventually(lambda: listens(mesh.replicas["tenants"].at("mesh")))
        # Only after this does the last wait for readiness mean the right certificate.
        eventually(lambda: http.get("/api/v5/ready").status_code == 503)
        assert error_of(ada.call("GET", "/tenants"))["code"] == "UPSTREAM_UNAVAILABLE"
        assert ada.call("GET", "/sessions").status_code == 200
        mount(mesh.folder("tenants"), mesh.authority.issue("tenants"))
        laptop.wait_until_ready()
        assert ada.call("GET", "/tenants").status_code == 200
