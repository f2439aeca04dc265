"""The policy of an organization over HTTP: what it asks of its members' logins and addresses."""

import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx

from kernel.storage import Store, Write
from services.auth.logins.repository import LOGINS, logins_of
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person, error_of, new_person
from tests.end_to_end.second_factor import change, data_of, equipped, set_up
from tests.end_to_end.team import accept, found, invite, joined, refresh, switch
from tools.laptop import Laptop

SESSION = {"name": "work", "workspacePath": "/home/ada"}


def code_of(refused: httpx.Response) -> tuple[int, str]:
    """Status and reason of an error."""
    return refused.status_code, error_of(refused)["code"]


def owner_of(laptop: Laptop, http: httpx.Client) -> tuple[Person, str]:
    """An owner with a second factor, active in an organization of their own."""
    owner, _, _ = equipped(laptop, http)
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    return owner, tenant_id


def demand(owner: Person, tenant_id: str, **policy: object) -> None:
    """Changes the policy."""
    data_of(owner.call("PATCH", f"/tenants/{tenant_id}/policy", policy))
    refresh(owner)


def test_a_second_factor_is_required(laptop: Laptop, http: httpx.Client) -> None:
    """Live tokens end at once; a member without a factor is told to set one up, and then goes on."""
    owner, tenant_id = owner_of(laptop, http)
    member = joined(owner, tenant_id)
    assert member.call("POST", "/sessions", SESSION).status_code == 201

    demand(owner, tenant_id, secondFactorRequired=True)

    assert code_of(member.call("GET", "/sessions")) == (401, "ACCESS_TOKEN_REVOKED")
    assert refresh(member)["tenant"]["tenantId"] == tenant_id
    for method, path in (("GET", "/sessions"), ("GET", f"/tenants/{tenant_id}/members")):
        refused = member.call(method, path)
        assert code_of(refused) == (403, "SECOND_FACTOR_REQUIRED"), path
        assert error_of(refused)["details"][0]["metadata"] == {"action": "enroll"}
    assert member.call("GET", "/auth/me").status_code == 200
    assert owner.call("GET", "/sessions").status_code == 200

    set_up(member)

    assert member.call("GET", "/sessions").status_code == 200
    assert member.call("GET", f"/tenants/{tenant_id}/members").status_code == 200


def test_an_owner_without_a_factor_cannot_lock_everybody_out(http: httpx.Client) -> None:
    """The policy is refused until the owner has shown one."""
    owner = new_person(http)
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    path = f"/tenants/{tenant_id}/policy"
    refused = owner.call("PATCH", path, {"secondFactorRequired": True})
    assert code_of(refused) == (403, "SECOND_FACTOR_REQUIRED")
    assert data_of(owner.call("GET", path))["secondFactorRequired"] is False
    set_up(owner)
    assert data_of(owner.call("PATCH", path, {"secondFactorRequired": True}))


def test_addresses_that_may_join(laptop: Laptop, http: httpx.Client) -> None:
    """An invitation to another domain is refused, and so is a user whose address is not proved."""
    owner, tenant_id = owner_of(laptop, http)
    demand(owner, tenant_id, emailDomains=["Example.ORG", "bücher.example"])
    policy = data_of(owner.call("GET", f"/tenants/{tenant_id}/policy"))
    assert policy["emailDomains"] == ["example.org", "xn--bcher-kva.example"]
    body = {"email": "eve@example.com", "role": "member"}
    refused = owner.call("POST", f"/tenants/{tenant_id}/invitations", body)
    assert code_of(refused) == (403, "EMAIL_DOMAIN_NOT_ALLOWED")
    email = f"{time.time_ns()}@example.org"
    invitation = invite(owner, tenant_id, email)
    eve, ada = new_person(http), new_person(http, email)
    for person in (eve, ada):
        refused = accept(person, invitation["token"])
        assert code_of(refused) == (403, "EMAIL_DOMAIN_NOT_ALLOWED")
    token = Mailbox(laptop, email).next("invitations").token
    assert accept(ada, token).status_code == 200


def test_what_is_no_policy(laptop: Laptop, http: httpx.Client) -> None:
    """Bad domains and limits are named; a self-tenant has no policy to change."""
    owner, tenant_id = owner_of(laptop, http)
    path = f"/tenants/{tenant_id}/policy"
    for field, value in (
        ("emailDomains", ["no domain"]),
        ("emailDomains", ["under_score.example"]),
        ("emailDomains", ["example.com"] * 101),
        ("loginIdleSeconds", 299),
        ("loginLifeSeconds", 30 * 86_400 + 1),
        ("loginIdleSeconds", -1),
    ):
        refused = owner.call("PATCH", path, {field: value})
        assert code_of(refused) == (400, "INVALID_REQUEST"), value
        assert field in refused.text
    own = http.get("/api/v5/tenants", headers=_bearer(owner)).json()["data"]["tenants"]
    (self_tenant,) = [one["tenantId"] for one in own if one["kind"] == "self"]
    assert switch(owner, self_tenant).status_code == 200
    refused = owner.call("PATCH", f"/tenants/{self_tenant}/policy", {"loginLifeSeconds": 3600})
    assert error_of(refused)["code"] == "SELF_TENANT_IMMUTABLE"


def test_logins_end_after_the_limits_of_the_organization(
    laptop: Laptop, http: httpx.Client
) -> None:
    """One that is too old is refused there, and its user logs in again; elsewhere it goes on."""
    owner, tenant_id = owner_of(laptop, http)
    member, elsewhere = joined(owner, tenant_id), new_person(http)
    demand(owner, tenant_id, loginLifeSeconds=3600)
    refresh(member)
    people = (member, elsewhere)
    for person in people:
        _make_older(laptop, person)
    answers = [
        http.post("/api/v5/auth/refresh", json={"refreshToken": one.tokens["refreshToken"]})
        for one in people
    ]
    assert code_of(answers[0]) == (401, "REFRESH_TOKEN_INVALID")
    assert answers[1].status_code == 200
    elsewhere.tokens = answers[1].json()["data"]["tokens"]
    token = invite(owner, tenant_id, elsewhere.email)["token"]
    assert accept(elsewhere, token).status_code == 200
    assert code_of(switch(elsewhere, tenant_id)) == (403, "REAUTHENTICATION_REQUIRED")


def _bearer(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.tokens['accessToken']}"}


def _make_older(laptop: Laptop, person: Person) -> None:
    async def make_older(store: Store) -> None:
        async def age(tx: Write) -> None:
            for login in await logins_of(tx, UUID(person.user_id)):
                earlier = login.create_time - timedelta(hours=2)
                await LOGINS.put(tx, replace(login, create_time=earlier))

        await store.write(age)

    change(laptop, make_older)
