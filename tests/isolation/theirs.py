"""The other tenant: all that there is of it is marked, so it is known wherever it turns up."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from tests.end_to_end.person import Person, registration
from tests.end_to_end.team import accept, invite, switch

MARK = "kestrel9q7z"
"""In every name, text, address and key of theirs; ours have it in capitals at the most."""
_TOKENS = ("accessToken", "refreshToken")
_PASSWORD = "none of our people knows this one"

REPEATS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("POST", "/sessions", {}),
    ("POST", "/tenants", {"name": "Plain"}),
    ("PATCH", "/auth/me", {}),
)
"""What their owner has sent under a key, and ours can send just so, under that key."""
LISTS = {
    "their page of sessions": "/sessions",
    "their page of all sessions": "/sessions?scope=tenant",
    "their page of tenants": "/tenants",
    "their page of members": "/tenants/{tenant}/members",
    "their page of invitations": "/tenants/{tenant}/invitations",
    "their page of audit": "/tenants/{tenant}/audit",
    "their page of logins": "/auth/logins",
}
"""Every list of the owner's, and what we call its second page."""


@dataclass
class Theirs:
    """What there is of others.

    Attributes:
        ids: Of their tenants, people and things, by what we call them.
        words: What else our people have seen of theirs.
        secrets: What nobody but they should know.
        people: Those with an account, by their role.
    """

    ids: dict[str, UUID] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, str]:
        """What our people can send, by what we call it."""
        return {name: str(one) for name, one in self.ids.items()} | self.words

    def note(self, name: str, text: str) -> None:
        """Notes an id."""
        self.ids[name] = UUID(text)


def settle_in(http: httpx.Client) -> Theirs:
    """Has the others found an organization, fill it and work in it."""
    theirs = Theirs(
        words={
            "their slug": f"{MARK}-slug",
            "their key": f"key-{MARK}",
            "their other key": f"other-key-{MARK}",
        }
    )
    owner = _register(http, theirs, "owner")
    tenant_id = _found(owner, theirs)
    switch(owner, tenant_id)
    for role in ("admin", "member"):
        person = _register(http, theirs, role)
        token = invite(owner, tenant_id, person.email, role)["token"]
        assert accept(person, token).status_code == httpx.codes.OK
        assert switch(person, tenant_id).status_code == httpx.codes.OK
    for guest in ("guest", "other guest"):
        invitation = invite(owner, tenant_id, f"{guest.replace(' ', '.')}.{MARK}@example.com")
        theirs.note(f"their {guest}", invitation["invitationId"])
        theirs.words[f"their {guest} email"] = invitation["email"]
        theirs.secrets.add(invitation["token"])
    for role in theirs.people:
        _work(role, theirs)
    _send_what_can_be_repeated(owner, theirs)
    for name, path in LISTS.items():
        theirs.words[name] = _second_page(owner, path.format(tenant=tenant_id))
    for person in theirs.people.values():
        theirs.secrets |= {person.tokens[name] for name in _TOKENS}
    return theirs


def _register(http: httpx.Client, theirs: Theirs, role: str) -> Person:
    """Somebody new, on two devices."""
    email = f"{role}.{MARK}@example.com"
    body = registration(email) | {
        "password": _PASSWORD, "firstName": f"First {MARK}", "lastName": role, "company": MARK,
    }  # fmt: skip
    key = {"idempotency-key": theirs.words["their key"]}
    made = http.post("/api/v5/auth/register", json=body, headers=key)
    assert made.status_code == 201, made.text
    device = http.post("/api/v5/auth/login", json={"email": email, "password": _PASSWORD})
    theirs.secrets |= {device.json()["data"]["tokens"][name] for name in _TOKENS}
    data = made.json()["data"]
    person = theirs.people[role] = Person(http, email, data, data["tokens"])
    theirs.note(f"their {role}", person.user_id)
    theirs.note(f"their {role}s own tenant", data["tenant"]["tenantId"])
    for number, login in enumerate(person.call("GET", "/auth/logins").json()["data"]["logins"]):
        theirs.note(f"their {role}s login {number}", login["loginId"])
    theirs.words[f"their {role} email"] = email
    return person


def _found(owner: Person, theirs: Theirs) -> str:
    body = {"name": f"Org {MARK}", "slug": theirs.words["their slug"]}
    key = {"idempotency-key": theirs.words["their key"]}
    tenant = owner.call("POST", "/tenants", body, headers=key).json()["data"]
    theirs.note("their tenant", tenant["tenantId"])
    return str(tenant["tenantId"])


def _work(role: str, theirs: Theirs) -> None:
    """Opens a few sessions."""
    key = {"idempotency-key": theirs.words["their key"]}
    for number, body in enumerate(_drafts()):
        headers = {} if number else key
        made = theirs.people[role].call("POST", "/sessions", body, headers=headers)
        theirs.note(f"their {role}s session {number}", made.json()["data"]["sessionId"])


def _send_what_can_be_repeated(owner: Person, theirs: Theirs) -> None:
    headers = {"idempotency-key": theirs.words["their other key"]}
    for number, (method, path, body) in enumerate(REPEATS):
        answer = owner.call(method, path, body, headers=headers)
        assert answer.is_success, answer.text
        made = answer.json()["data"]
        for name in {"sessionId", "tenantId"} & set(made):
            theirs.note(f"their {name} of repeat {number}", made[name])


def _drafts() -> Iterator[dict[str, Any]]:
    for number in range(2):
        state = {"open": [f"/{MARK}/{number}"], MARK: number}
        yield {"name": f"Work {MARK} {number}", "workspacePath": f"/{MARK}", "state": state}


def _second_page(person: Person, path: str) -> str:
    answer = person.call("GET", f"{path}{'&' if '?' in path else '?'}pageSize=1")
    token = answer.json()["data"]["nextPageToken"]
    assert token, f"{path} has one page only"
    return str(token)
