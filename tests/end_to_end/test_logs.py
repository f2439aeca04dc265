"""No secret reaches a log: a journey with distinctive secrets, and everything that can fail."""

import asyncio
import base64
import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import pytest

from kernel.identity.service_tokens import HEADER
from kernel.log import LINE_BYTES
from kernel.seal import Seal
from kernel.storage import Write, open_store
from services.auth.logins.repository import LOGIN
from services.auth.signing_keys.repository import signing_keys
from services.auth.users.repository import USERS
from tests.end_to_end import program_secrets
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import Person, registration
from tests.end_to_end.team import accept, found, invite, refresh, switch
from tests.support import raw_grpc
from tests.support.eventually import eventually
from tests.support.program import SECONDS
from tools.laptop import Laptop

PASSWORD = "hunter2-first-Geheim9"
NEW_PASSWORD = "hunter2-second-Geheim9"
WRONG_PASSWORD = "hunter2-wrong-Geheim9"
KEY = "hunter2-idempotency-key-000000000001"
BASIC = base64.b64encode(b"ada:hunter2-basic").decode()
COOKIE = "hunter2-cookie"
DAMAGED = "hunter2-damaged-hash"
TYPED = (PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, KEY, BASIC, COOKIE, DAMAGED, "hunter2")
LIST = b"/coditect.tenants.v5.MembersService/ListMembers"
FORMS = {
    "a signed or sealed token": re.compile(r"eyJ[\w-]{10}|gAAAA"),
    "a private key": re.compile("PRIVATE KEY"),
    "a hash of a password": re.compile(r"\$argon2"),
    "a token of a program or a secret of a client": re.compile(r"cdt_[a-z]+_\w{20}"),
}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Laptop]:
    """A system that logs all it can."""
    with start(tmp_path / "data", LOG_LEVEL="DEBUG") as laptop:
        laptop.wait_until_ready()
        yield laptop


def test_no_secret_reaches_a_log(own: Laptop) -> None:
    """Not in what succeeds, not in what is refused, not in outages, and not in unexpected errors."""
    with client(own) as http:
        http.event_hooks = {}
        secrets = {*TYPED, *_own_keys(own)}
        secrets |= set(_everyday(own, http)) | set(_refusals(http)) | set(_without_utf8(own))
        secrets |= set(_programs(own, http))
        secrets |= set(_in_cookies(http))
        secrets |= set(_damage(own, http))
        secrets |= set(_outage(own, http))
    secrets |= asyncio.run(_private_keys(own))
    own.stop()
    logs = {path.stem: path.read_text() for path in (own.settings.data / "log").iterdir()}
    _check_that_all_happened(logs)
    for name, text in logs.items():
        for secret in secrets:
            assert len(secret) > 5
            for form in (secret, quote(secret), json.dumps(secret)[1:-1]):
                assert form not in text, f"{name}: {secret}"
        for what, form in FORMS.items():
            assert not form.search(text), f"{name}: {what}: {form.search(text)}"
        assert max(map(len, text.splitlines())) < LINE_BYTES


def _emails(own: Laptop) -> list[str]:
    """The emails so far: a proof of the address for each registration, and an invitation."""
    return [path.read_text() for path in (own.settings.data / "mail").glob("*.eml")]


def _register(http: httpx.Client, email: str, password: str = PASSWORD) -> Person:
    body = {"email": email, "password": password, "firstName": "Ada", "lastName": "L"}
    answer = http.post("/api/v5/auth/register", json=body, headers={"idempotency-key": KEY})
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    return Person(http, email, data, data["tokens"])


def _everyday(own: Laptop, http: httpx.Client) -> Iterator[str]:
    """What users do, and the secrets that they get."""
    owner = _register(http, "owner@example.com")
    guest = _register(http, "guest@example.com")
    yield from _secrets_of(owner)
    yield from _secrets_of(guest)
    tenant = found(owner)
    assert switch(owner, tenant).status_code == 200
    yield from _secrets_of(owner)
    token = invite(owner, tenant, guest.email)["token"]
    yield token
    # An invitation that is accepted already is not mailed.
    asyncio.run(eventually(lambda: len(_emails(own)) == 3, SECONDS))
    (invitation,) = [text for text in _emails(own) if "invitations#token=" in text]
    _, _, emailed = invitation.partition("invitations#token=")
    yield emailed.split()[0]
    _, _, mailbox = invitation.partition("opt-out#token=")
    yield mailbox.split()[0]
    for text in _emails(own):
        yield from re.findall(r"verify-email#token=([\w-]{43})", text)
    click = "/api/v5/invitations/emails/opt-out/one-click"
    clicked = http.post(click, params={"token": mailbox.split()[0]}, data={"a": "b"})
    assert clicked.status_code == 200
    assert accept(guest, token).status_code == 200
    refresh(guest)
    yield from _secrets_of(guest)
    for name in ("a", "b"):
        assert guest.call("POST", "/sessions", {"name": name}).status_code == 201
    page = guest.call("GET", "/sessions", params={"pageSize": 1}).json()["data"]["nextPageToken"]
    yield page
    assert guest.call("GET", "/sessions", params={"pageToken": page}).status_code == 200
    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    assert guest.call("POST", "/auth/password", body).status_code == 200
    assert guest.call("POST", "/auth/logout").status_code == 200


