"""The victim's organization, marked everywhere, so that its data is recognized wherever it appears."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from tests.end_to_end.person import Person, registration
from tests.end_to_end.programs import script_of, script_of_account, service_account
from tests.end_to_end.second_factor import answer, challenge, data_of
from tests.end_to_end.second_factor import set_up as set_up_app
from tests.end_to_end.team import become_member, invite, switch

MARK = "kestrel9q7z"
"""In every name, text, address and key of the victim; the attacker sends it in capitals only."""
_TOKENS = ("accessToken", "refreshToken")
_PASSWORD = "the attacker does not know this one"

REPEATS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("POST", "/sessions", {}),
    ("POST", "/tenants", {"name": "Plain"}),
    ("PATCH", "/auth/me", {}),
)
"""Requests that the victim's owner has sent under a key, and the attacker repeats under it."""
LISTS = {
    "victim page of sessions": "/sessions",
    "victim page of all sessions": "/sessions?scope=tenant",
    "victim page of tenants": "/tenants",
    "victim page of members": "/tenants/{tenant}/members",
    "victim page of invitations": "/tenants/{tenant}/invitations",
    "victim page of audit": "/tenants/{tenant}/audit",
    "victim page of clients": "/tenants/{tenant}/clients",
    "victim page of tokens": "/auth/tokens",
    "victim page of service accounts": "/tenants/{tenant}/service-accounts",
    "victim page of webhooks": "/tenants/{tenant}/webhooks",
    "victim page of logins": "/auth/logins",
    "victim page of activity": "/auth/me/activity",
}
"""The name of each list's second page, and the list's path."""


@dataclass
class Victim:
    """Everything that the victim has.

    Attributes:
        ids: All ids by name.
        words: Other values that the attacker knows, by name.
        secrets: Values that no answer to the attacker may contain.
        people: The people with an account, by role.
    """

    ids: dict[str, UUID] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, str]:
        """The values that the attacker can send, by name."""
        return {name: str(one) for name, one in self.ids.items()} | self.words

    def note(self, name: str, text: str) -> None:
        """Notes an id."""
        self.ids[name] = UUID(text)


def set_up(http: httpx.Client) -> Victim:
    """Registers the victim's people; they create an organization, fill it and work in it."""
    victim = Victim(
        words={
            "victim slug": f"{MARK}-slug",
            "victim key": f"key-{MARK}",
            "victim other key": f"other-key-{MARK}",
        }
    )
    owner = _register(http, victim, "owner")
    tenant_id = _found(owner, victim)
    switch(owner, tenant_id)
    for role in ("admin", "member"):
        person = _register(http, victim, role)
        become_member(owner, tenant_id, person, role)
        assert switch(person, tenant_id).status_code == httpx.codes.OK
    for guest in ("guest", "other guest"):
        invitation = invite(owner, tenant_id, f"{guest.replace(' ', '.')}.{MARK}@example.com")
        victim.note(f"victim {guest}", invitation["invitationId"])
        victim.words[f"victim {guest} email"] = invitation["email"]
        victim.secrets.add(invitation["token"])
    for name in ("client", "other client"):
        _register_client(owner, tenant_id, name, victim)
    _make_tokens(owner, tenant_id, victim)
    _make_webhooks(owner, tenant_id, victim)
    for role in victim.people:
        _work(role, victim)
    _send_what_can_be_repeated(owner, victim)
    for name, path in LISTS.items():
        victim.words[name] = _second_page(owner, path.format(tenant=tenant_id))
    for person in victim.people.values():
        victim.secrets |= {person.tokens[name] for name in _TOKENS}
    return victim


def _register_client(owner: Person, tenant_id: str, name: str, victim: Victim) -> None:
    """Registers a program of the organization."""
    body = {
        "name": f"{name} {MARK}",
        "authMethod": "client_secret_basic",
        "redirectUris": [f"https://{MARK}.example.com/"],
        "scopes": ["sessions:read"],
    }
    made = data_of(owner.call("POST", f"/tenants/{tenant_id}/clients", body), 201)
    victim.note(f"victim {name}", made["client"]["clientId"])
    victim.secrets.add(made["clientSecret"])


