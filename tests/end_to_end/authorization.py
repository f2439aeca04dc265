"""A program of the product that asks a person by the console, over HTTP."""

import base64
from functools import partial
from hashlib import sha256
from typing import Any

import httpx

from tests.end_to_end.interruptions import until
from tests.end_to_end.person import Person

CLIENT_ID = "coditect-cli"
CALLBACK = "http://127.0.0.1:49152/callback"
VERIFIER = "a-verifier-of-the-tests-that-no-client-can-guess"
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "openid profile email offline_access account:read account:write sessions:read"


def answered(person: Person, *, approve: bool = True, **given: str) -> httpx.URL:
    """Where the browser of a person goes who approves the program, or refuses it.

    Args:
        person: The person.
        approve: Whether the person approves.
        given: Other parameters of the request, by their JSON names.
    """
    parameters = {
        "clientId": CLIENT_ID,
        "responseType": "code",
        "redirectUri": CALLBACK,
        "scope": SCOPE,
        "state": "s",
        "codeChallenge": CHALLENGE,
        "codeChallengeMethod": "S256",
        **given,
    }
    body = {"parameters": parameters, "approve": approve}
    call = partial(person.call, "POST", "/oauth/authorizations", body)
    return httpx.URL(until({200}, call).json()["data"]["redirectUri"])


def approved(person: Person, **given: str) -> str:
    """The code of an approval; the arguments are those of `answered`."""
    return str(answered(person, **given).params["code"])


def exchange(http: httpx.Client, code: str, **given: str) -> httpx.Response:
    """What the program gets for a code."""
    form = {"client_id": CLIENT_ID, "code": code, "code_verifier": VERIFIER, **given}
    return http.post("/oauth/token", data={"grant_type": "authorization_code", **form})


def granted(http: httpx.Client, person: Person, **given: str) -> dict[str, Any]:
    """The tokens of a new grant of a person."""
    answer = exchange(http, approved(person, **given))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def refresh(http: httpx.Client, tokens: dict[str, Any], **given: str) -> httpx.Response:
    """What the program gets for its refresh token."""
    form = {"client_id": CLIENT_ID, "refresh_token": tokens["refresh_token"], **given}
    return http.post("/oauth/token", data={"grant_type": "refresh_token", **form})


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header with the access token of the program."""
    return {"authorization": f"Bearer {tokens['access_token']}"}
