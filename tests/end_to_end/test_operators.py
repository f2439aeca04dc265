"""Operators at work: over HTTP, and on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.account import try_login
from tests.end_to_end.conftest import client
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.operators import REASON, new_operator, ops
from tests.end_to_end.person import PASSWORD, Person, error_of, new_person
from tests.end_to_end.second_factor import App, data_of, equipped
from tests.support.eventually import until
from tools.laptop import Laptop

USERS, TENANTS = "/operator/users", "/operator/tenants"
READS = (USERS, TENANTS, "/operator/log", "/operator/operators")


@pytest.fixture(scope="module")
def at_work(laptop: Laptop) -> Iterator[tuple[Person, App]]:
    """An operator, for all tests here."""
    with client(laptop) as http:
        yield new_operator(laptop, http)


@pytest.fixture
def operator(at_work: tuple[Person, App]) -> Person:
    """The operator, logged in with two factors."""
    return at_work[0]


def act(operator: Person, path: str, **more: Any) -> httpx.Response:
    """A call that changes something, with a reason."""
    return operator.call("POST", path, {"reason": REASON, **more})


def code_of(refused: httpx.Response) -> tuple[int, str]:
    """Status and reason of an error."""
    return refused.status_code, error_of(refused)["code"]


def acts_on(operator: Person, **target: str) -> list[str]:
    """The acts on a user or a tenant, the oldest first."""
    page = data_of(operator.call("GET", "/operator/log", params={"pageSize": "1000", **target}))
    return [one["act"] for one in page["acts"]][::-1]


def test_only_operators_are_let_in(laptop: Laptop, http: httpx.Client, operator: Person) -> None:
    """Not another user, whatever their factors and roles; not without a token."""
    other, _, _ = equipped(laptop, http)
    for path in READS:
        assert operator.call("GET", path).status_code == 200, path
        assert code_of(other.call("GET", path)) == (403, "OPERATOR_REQUIRED")
        assert code_of(http.get(f"/api/v5{path}")) == (401, "ACCESS_TOKEN_MISSING")
    path = f"{USERS}/{other.user_id}/disable"
    assert code_of(act(other, path)) == (403, "OPERATOR_REQUIRED")
    token = data_of(
        operator.call("POST", "/auth/tokens", {"name": "CI", "scopes": ["account:read"]}), 201
    )["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert code_of(http.get(f"/api/v5{USERS}", headers=headers)) == (403, "SCOPE_MISSING")


def test_a_user_is_disabled_and_enabled(http: httpx.Client, operator: Person) -> None:
    """All access ends with the answer; the right password alone is told why."""
    person = new_person(http)
    path = f"{USERS}/{person.user_id}"
    user = data_of(act(operator, f"{path}/disable"))
    assert user["disableTime"]
    assert code_of(person.call("GET", "/auth/me")) == (401, "ACCESS_TOKEN_REVOKED")
    assert code_of(person.call("GET", "/sessions")) == (401, "ACCESS_TOKEN_REVOKED")
    refused = http.post(
        "/api/v5/auth/refresh", json={"refreshToken": person.tokens["refreshToken"]}
    )
    assert code_of(refused) == (401, "REFRESH_TOKEN_INVALID")
    assert code_of(try_login(http, person.email, PASSWORD)) == (403, "ACCOUNT_DISABLED")
    assert code_of(try_login(http, person.email, "wrong")) == (401, "BAD_CREDENTIALS")
    assert "disableTime" not in data_of(act(operator, f"{path}/enable"))
    again = data_of(try_login(http, person.email, PASSWORD))
    person.tokens = again["tokens"]
    events = data_of(person.call("GET", "/auth/me/activity"))["events"]
    by = [(one["event"], one["byOperator"], one["address"]) for one in events if one["byOperator"]]
    assert by == [("account.enabled", True, ""), ("account.disabled", True, "")]
    assert acts_on(operator, userId=person.user_id) == ["user.disabled", "user.enabled"]


def test_a_user_is_looked_up(http: httpx.Client, operator: Person) -> None:
    """By address, with logins and activity; each look is in the log."""
    person = new_person(http)
    found = data_of(operator.call("GET", USERS, params={"email": person.email.upper()}))["users"]
    assert [one["userId"] for one in found] == [person.user_id]
    path = f"{USERS}/{person.user_id}"
    assert data_of(operator.call("GET", path))["email"] == person.email
    assert len(data_of(operator.call("GET", f"{path}/logins"))["logins"]) == 1
    events = data_of(operator.call("GET", f"{path}/activity"))["events"]
    assert [one["event"] for one in events] == ["login.started", "account.created"]
    lines = operator.call("GET", f"{path}/export").text.splitlines()
    kinds = {json.loads(line)["kind"] for line in lines}
    assert {"user", "login", "securityEvent", "tenant"} <= kinds
    assert acts_on(operator, userId=person.user_id) == [
        "users.listed",
        "user.viewed",
        "user.logins_listed",
        "user.activity_listed",
        "user.exported",
    ]
    unknown = f"{USERS}/{uuid4()}"
    assert code_of(operator.call("GET", unknown)) == (404, "USER_NOT_FOUND")
    assert data_of(operator.call("GET", USERS, params={"email": "no@example.com"}))["users"] == []


def test_a_user_is_helped(laptop: Laptop, http: httpx.Client, operator: Person) -> None:
    """A mistyped address is corrected, lost factors are removed, and a reset is mailed."""
    person, _, _ = equipped(laptop, http)
    path, email = f"{USERS}/{person.user_id}", f"{uuid4()}@example.com"
    user = data_of(act(operator, f"{path}/email", email=email))
    assert (user["email"], user["emailVerified"]) == (email, False)
    assert Mailbox(laptop, email).next("verify-email").token
    assert data_of(act(operator, f"{path}/remove-factors"))["secondFactor"] is False
    assert code_of(person.call("GET", "/auth/me")) == (401, "ACCESS_TOKEN_REVOKED")
    assert "challenge" not in data_of(try_login(http, email, PASSWORD))
    act(operator, f"{path}/reset-password")
    assert Mailbox(laptop, email).next("reset-password").token
    other = new_person(http)
    taken = act(operator, f"{path}/email", email=other.email)
    assert code_of(taken) == (409, "EMAIL_TAKEN")


def test_an_account_is_held_and_deleted(http: httpx.Client, operator: Person) -> None:
    """A hold outlasts the user's own deletion; a login undoes that."""
    person = new_person(http)
    path = f"{USERS}/{person.user_id}"
    assert data_of(act(operator, f"{path}/hold"))["holdTime"]
    deleted = data_of(person.call("DELETE", "/auth/me", {"password": PASSWORD}))
    assert deleted["deleteTime"]
    assert data_of(operator.call("GET", path))["deleteTime"]
    assert try_login(http, person.email, PASSWORD).status_code == 200
    assert "deleteTime" not in data_of(operator.call("GET", path))
    data_of(act(operator, f"{path}/release"))
    assert data_of(operator.call("DELETE", path, {"reason": REASON})) == {}
    assert code_of(operator.call("GET", path)) == (404, "USER_NOT_FOUND")
    assert code_of(try_login(http, person.email, PASSWORD)) == (401, "BAD_CREDENTIALS")