def _in_cookies(http: httpx.Client) -> Iterator[str]:
    """The refresh tokens of a page that keeps them in a cookie, in what succeeds and in what is refused."""
    ours = {"origin": "http://localhost:5173", "x-coditect-tokens": "cookie"}
    body = registration(f"{uuid4()}@example.com")
    answer = http.post("/api/v5/auth/register", json=body, headers=ours)
    for origin, status in (("http://evil.example", 403), (ours["origin"], 200)):
        (kept,) = re.findall(r"coditect_refresh=([\w-]+)", answer.headers.get("set-cookie"))
        yield kept
        headers = {**ours, "origin": origin, "cookie": f"__Host-coditect_refresh={kept}"}
        refreshed = http.post("/api/v5/auth/refresh", json={}, headers=headers)
        assert refreshed.status_code == status
    yield from re.findall(r"coditect_refresh=([\w-]+)", refreshed.headers.get("set-cookie"))


def _programs(own: Laptop, http: httpx.Client) -> Iterator[str]:
    """What programs get and send, in what succeeds and in what is refused."""
    person = _register(http, "programs@example.com")
    yield from program_secrets.of_grants(http, person)
    yield from program_secrets.of_devices(http, person)
    yield from program_secrets.of_bearers(http, person)
    yield from program_secrets.of_pages(own, person.email, PASSWORD, WRONG_PASSWORD)
    yield from program_secrets.of_clients(http, person)
    yield from _secrets_of(person)


def _secrets_of(person: Person) -> Iterator[str]:
    for token in (person.tokens["accessToken"], person.tokens["refreshToken"]):
        yield token
        yield from (part for part in token.split(".") if len(part) > 20)


def _refusals(http: httpx.Client) -> Iterator[str]:
    """What is refused, with a secret wherever one can be."""
    person = _register(http, "refused@example.com")
    yield from _secrets_of(person)
    token = person.tokens["accessToken"]
    login = {"email": person.email, "password": WRONG_PASSWORD}
    bearer = {"authorization": f"Bearer {token}"}
    calls: list[tuple[str, str, dict[str, object]]] = [
        ("POST", "/auth/login", {"json": login}),
        ("POST", "/auth/login", {"json": login | {"passwort": WRONG_PASSWORD}}),
        ("POST", "/auth/login", {"json": {"email": 5, "password": [WRONG_PASSWORD]}}),
        ("POST", "/auth/login", {"content": f'{{"password": "{WRONG_PASSWORD}'}),
        ("POST", "/auth/login", {"content": WRONG_PASSWORD, "headers": {"content-type": "x/y"}}),
        ("POST", "/auth/login", {"json": login | {"password": WRONG_PASSWORD * 50_000}}),
        ("POST", "/auth/register", {"json": login | {"firstName": "\0", "lastName": "x" * 999}}),
        ("POST", "/auth/refresh", {"json": {"refreshToken": WRONG_PASSWORD}}),
        ("POST", "/auth/refresh", {"json": {"refreshToken": token}}),
        ("POST", "/invitations/accept", {"json": {"token": WRONG_PASSWORD}, "headers": bearer}),
        ("GET", "/sessions", {"params": {"access_token": token}}),
        ("GET", "/sessions", {"params": {"pageToken": WRONG_PASSWORD}, "headers": bearer}),
        ("GET", "/sessions", {"headers": {"authorization": f"Bearer {token}x"}}),
        ("GET", "/sessions", {"headers": {"authorization": f"Basic {BASIC}"}}),
        ("GET", "/sessions", {"headers": {"cookie": f"token={COOKIE}", "x-api-key": KEY}}),
        ("POST", "/sessions", {"json": {}, "headers": bearer | {"idempotency-key": f"{KEY} x"}}),
        ("POST", "/sessions", {"json": {"x": 1}, "headers": bearer | {"idempotency-key": KEY * 9}}),
        # The gateway logs the User-Agent, which is there for that, and no other header.
        ("GET", "/auth/me", {"headers": bearer | {HEADER: KEY, "accept-language": COOKIE * 1000}}),
    ]
    for method, path, more in calls:
        answer = http.request(method, f"/api/v5{path}", **more)  # type: ignore[arg-type]
        assert answer.status_code < 500, answer.text


