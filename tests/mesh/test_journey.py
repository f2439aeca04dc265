"""The product behaves with sidecars as it does without."""

import httpx

from tests.end_to_end.person import EVERY_SERVICE, new_person
from tests.end_to_end.team import found, joined, switch


def test_a_team_works_and_ends(http: httpx.Client) -> None:
    """Every call between services happens: profiles, memberships, revocations, exports."""
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


def test_a_logout_is_felt_everywhere_at_once(http: httpx.Client) -> None:
    """The feed of revocations passes through two sidecars and is as fast."""
    ada = new_person(http)
    assert [ada.call("GET", path).status_code for path in EVERY_SERVICE] == [200] * 3
    assert ada.call("POST", "/auth/logout", {}).status_code == 200
    assert [ada.call("GET", path).status_code for path in EVERY_SERVICE] == [401] * 3