def test_an_organization_is_suspended_and_handed_over(http: httpx.Client, operator: Person) -> None:
    """Its owner can neither resume nor delete it; the acts come into the log from the other service."""
    owner = new_person(http)
    made = data_of(owner.call("POST", "/tenants", {"name": "Analytical Engines"}), 201)
    path = f"{TENANTS}/{made['tenantId']}"
    found = data_of(operator.call("GET", TENANTS, params={"slug": made["slug"]}))["tenants"]
    assert [one["tenantId"] for one in found] == [made["tenantId"]]
    tenant = data_of(act(operator, f"{path}/suspend"))
    assert (tenant["state"], tenant["suspendedByOperator"]) == ("suspended", True)
    data_of(owner.call("POST", "/auth/switch-tenant", {"tenantId": made["tenantId"]}))
    token = data_of(owner.call("POST", "/auth/switch-tenant", {"tenantId": made["tenantId"]}))
    owner.tokens = owner.tokens | token["tokens"]
    resume = owner.call("PATCH", f"/tenants/{made['tenantId']}", {"state": "active"})
    assert code_of(resume) == (403, "TENANT_SUSPENDED_BY_OPERATOR")
    assert data_of(act(operator, f"{path}/resume"))["state"] == "active"
    member = data_of(act(operator, f"{path}/hand-over", userId=owner.user_id))
    assert member["role"] == "owner"
    members = data_of(operator.call("GET", f"{path}/members"))["members"]
    assert [one["userId"] for one in members] == [owner.user_id]
    wanted = ["tenant.suspended", "tenant.resumed", "tenant.members_listed"]
    until(lambda: acts_on(operator, tenantId=made["tenantId"]) == wanted)


