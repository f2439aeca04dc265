"""Personal tokens and keys of service accounts at the gateway, with two replicas of auth."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from kernel.storage import Store, Write, open_store
from services.auth.bearer_tokens.format import PATTERN
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS, find_token
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import EVERY_SERVICE, Person, error_of, new_person
from tests.end_to_end.programs import (
    SCOPES,
    Script,
    script_of,
    script_of_account,
    service_account,
)
from tests.end_to_end.promptness import assert_prompt
from tests.end_to_end.replicas import TwoReplicas
from tests.end_to_end.team import found, joined, switch
from tests.end_to_end.waiting import eventually
from tests.support.promises import LONG, PATIENCE_SECONDS
from tools.laptop import Laptop

ROUNDS = 120 if LONG else 8
"""How long after the answer to a revocation 99 of 100 calls are refused, at most."""


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system with two replicas of auth."""
    with start(tmp_path_factory.mktemp("replicas") / "data", TwoReplicas()) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(replicas: Laptop) -> Iterator[httpx.Client]:
    """A client of the system."""
    with client(replicas) as opened:
        yield opened


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer; no code for a good one."""
    return answer.status_code, "" if answer.is_success else str(error_of(answer)["code"])


def refused_after(script: Script, paths: tuple[str, ...] = EVERY_SERVICE) -> float:
    """How many seconds from now each service still takes a token. It is refused ten times in a row."""
    begin, last, in_a_row = time.perf_counter(), 0.0, 0
    while in_a_row < 10 * len(paths):
        answer = script.call("GET", paths[in_a_row % len(paths)])
        if answer.status_code == 401:
            in_a_row += 1
        else:
            last, in_a_row = time.perf_counter() - begin, 0
            assert last < PATIENCE_SECONDS, answer.text
    return last


def test_a_personal_token_calls_every_service(http: httpx.Client) -> None:
    """As the user in the tenant, however the scheme is written."""
    person = new_person(http)
    script = script_of(person)
    assert re.fullmatch(PATTERN, script.token)
    for path in EVERY_SERVICE:
        for _ in range(4):
            assert refusal(script.call("GET", path)) == (200, "")
    headers = {"authorization": f"bEARER   {script.token}"}
    answer = http.get("/api/v5/auth/me", headers=headers)
    assert answer.json()["data"]["userId"] == person.user_id
    assert script.call("POST", "/sessions", {"name": "by CI"}).status_code == 201
    (listed,) = person.call("GET", "/auth/tokens").json()["data"]["personalAccessTokens"]
    assert (listed["tokenId"], listed["scopes"]) == (script.token_id, sorted(SCOPES))


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("account:read", "GET", "/auth/me"),
        ("tenants:read", "GET", "/tenants"),
        ("sessions:read", "GET", "/sessions"),
        ("sessions:write", "POST", "/sessions"),
    ],
)
def test_scopes_bound_a_token(http: httpx.Client, scope: str, method: str, path: str) -> None:
    """With the scope of a method it is called, with all others not; none lets a program log in."""
    person = new_person(http)
    body = {"name": "by CI"} if method == "POST" else None
    assert script_of(person, [scope]).call(method, path, body).is_success
    others = script_of(person, [one for one in SCOPES if one != scope])
    assert refusal(others.call(method, path, body)) == (403, "SCOPE_MISSING")
    answer = script_of(person).call("POST", "/auth/tokens", {"name": "x", "scopes": [scope]})
    assert refusal(answer) == (403, "SCOPE_MISSING")


def test_noise_and_changed_tokens_are_refused(http: httpx.Client) -> None:
    """With the answer that any bad token gets."""
    script = script_of(new_person(http))
    for token in ("cdt_", "cdt_pat_", script.token + "0", script.token[:-1] + "!", "cdt_x_" * 99):
        bad = replace(script, token=token)
        assert refusal(bad.call("GET", "/auth/me")) == (401, "ACCESS_TOKEN_INVALID")
    assert refusal(script.call("GET", "/auth/me")) == (200, "")


def test_a_revoked_token_is_refused_at_once(http: httpx.Client) -> None:
    """By every service, whichever replica of auth answers the gateway."""
    person, late = new_person(http), []
    for _ in range(ROUNDS):
        script = script_of(person)
        for path in EVERY_SERVICE:
            assert script.call("GET", path).is_success
        assert person.call("DELETE", f"/auth/tokens/{script.token_id}").is_success
        late.append(refused_after(script))
    assert_prompt(late)


def test_a_change_of_role_counts_at_once(http: httpx.Client) -> None:
    """A demoted admin's token reads what members read, and no more; a removed member's nothing."""
    owner = new_person(http)
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    admin = joined(owner, tenant_id, "admin")
    script = script_of(admin)
    invitations, members = f"/tenants/{tenant_id}/invitations", f"/tenants/{tenant_id}/members"
    for _ in range(4):
        assert script.call("GET", invitations).is_success
    path = f"{members}/{admin.user_id}"
    assert owner.call("PATCH", path, {"role": "member"}).is_success
    # A replica that has not yet heard of it gives the old role, which every service refuses.
    eventually(lambda: all(_without_role(script, invitations) for _ in range(4)))
    eventually(lambda: all(script.call("GET", members).is_success for _ in range(4)))
    assert refusal(script.call("GET", invitations)) == (403, "ROLE_MISSING")
    assert owner.call("DELETE", path).is_success
    assert refused_after(script) < PATIENCE_SECONDS


def _without_role(script: Script, path: str) -> bool:
    """Whether a call is refused for its role; until then, for the token."""
    why = refusal(script.call("GET", path))
    assert why in {(403, "ROLE_MISSING"), (401, "ACCESS_TOKEN_REVOKED")}
    return why == (403, "ROLE_MISSING")


def test_a_token_outlives_its_login_and_no_reset(http: httpx.Client) -> None:
    """A logout of all devices leaves it; the deletion of the account does not."""
    person = new_person(http)
    script = script_of(person)
    other = new_person(http)
    assert other.call("POST", "/auth/logout-all").is_success
    assert person.call("POST", "/auth/logout-all").is_success
    for _ in range(4):
        assert script.call("GET", "/sessions").is_success


def test_an_expired_token_is_refused(http: httpx.Client, replicas: Laptop) -> None:
    """From its end on, also with an access token in memory."""
    script = script_of(new_person(http))
    end = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    change_token(replicas, script.token_id, end)
    while datetime.now(UTC) < end - timedelta(seconds=1):
        answer = script.call("GET", "/auth/me")
        assert answer.is_success or datetime.now(UTC) >= end
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()) + 0.1)
    for _ in range(4):
        assert refusal(script.call("GET", "/auth/me"))[0] == 401


def test_a_service_account_works_in_its_organization(http: httpx.Client) -> None:
    """With sessions of its own, and with nothing that is of people."""
    owner = new_person(http)
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    account = service_account(owner, tenant_id)
    script = script_of_account(owner, account)
    made = script.call("POST", "/sessions", {"name": "nightly"})
    assert made.status_code == 201, made.text
    for _ in range(4):
        (session,) = script.call("GET", "/sessions").json()["data"]["sessions"]
        assert session["sessionId"] == made.json()["data"]["sessionId"]
    for path in ("/auth/me", "/tenants", "/auth/tokens", account):
        assert script.call("GET", path).status_code == 403


REVOKE: dict[str, Callable[[Person, str, Script], httpx.Response]] = {
    "key": lambda owner, account, script: owner.call("DELETE", f"{account}/keys/{script.token_id}"),
    "account": lambda owner, account, _: owner.call("DELETE", account),
    "scopes": lambda owner, account, _: owner.call("PATCH", account, {"scopes": ["tenants:read"]}),
}


@pytest.mark.parametrize("way", REVOKE)
def test_what_ends_a_key_ends_it_at_once(http: httpx.Client, way: str) -> None:
    """Its revocation, the deletion of its account, and fewer scopes."""
    owner, late = new_person(http), []
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    for _ in range(ROUNDS // 4):
        account = service_account(owner, tenant_id)
        script = script_of_account(owner, account)
        for _ in range(4):
            assert script.call("GET", "/sessions").is_success
        assert REVOKE[way](owner, account, script).is_success
        begin = time.perf_counter()
        while script.call("GET", "/sessions").is_success:
            assert time.perf_counter() < begin + PATIENCE_SECONDS
        late.append(time.perf_counter() - begin)
    assert_prompt(late)


def change_token(laptop: Laptop, token_id: str, expire_time: datetime) -> None:
    """Gives a token another end."""

    async def change(tx: Write) -> None:
        token = await find_token(tx, UUID(token_id))
        assert token is not None
        await PERSONAL_ACCESS_TOKENS.put(tx, replace(token, expire_time=expire_time))

    async def run() -> None:
        store: Store = open_store(laptop.settings.store)
        try:
            await store.write(change)
        finally:
            await store.close()

    asyncio.run(run())
