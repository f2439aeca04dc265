"""Teams through the whole system, from founding to deletion; every change takes effect at once."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, error_of, new_person
from tests.end_to_end.programs import script_of_account, service_account
from tests.end_to_end.team import accept, another_device, found, invite, joined, refresh, switch
from tests.end_to_end.waiting import eventually
from tools.laptop import Laptop


@pytest.fixture
def acme(person: Person) -> str:
    """An organization whose owner acts in it."""
    tenant_id = found(person)
    assert switch(person, tenant_id).status_code == 200
    return tenant_id


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error."""
    return answer.status_code, error_of(answer)["code"]


def test_from_an_invitation_email_to_a_session(laptop: Laptop, person: Person, acme: str) -> None:
    """An invited user gets an email, registers, accepts, switches and works in the organization."""
    email = f"bob.{person.user_id}@example.com"
    invitation = invite(person, acme, email, "admin")
    mail = Mailbox(laptop, email).next("invitations")
    assert invitation["token"] not in mail.message.as_string()
    token = mail.token
    bob = new_person(person.http, email)
    assert accept(bob, token).json()["data"]["role"] == "admin"
    eventually(lambda: bob.call("GET", "/auth/me").json()["data"]["emailVerified"])
    answer = switch(bob, acme).json()["data"]
    assert (answer["tenant"]["tenantId"], answer["tenant"]["role"]) == (acme, "admin")
    assert set(answer["tokens"]) == {"accessToken", "tokenType", "expiresIn"}
    session = bob.call("POST", "/sessions", {"name": "ours"}).json()["data"]
    assert session["tenantId"] == acme
    listed = person.call("GET", "/sessions", params={"scope": "tenant"}).json()["data"]["sessions"]
    assert session in listed
    assert code(accept(new_person(person.http), token)) == (404, "INVITATION_NOT_FOUND")


def test_who_has_not_proved_the_address_waits_for_the_role(
    laptop: Laptop, person: Person, acme: str
) -> None:
    """A member by the inviter's token is promised the role, and gets it by another organization's mail.

    Bob proves the address with a token out of any invitation email to it. Tokens from before the new
    role are rejected, as with any change of a role.
    """
    email = f"bob.{person.user_id}@example.com"
    bob = new_person(person.http, email)
    answer = accept(bob, invite(person, acme, email, "admin")["token"]).json()["data"]
    assert (answer["role"], answer["promisedRole"]) == ("member", "admin")
    assert switch(bob, acme).status_code == 200
    listed = person.call("GET", f"/tenants/{acme}/members").json()["data"]["members"]
    assert [one.get("promisedRole") for one in listed if one["userId"] == bob.user_id] == ["admin"]
    carol = new_person(person.http)
    other = found(carol, "Other")
    assert switch(carol, other).status_code == 200
    invite(carol, other, email)
    mail = Mailbox(laptop, email).next(subject="Join Other on Coditect")
    assert accept(bob, mail.token).status_code == 200

    def role() -> bool:
        listed = person.call("GET", f"/tenants/{acme}/members").json()["data"]["members"]
        return [one["role"] for one in listed if one["userId"] == bob.user_id] == ["admin"]

    eventually(role)
    eventually(lambda: bob.call("GET", "/sessions").status_code == 401)
    assert refresh(bob)["tenant"]["role"] == "admin"


def test_a_mailbox_opts_out_by_one_click(laptop: Laptop, person: Person, acme: str) -> None:
    """As a mail program does it: it posts a form to the address in the header, and nothing else."""
    email = f"eve.{person.user_id}@example.com"
    invitation = invite(person, acme, email)
    mails = Mailbox(laptop, email)
    url = mails.next("invitations").message["List-Unsubscribe"].strip("<>")
    path, http = url.removeprefix("https://coditect.local"), person.http
    assert http.get(path).status_code == 405
    forms: list[dict[str, Any]] = [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {},
    ]
    for form in forms:
        clicked = http.post(path, **form)
        assert (clicked.json(), clicked.status_code) == ({"success": True, "data": {}}, 200)
    assert code(http.post(path, json={"a": 1})) == (400, "UNKNOWN_FIELD")
    assert code(http.post(path[:-1])) == (403, "OPT_OUT_TOKEN_INVALID")
    resend = f"/tenants/{acme}/invitations/{invitation['invitationId']}/resend"
    assert person.call("POST", resend, {}).status_code == 200
    again = f"{email}.example"
    invite(person, acme, again)
    Mailbox(laptop, again).next("invitations")
    assert mails.unread() == []
    body = {"token": path.partition("token=")[2], "optOut": False}
    back = http.post("/api/v5/invitations/emails/opt-out", json=body)
    assert (back.status_code, back.json()) == (200, {"success": True, "data": {}})