def _register(http: httpx.Client, victim: Victim, role: str) -> Person:
    """Registers a person and logs in on a second device."""
    email = f"{role}.{MARK}@example.com"
    body = registration(email) | {
        "password": _PASSWORD, "firstName": f"First {MARK}", "lastName": role, "company": MARK,
    }  # fmt: skip
    key = {"idempotency-key": victim.words["victim key"]}
    made = http.post("/api/v5/auth/register", json=body, headers=key)
    assert made.status_code == 201, made.text
    data = made.json()["data"]
    person = victim.people[role] = Person(http, email, data, data["tokens"])
    if role == "owner":
        code = _set_up_factors(person, victim)
        asked = challenge(http, email, _PASSWORD)
        device = answer(http, asked["token"], recoveryCode=code)
    else:
        device = http.post("/api/v5/auth/login", json={"email": email, "password": _PASSWORD})
    victim.secrets |= {data_of(device)["tokens"][name] for name in _TOKENS}
    victim.note(f"victim {role}", person.user_id)
    victim.note(f"victim {role}s self tenant", data["tenant"]["tenantId"])
    for number, login in enumerate(person.call("GET", "/auth/logins").json()["data"]["logins"]):
        victim.note(f"victim {role}s login {number}", login["loginId"])
    victim.words[f"victim {role} email"] = email
    return person


def _set_up_factors(owner: Person, victim: Victim) -> str:
    """Sets up an app; returns a recovery code for the next login."""
    app, codes = set_up_app(owner, f"App {MARK}")
    victim.secrets |= {app.secret, *codes[1:]}
    victim.note("victim owners factor", app.factor_id)
    factors = data_of(owner.call("GET", "/auth/factors"))["factors"]
    ids = {one["kind"]: one["factorId"] for one in factors}
    victim.note("victim owners codes", ids["recovery_codes"])
    return codes[0]


def _make_tokens(owner: Person, tenant_id: str, victim: Victim) -> None:
    """Makes personal tokens, and service accounts of the organization, one with a key."""
    for number in range(2):
        script = script_of(owner, name=f"Token {MARK}")
        victim.note(f"victim owners token {number}", script.token_id)
        victim.secrets.add(script.token)
        account = service_account(owner, tenant_id, name=f"Account {MARK}")
        victim.note(f"victim account {number}", account.rpartition("/")[2])
    key = script_of_account(owner, account, name=f"Key {MARK}")
    victim.note("victim key of account", key.token_id)
    victim.secrets.add(key.token)


def _make_webhooks(owner: Person, tenant_id: str, victim: Victim) -> None:
    """Makes webhooks of the organization, and reads its events."""
    for number in range(2):
        body = {"name": f"Webhook {MARK}", "url": f"https://{MARK}.invalid/{number}"}
        made = data_of(owner.call("POST", f"/tenants/{tenant_id}/webhooks", body), 201)
        victim.note(f"victim webhook {number}", made["webhook"]["webhookId"])
        victim.secrets.add(made["secret"])
    events = data_of(owner.call("GET", f"/tenants/{tenant_id}/events"))
    victim.words["victim cursor"] = events["nextCursor"]


def _found(owner: Person, victim: Victim) -> str:
    body = {"name": f"Org {MARK}", "slug": victim.words["victim slug"]}
    key = {"idempotency-key": victim.words["victim key"]}
    tenant = owner.call("POST", "/tenants", body, headers=key).json()["data"]
    victim.note("victim tenant", tenant["tenantId"])
    return str(tenant["tenantId"])


def _work(role: str, victim: Victim) -> None:
    """Opens two sessions."""
    key = {"idempotency-key": victim.words["victim key"]}
    for number, body in enumerate(_drafts()):
        headers = {} if number else key
        made = victim.people[role].call("POST", "/sessions", body, headers=headers)
        victim.note(f"victim {role}s session {number}", made.json()["data"]["sessionId"])


def _send_what_can_be_repeated(owner: Person, victim: Victim) -> None:
    headers = {"idempotency-key": victim.words["victim other key"]}
    for number, (method, path, body) in enumerate(REPEATS):
        answer = owner.call(method, path, body, headers=headers)
        assert answer.is_success, answer.text
        made = answer.json()["data"]
        for name in {"sessionId", "tenantId"} & set(made):
            victim.note(f"victim {name} of repeat {number}", made[name])


def _drafts() -> Iterator[dict[str, Any]]:
    for number in range(2):
        state = {"open": [f"/{MARK}/{number}"], MARK: number}
        yield {"name": f"Work {MARK} {number}", "workspacePath": f"/{MARK}", "state": state}


def _second_page(person: Person, path: str) -> str:
    answer = person.call("GET", f"{path}{'&' if '?' in path else '?'}pageSize=1")
    token = answer.json()["data"]["nextPageToken"]
    assert token, f"{path} has one page only"
    return str(token)
