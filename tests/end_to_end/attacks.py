"""What attackers of the authorization server work with: clients of their own, and requests that no library sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import jwt

from tests.end_to_end.authorization import CALLBACK, CHALLENGE, CLIENT_ID, VERIFIER
from tests.end_to_end.person import Person
from tests.end_to_end.team import found, switch

TOKEN = "/oauth/token"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ROBOT_CALLBACK = "https://robot.example.com/callback"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Robot:
    """A confidential client of an organization.

    Attributes:
        admin: The owner of the organization, who acts in it.
        tenant_id: The organization.
        client_id: The client.
        secret: What it shows who it is by.
    """

    admin: Person
    tenant_id: str
    client_id: str
    secret: str

    def post(self, path: str, **form: str) -> httpx.Response:
        """Calls an endpoint, and shows who it is."""
        auth = httpx.BasicAuth(self.client_id, self.secret)
        return self.admin.http.post(path, data=form, auth=auth)

    def approval(self, **more: str) -> dict[str, str]:
        """The parameters of a request that its admin may approve."""
        scope = "sessions:read offline_access"
        robot = {"clientId": self.client_id, "redirectUri": ROBOT_CALLBACK, "scope": scope}
        return {**robot, **more}


def robot_of(admin: Person, tenant_id: str = "", **body: Any) -> Robot:
    """A new client of an organization; of a new one, if none is given."""
    tenant_id = tenant_id or found(admin)
    assert switch(admin, tenant_id).status_code == 200
    new = {
        "name": "Robot",
        "authMethod": "client_secret_basic",
        "redirectUris": [ROBOT_CALLBACK],
        "grantTypes": ["authorization_code", "refresh_token", EXCHANGE, DEVICE_CODE],
        "scopes": ["sessions:read", "sessions:write", "offline_access"],
    }
    answer = admin.call("POST", f"/tenants/{tenant_id}/clients", {**new, **body})
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    return Robot(admin, tenant_id, made["client"]["clientId"], made.get("clientSecret") or "")


def asked(http: httpx.Client, **changed: str) -> httpx.Response:
    """What a browser gets in which no user is logged in, for an authorization request of the CLI.

    Args:
        http: Where it asks.
        changed: The parameters that are other ones, or that are left out because they are empty.
    """
    parameters = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "sessions:read",
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changed,
    }
    given = {name: value for name, value in parameters.items() if value}
    return http.get(f"/oauth/authorize?{urlencode(given)}")


def error_at_client(answer: httpx.Response) -> str:
    """The error with which a browser is sent back to the client that asked."""
    assert answer.status_code == 303, answer.text
    return str(httpx.URL(answer.headers["location"]).params["error"])


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and the error of an endpoint."""
    return answer.status_code, str(answer.json()["error"])


def exchanged(http: httpx.Client, token: str, **form: str) -> httpx.Response:
    """What a public client gets for the access token of somebody else (RFC 8693)."""
    given = {"grant_type": EXCHANGE, "client_id": "coditect-ide", "subject_token": token}
    return http.post(TOKEN, data={**given, "subject_token_type": ACCESS_TOKEN, **form})


def with_code(code: str) -> dict[str, str]:
    """The form that exchanges a code, without a client."""
    return {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}


def opens_nothing(http: httpx.Client, text: str) -> bool:
    """Whether a text gives access to nothing as an access token: to no service, and not to the user's name."""
    headers = {"authorization": f"Bearer {text}"}
    paths = ("/api/v5/auth/me", "/api/v5/tenants", "/api/v5/sessions", "/oauth/userinfo")
    return all(http.get(path, headers=headers).status_code == 401 for path in paths)


def new_id() -> str:
    """An id that nothing has."""
    return str(uuid4())


def own_tenant(person: Person) -> str:
    """The tenant of a person alone."""
    return str(person.answer["tenant"]["tenantId"])


def claims_of(token: str) -> dict[str, Any]:
    """What a JWT says; nothing of it is verified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def actors_of(token: str) -> list[str]:
    """Who acts with a token, and then who has had it before."""
    names, act = [], claims_of(token).get("act")
    while act is not None:
        names.append(act["sub"])
        act = act.get("act")
    return names


def second_of(time: str) -> float:
    """A time of the API in seconds since 1970."""
    return datetime.fromisoformat(time).timestamp()