def test_sessions_belong_to_the_active_tenant(person: Person, acme: str) -> None:
    """A session of one tenant is not visible in another tenant of the same user."""
    session = person.call("POST", "/sessions", {}).json()["data"]
    path = f"/sessions/{session['sessionId']}"
    assert person.call("GET", path).status_code == 200
    home = another_device(person)
    assert home.answer["tenant"]["tenantId"] == acme, "a login returns to the last active tenant"
    own = person.call("GET", "/tenants").json()["data"]["tenants"]
    (mine,) = [tenant["tenantId"] for tenant in own if tenant["kind"] == "self"]
    assert switch(home, mine).status_code == 200
    assert code(home.call("GET", path)) == (404, "SESSION_NOT_FOUND")
    assert list(home.sessions()) == []
    assert person.call("GET", path).status_code == 200


def test_a_role_change_takes_effect_at_once(person: Person, acme: str) -> None:
    """When a role change returns, the old token is rejected; a refresh returns the new role."""
    bob = joined(person, acme, "admin")
    assert bob.call("GET", f"/tenants/{acme}/audit").status_code == 200
    path = f"/tenants/{acme}/members/{bob.user_id}"
    assert person.call("PATCH", path, {"role": "member"}).json()["data"]["role"] == "member"
    for where in ("/auth/me", "/tenants", "/sessions"):
        assert code(bob.call("GET", where)) == (401, "ACCESS_TOKEN_REVOKED")
    assert refresh(bob)["tenant"]["role"] == "member"
    assert code(bob.call("GET", f"/tenants/{acme}/audit")) == (403, "ROLE_MISSING")
    assert person.call("GET", f"/tenants/{acme}/audit").status_code == 200


def test_a_removed_member_is_out(person: Person, acme: str) -> None:
    """A removed member's tokens are rejected and its sessions end; its self-tenant is unaffected."""
    bob = joined(person, acme)
    session = bob.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    home = another_device(bob)
    gone = person.call("DELETE", f"/tenants/{acme}/members/{bob.user_id}")
    assert gone.status_code == 200
    for device in (bob, home):
        assert code(device.call("GET", "/sessions")) == (401, "ACCESS_TOKEN_REVOKED")
        assert refresh(device)["tenant"]["kind"] == "self"
        assert device.call("GET", "/sessions").status_code == 200
    assert code(switch(bob, acme)) == (404, "TENANT_NOT_FOUND")
    assert code(bob.call("GET", f"/tenants/{acme}")) == (404, "TENANT_NOT_FOUND")

    def ended() -> bool:
        listed = person.call("GET", "/sessions", params={"scope": "tenant"}).json()["data"]
        return session not in [one["sessionId"] for one in listed["sessions"]]

    assert eventually(ended)


def test_a_removed_member_rejoins(person: Person, acme: str) -> None:
    """A removed member that rejoins can work at once, and keeps its new sessions."""
    bob = joined(person, acme)
    assert person.call("DELETE", f"/tenants/{acme}/members/{bob.user_id}").status_code == 200
    refresh(bob)
    assert accept(bob, invite(person, acme, bob.email)["token"]).status_code == 200
    assert switch(bob, acme).status_code == 200
    session = bob.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    time.sleep(0.5)
    assert bob.call("GET", f"/sessions/{session}").status_code == 200


