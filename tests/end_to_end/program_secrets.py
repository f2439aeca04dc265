"""All kinds of secrets that programs get and send, to look for them where they should not be."""

from collections.abc import Iterator
from time import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.end_to_end.attacks import (
    DEVICE_CODE,
    TOKEN,
    asked,
    exchanged,
    new_id,
    robot_of,
    with_code,
)
from tests.end_to_end.authorization import VERIFIER, answered, approved, exchange, refresh
from tests.end_to_end.person import Person
from tests.end_to_end.programs import (
    agent_of,
    new_session,
    script_of,
    script_of_account,
    service_account,
)
from tests.end_to_end.web import QUERY, Fields, Web
from tools.laptop import Laptop

STATE = "hunter2-state"
NONCE = "hunter2-nonce"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def of_grants(http: httpx.Client, person: Person) -> Iterator[str]:
    """Codes, verifiers and tokens, in what succeeds and in what is refused."""
    yield from (STATE, NONCE, VERIFIER)
    code = approved(person, state=STATE, nonce=NONCE)
    yield code
    tokens = exchange(http, code).json()
    yield from _of(tokens)
    following = refresh(http, tokens).json()
    yield from _of(following)
    yield from _of(exchanged(http, following["access_token"]).json())
    http.post("/oauth/introspect", data={"client_id": "x", "token": following["access_token"]})
    http.get("/oauth/userinfo", params={"access_token": following["access_token"]})
    asked(http, state=STATE, nonce=NONCE, redirect_uri=f"https://evil.example/{code}")
    exchange(http, code, code_verifier="hunter2-verifier")
    http.post(f"{TOKEN}?refresh_token={following['refresh_token']}&code={code}")
    refresh(http, {"refresh_token": f"{following['refresh_token']}x"})
    exchange(http, code)
    pushed = http.post("/oauth/par", data={**QUERY, "state": STATE}).json()["request_uri"]
    yield pushed.rpartition(":")[2]
    answered(person, approve=False, requestUri=pushed)


def of_clients(http: httpx.Client, person: Person) -> Iterator[str]:
    """Secrets and assertions of clients of an organization, and the tokens that they get."""
    robot = robot_of(person)
    yield robot.secret
    yield from _of(robot.post(TOKEN, **with_code(approved(person, **robot.approval()))).json())
    form = {"client_id": robot.client_id, "client_secret": robot.secret}
    http.post("/oauth/introspect", data={**form, "token": robot.secret})
    key = OKPKey.generate_key("Ed25519")
    jwks = {"keys": [key.as_dict(private=False)]}
    signer = robot_of(person, robot.tenant_id, authMethod="private_key_jwt", jwks=jwks)
    claims = {"iss": signer.client_id, "sub": signer.client_id, "aud": "x", "exp": int(time()) + 60}
    assertion = jwt.encode({"alg": "Ed25519"}, {**claims, "jti": new_id()}, key, ["Ed25519"])
    yield assertion
    shown = {"client_assertion_type": _ASSERTION, "client_assertion": assertion}
    http.post(TOKEN, data={**shown, "grant_type": "client_credentials"})
    account = service_account(person, robot.tenant_id)
    script = script_of_account(person, account)
    yield script.token
    assert script.call("GET", "/sessions").status_code == 200


def of_bearers(http: httpx.Client, person: Person) -> Iterator[str]:
    """Tokens that are no JWT: good, revoked, wrong, and where none belongs."""
    script, agent = script_of(person), agent_of(person, new_session(person))
    for one in (script, agent):
        yield one.token
        assert one.call("GET", "/sessions").status_code == 200
        http.get("/api/v5/sessions", headers={"authorization": f"bearer  {one.token}x"})
        http.get("/api/v5/sessions", headers={"authorization": f"Basic {one.token}"})
        http.get("/api/v5/sessions", params={"token": one.token})
        http.post(TOKEN, data={"client_id": one.token, "grant_type": one.token})
        yield from _of(exchanged(http, one.token).json())
    assert person.call("DELETE", f"/auth/tokens/{script.token_id}").status_code == 200
    assert script.call("GET", "/sessions").status_code == 401


def of_devices(http: httpx.Client, person: Person) -> Iterator[str]:
    """The codes that devices keep, and their tokens."""
    form = {"client_id": "coditect-cli", "scope": "sessions:read"}
    codes = http.post("/oauth/device_authorization", data=form).json()
    yield codes["device_code"]
    poll = {"grant_type": DEVICE_CODE, "client_id": form["client_id"]}
    http.post(TOKEN, data={**poll, "device_code": codes["device_code"]})
    path = f"/oauth/device/{codes['user_code']}"
    assert person.call("POST", path, {"approve": True}).status_code == 200
    yield from _of(http.post(TOKEN, data={**poll, "device_code": codes["device_code"]}).json())
    http.post(TOKEN, data={**poll, "device_code": f"{codes['device_code']}x"})


def of_pages(laptop: Laptop, email: str, password: str, wrong: str) -> Iterator[str]:
    """What a browser keeps and sends."""
    with Web(laptop) as web:
        web.get("/oauth/authorize", **QUERY)
        for typed in (wrong, password):
            yield Fields(web.page).found["form_token"]
            yield from web.cookies.values()
            web.press("/oauth/authorize", "login", email=email, password=typed)
        yield from web.cookies.values()
        yield Fields(web.page).found["form_token"]
        answer = web.press("/oauth/authorize", "approve")
        yield httpx.URL(answer.headers["location"]).params["code"]
        yield from web.cookies.values()


def _of(tokens: dict[str, Any]) -> Iterator[str]:
    for name in ("access_token", "refresh_token", "id_token"):
        token = tokens.get(name, "")
        yield from (part for part in (token, *token.split(".")) if len(part) > 20)