def _without_utf8(own: Laptop) -> Iterator[str]:
    """Headers that are no text: past the gateway, and straight to a service."""
    port = own.settings.port
    for name, value in (
        (b"authorization", b"Bearer T\xe9hunter2"),
        (b"user-agent", 57_000 * b"\xe9"),
    ):
        request = b"GET /api/v5/sessions HTTP/1.1\r\nhost: x\r\n" + name + b": " + value
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(request + b"\r\nconnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 ")
        for service in own.settings.listen.values():
            raw_grpc.call(service, LIST, [(name, value)])
    yield "T\xe9hunter2"


def _damage(own: Laptop, http: httpx.Client) -> Iterator[str]:
    """A stored secret that is damaged, and one whose damage is an unexpected error."""
    person = _register(http, "damaged@example.com")
    yield from _secrets_of(person)
    body = {"email": person.email, "password": PASSWORD}
    asyncio.run(_damage_hash(own, UUID(person.user_id)))
    assert http.post("/api/v5/auth/login", json=body).status_code == 401
    asyncio.run(_damage_login(own, UUID(person.user_id)))
    tokens = {"refreshToken": person.tokens["refreshToken"]}
    assert http.post("/api/v5/auth/refresh", json=tokens).status_code == 500


async def _damage_login(own: Laptop, user_id: UUID) -> None:
    store = open_store(own.settings.store)

    async def damage(tx: Write) -> None:
        for key, record in await tx.get_range(*LOGIN.range(user_id), limit=10):
            tx.set(key, record[:-1])

    await store.write(damage)
    await store.close()


async def _damage_hash(own: Laptop, user_id: UUID) -> None:
    store = open_store(own.settings.store)

    async def damage(tx: Write) -> None:
        user = await USERS.get(tx, user_id)
        assert user is not None
        await USERS.put(tx, replace(user, password_hash=f"$argon2id${DAMAGED}"))

    await store.write(damage)
    await store.close()


def _outage(own: Laptop, http: httpx.Client) -> Iterator[str]:
    """Services that are away while users go on, and come back."""
    person = _register(http, "outage@example.com")
    yield from _secrets_of(person)
    own.kill("sessions")
    assert person.call("POST", "/sessions", {"name": "x"}).status_code == 503
    own.kill("auth")
    login = {"email": person.email, "password": PASSWORD}
    assert http.post("/api/v5/auth/login", json=login).status_code == 503
    for name in ("auth", "sessions"):
        own.restart(name)
    end = time.monotonic() + SECONDS
    while person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code != 200:
        assert time.monotonic() < end
        time.sleep(0.1)


def _own_keys(own: Laptop) -> Iterator[str]:
    """The keys of the services, and those in a URL of mail."""
    lines = (own.settings.data / "keys.env").read_text().splitlines()
    yield from (line.partition("=")[2] for line in lines)


async def _private_keys(own: Laptop) -> set[str]:
    """The signing keys, as they would be written."""
    lines = (own.settings.data / "keys.env").read_text().splitlines()
    keys = dict(line.split("=", 1) for line in lines)
    seal = Seal([keys["AUTH_SEAL_KEYS"]])
    store = open_store(own.settings.store)
    private = [seal.open(key.sealed_private_key) for key in await store.read(signing_keys)]
    await store.close()
    assert private
    return {form for key in private for form in (key.hex(), base64.b64encode(key).decode())}


def _check_that_all_happened(logs: dict[str, str]) -> None:
    """Otherwise the test would find nothing because nothing was logged."""
    assert logs["gateway"].count('"event":"request"') > 40
    assert "call failed unexpectedly" in logs["auth"]
    assert "stored password hash is damaged" in logs["auth"]
    assert "revocation feed broke" in logs["tenants"]
    assert "mail written" in logs["tenants"]
