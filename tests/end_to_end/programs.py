"""What programs do with tokens that people made for them, over HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.end_to_end.person import Person

SCOPES = [
    "account:read",
    "account:write",
    "tenants:read",
    "tenants:write",
    "sessions:read",
    "sessions:write",
]
"""All that a personal token can be good for."""


@dataclass(frozen=True)
class Script:
    """A program with a bearer token.

    Attributes:
        http: Where it calls.
        token: The token, as it was shown.
        token_id: Its id.
    """

    http: httpx.Client
    token: str
    token_id: str

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Calls `/api/v5` + path with the token."""
        headers = {"authorization": f"Bearer {self.token}"}
        return self.http.request(method, f"/api/v5{path}", json=body, headers=headers)


def script_of(person: Person, scopes: list[str] | None = None, **more: Any) -> Script:
    """A program with a new personal token of a person, for the active tenant."""
    body = {"name": "CI", "scopes": scopes or SCOPES, **more}
    answer = person.call("POST", "/auth/tokens", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    return Script(person.http, made["token"], made["personalAccessToken"]["tokenId"])


def new_session(person: Person) -> str:
    """A new session of a person in the active tenant; returns its path."""
    answer = person.call("POST", "/sessions", {"name": "engine"})
    assert answer.status_code == 201, answer.text
    return f"/sessions/{answer.json()['data']['sessionId']}"


def agent_of(
    maker: "Person | Script",
    session: str,
    scopes: list[str] | None = None,
    agent: str = "reviewer",
    http: httpx.Client | None = None,
) -> Script:
    """An agent with a new token of a session, which a person or another agent makes.

    Args:
        maker: Who makes it.
        session: The path of the session.
        scopes: What it is to be good for.
        agent: Its name.
        http: Where the agent calls; where its maker does if none is given.
    """
    body = {"agent": agent} | ({} if scopes is None else {"scopes": scopes})
    answer = maker.call("POST", f"{session}/token", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    return Script(http or maker.http, made["token"], made["tokenId"])


def service_account(
    person: Person, tenant_id: str, role: str = "member", name: str = "Build"
) -> str:
    """A new service account of an organization; returns its path."""
    path = f"/tenants/{tenant_id}/service-accounts"
    body = {"name": name, "role": role, "scopes": ["sessions:read", "sessions:write"]}
    answer = person.call("POST", path, body)
    assert answer.status_code == 201, answer.text
    return f"{path}/{answer.json()['data']['accountId']}"


def script_of_account(person: Person, account_path: str, name: str = "Server") -> Script:
    """A program with a new key of a service account."""
    answer = person.call("POST", f"{account_path}/keys", {"name": name})
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    return Script(person.http, made["token"], made["key"]["keyId"])
