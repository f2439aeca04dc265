"""What several people do in one organization over HTTP."""

from typing import Any
from uuid import uuid4

import httpx

from tests.end_to_end.person import Person, log_in, new_person


def found(person: Person, name: str = "Acme", **body: str) -> str:
    """Creates an organization, and returns its id."""
    answer = person.call("POST", "/tenants", {"name": name, **body})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["tenantId"])


def switch(person: Person, tenant_id: str) -> httpx.Response:
    """Switches a login to a tenant, and keeps the new tokens on success."""
    answer = person.call("POST", "/auth/switch-tenant", {"tenantId": tenant_id})
    if answer.status_code == 200:
        person.tokens = person.tokens | answer.json()["data"]["tokens"]
    return answer


def refresh(person: Person) -> dict[str, Any]:
    """Refreshes a login, and returns the answer with tokens and tenant."""
    body = {"refreshToken": person.tokens["refreshToken"]}
    answer = person.http.post("/api/v5/auth/refresh", json=body)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    person.tokens = data["tokens"]
    return data


def invite(person: Person, tenant_id: str, email: str, role: str = "member") -> dict[str, Any]:
    """Invites an address, and returns the invitation with its token."""
    body = {"email": email, "role": role}
    answer = person.call("POST", f"/tenants/{tenant_id}/invitations", body)
    assert answer.status_code == 201, answer.text
    invitation: dict[str, Any] = answer.json()["data"]
    return invitation


def accept(person: Person, token: str) -> httpx.Response:
    """Accepts an invitation."""
    return person.call("POST", "/invitations/accept", {"token": token})


def become_member(owner: Person, tenant_id: str, person: Person, role: str = "member") -> None:
    """Lets a person join, whose address need not be proved, and then gives the person the role."""
    token = invite(owner, tenant_id, person.email)["token"]
    answer = accept(person, token)
    assert answer.status_code == 200, answer.text
    if role != "member":
        path = f"/tenants/{tenant_id}/members/{person.user_id}"
        answer = owner.call("PATCH", path, {"role": role})
        assert answer.status_code == 200, answer.text


def joined(owner: Person, tenant_id: str, role: str = "member") -> Person:
    """Registers a new user, who joins the organization and switches to it."""
    person = new_person(owner.http, f"{uuid4()}@example.com")
    become_member(owner, tenant_id, person, role)
    assert switch(person, tenant_id).status_code == 200
    return person


def another_device(person: Person) -> Person:
    """The same user, logged in once more."""
    return log_in(person.http, person)