def test_suspended_and_resumed(person: Person, acme: str) -> None:
    """A suspended organization is read-only for its owner, who can resume it; all sessions are kept."""
    bob = joined(person, acme, "admin")
    session = bob.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    state = {"state": "suspended"}
    assert code(bob.call("PATCH", f"/tenants/{acme}", state)) == (403, "ROLE_MISSING")
    assert person.call("PATCH", f"/tenants/{acme}", state).status_code == 200
    assert code(bob.call("GET", "/sessions")) == (401, "ACCESS_TOKEN_REVOKED")
    assert refresh(bob)["tenant"]["kind"] == "self"
    assert code(switch(bob, acme)) == (403, "TENANT_SUSPENDED")
    assert refresh(person)["tenant"]["state"] == "suspended"
    assert code(person.call("POST", "/sessions", {})) == (403, "TENANT_SUSPENDED")
    assert person.call("PATCH", f"/tenants/{acme}", {"state": "active"}).status_code == 200
    for device in (person, bob):
        refresh(device)
        assert switch(device, acme).status_code == 200
    assert bob.call("GET", f"/sessions/{session}").status_code == 200
    assert person.call("POST", "/sessions", {}).status_code == 201


def test_an_organization_is_deleted(person: Person, acme: str) -> None:
    """A deleted organization is not found, all tokens for it are rejected, and its slug is free."""
    bob = joined(person, acme)
    slug = bob.call("GET", f"/tenants/{acme}").json()["data"]["slug"]
    invitation = invite(person, acme, "carol@example.com")
    assert person.call("DELETE", f"/tenants/{acme}").status_code == 200
    for device in (person, bob):
        assert code(device.call("GET", "/sessions")) == (401, "ACCESS_TOKEN_REVOKED")
        assert refresh(device)["tenant"]["kind"] == "self"
        assert code(device.call("GET", f"/tenants/{acme}")) == (404, "TENANT_NOT_FOUND")
        assert len(device.call("GET", "/tenants").json()["data"]["tenants"]) == 1
    assert code(accept(bob, invitation["token"])) == (404, "INVITATION_NOT_FOUND")
    assert found(bob, slug=slug)


def test_the_last_owner_stays(person: Person, acme: str) -> None:
    """The last owner cannot be demoted or removed, or leave, until there is another owner."""
    bob = joined(person, acme, "admin")
    own = f"/tenants/{acme}/members/{person.user_id}"
    for refused in (person.call("DELETE", own), person.call("PATCH", own, {"role": "admin"})):
        assert code(refused) == (400, "LAST_OWNER")
    bobs = f"/tenants/{acme}/members/{bob.user_id}"
    assert person.call("PATCH", bobs, {"role": "owner"}).status_code == 200
    assert person.call("DELETE", own).status_code == 200
    refresh(bob)
    members = bob.call("GET", f"/tenants/{acme}/members").json()["data"]["members"]
    assert [(one["userId"], one["role"]) for one in members] == [(bob.user_id, "owner")]


def test_an_admin_ends_the_session_of_a_member(person: Person, acme: str) -> None:
    """An admin can end it; a member finds only its own sessions."""
    bob = joined(person, acme)
    bobs = bob.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    mine = person.call("POST", "/sessions", {}).json()["data"]["sessionId"]
    assert code(bob.call("GET", f"/sessions/{mine}")) == (404, "SESSION_NOT_FOUND")
    assert code(bob.call("DELETE", f"/sessions/{mine}")) == (404, "SESSION_NOT_FOUND")
    assert code(bob.call("GET", "/sessions", params={"scope": "tenant"})) == (403, "ROLE_MISSING")
    assert person.call("DELETE", f"/sessions/{bobs}").status_code == 200
    assert code(bob.call("GET", f"/sessions/{bobs}")) == (404, "SESSION_NOT_FOUND")


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines of a download."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_audit_log_lists_every_action(person: Person, acme: str) -> None:
    """The audit log lists actions in order with addresses, in pages and as a download."""
    bob = joined(person, acme)
    person.call("PATCH", f"/tenants/{acme}/members/{bob.user_id}", {"role": "admin"})
    listed = person.call("GET", f"/tenants/{acme}/audit").json()["data"]["entries"]
    assert [(one["action"], one["userId"]) for one in listed] == [
        ("tenant.created", person.user_id),
        ("invitation.created", person.user_id),
        ("member.joined", bob.user_id),
        ("member.role_changed", person.user_id),
    ]
    assert {one["address"] for one in listed} == {"127.0.0.1"}
    exported = lines(person.call("GET", f"/tenants/{acme}/audit/export"))
    entries = [line for line in exported if line.pop("kind") == "auditEntry"]
    assert entries == listed