@pytest.mark.drill
def test_the_desk_on_the_command_line(
    laptop: Laptop, http: httpx.Client, at_work: tuple[Person, App], tmp_path: Path
) -> None:
    """Logs in, finds a user by address, acts with a reason, asks for a code, and logs out."""
    operator, app = at_work
    person = new_person(http)
    typed = f"{PASSWORD}\n{app.code()}\n"
    login = ("login", "--url", laptop.settings.url, "--email", operator.email)
    done = ops(laptop, *login, state=tmp_path, typed=typed)
    assert (done.returncode, done.stdout) == (0, "You are logged in.\n"), done.stderr
    (kept,) = (tmp_path / "coditect").glob("*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    shown = ops(laptop, "users", "show", person.email, "--json", state=tmp_path)
    assert json.loads(shown.stdout)["userId"] == person.user_id
    done = ops(laptop, "users", "disable", person.email, "--reason", REASON, state=tmp_path)
    assert done.returncode == 0, done.stderr
    assert code_of(person.call("GET", "/auth/me")) == (401, "ACCESS_TOKEN_REVOKED")
    done = ops(laptop, "users", "show", "nobody@example.com", state=tmp_path)
    assert done.returncode == 1
    assert "no user with the address" in done.stderr
    listed = ops(laptop, "log", "--json", state=tmp_path)
    acts = [json.loads(line)["act"] for line in listed.stdout.splitlines()]
    assert "user.disabled" in acts
    exported = ops(laptop, "users", "export", person.user_id, state=tmp_path)
    assert json.loads(exported.stdout.splitlines()[0])["kind"] == "user"
    assert ops(laptop, "logout", state=tmp_path).returncode == 0
    assert list((tmp_path / "coditect").glob("*.json")) == []
    done = ops(laptop, "users", "list", state=tmp_path)
    assert done.returncode == 1
    assert "not logged in" in done.stderr


@pytest.mark.drill
def test_a_revoked_operator_is_refused_at_once(
    laptop: Laptop, http: httpx.Client, tmp_path: Path
) -> None:
    """With the token at hand, and on the command line, whose login has ended."""
    operator, app = new_operator(laptop, http)
    assert operator.call("GET", USERS).status_code == 200
    listed = ops(laptop, "operators", "list")
    assert operator.email in listed.stdout
    login = ("login", "--url", laptop.settings.url, "--email", operator.email)
    assert ops(laptop, *login, state=tmp_path, typed=f"{PASSWORD}\n{app.code()}\n").returncode == 0
    done = ops(laptop, "operators", "revoke", operator.email, "--last")
    assert done.returncode == 0, done.stderr
    refused = ops(laptop, "users", "list", state=tmp_path)
    assert (refused.returncode, "has ended" in refused.stderr) == (1, True)
    assert ops(laptop, "logout", state=tmp_path).returncode == 0
    until(lambda: operator.call("GET", USERS).status_code == 401)
    assert code_of(operator.call("GET", TENANTS)) == (401, "ACCESS_TOKEN_REVOKED")
    again = ops(laptop, "operators", "revoke", operator.email)
    assert again.returncode == 1
    assert "is no operator" in again.stderr