def test_the_audit_log_has_service_accounts_and_their_keys(person: Person, acme: str) -> None:
    """Auth makes them, and its events come a moment later."""
    path = service_account(person, acme)
    key_id = script_of_account(person, path).token_id
    assert person.call("DELETE", f"{path}/keys/{key_id}").status_code == 200
    assert person.call("DELETE", path).status_code == 200

    def entries() -> list[dict[str, Any]]:
        listed = person.call("GET", f"/tenants/{acme}/audit").json()["data"]["entries"]
        return [one for one in listed if one["action"].startswith("service_account")]

    eventually(lambda: len(entries()) == 4)
    account_id = path.rpartition("/")[-1]
    assert {(one["action"], one["target"], one["targetName"]) for one in entries()} == {
        ("service_account.created", account_id, "Build"),
        ("service_account_key.created", key_id, "Server"),
        ("service_account_key.deleted", key_id, "Server"),
        ("service_account.deleted", account_id, "Build"),
    }
    assert {(one["userId"], one["address"]) for one in entries()} == {(person.user_id, "127.0.0.1")}


def test_a_changed_name_is_shown_to_others(person: Person, acme: str) -> None:
    """A changed name appears in the list of members."""
    bob = joined(person, acme)
    assert bob.call("PATCH", "/auth/me", {"firstName": "Robert"}).status_code == 200

    def renamed() -> bool:
        members = person.call("GET", f"/tenants/{acme}/members").json()["data"]["members"]
        names = {one["userId"]: one["displayName"] for one in members}
        return bool(names[bob.user_id] == "Robert Lovelace")

    assert eventually(renamed)


def test_everything_about_me(person: Person, acme: str) -> None:
    """The download contains the data of all services about the user, and none about others."""
    bob = joined(person, acme)
    session = bob.call("POST", "/sessions", {"name": "ours"}).json()["data"]
    person.call("POST", "/sessions", {"name": "mine"})
    own = bob.answer["tenant"]["tenantId"]
    switch(bob, own)
    robot = {
        "name": "Robot",
        "authMethod": "none",
        "grantTypes": ["authorization_code"],
        "redirectUris": ["http://127.0.0.1/"],
        "scopes": ["sessions:read"],
    }
    made = bob.call("POST", f"/tenants/{own}/clients", robot)
    assert made.status_code == 201, made.text
    answer = bob.call("GET", "/auth/me/export")
    found = lines(answer)
    assert [line["name"] for line in found if line["kind"] == "client"] == ["Robot"]
    assert [line for line in found if line["kind"] == "session"] == [{"kind": "session", **session}]
    assert {line["tenantId"] for line in found if line["kind"] == "tenant"} == {
        acme, bob.answer["tenant"]["tenantId"],
    }  # fmt: skip
    assert [line["action"] for line in found if line["kind"] == "auditEntry"] == ["member.joined"]
    assert (found[0]["kind"], found[0]["email"]) == ("user", bob.email)
    assert person.user_id not in answer.text
    assert person.email not in answer.text


def test_the_account_of_an_owner_is_deleted(person: Person, acme: str) -> None:
    """The organization passes to the successor, and its log no longer identifies the user."""
    bob = joined(person, acme)
    assert person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code == 200

    def inherited() -> bool:
        return refresh(bob)["tenant"]["role"] == "owner"  # type: ignore[no-any-return]

    assert eventually(inherited)

    def forgotten() -> bool:
        audit = bob.call("GET", f"/tenants/{acme}/audit")
        return audit.status_code == 200 and person.user_id not in audit.text

    assert eventually(forgotten)
    members = bob.call("GET", f"/tenants/{acme}/members").json()["data"]["members"]
    assert [one["userId"] for one in members] == [bob.user_id]
