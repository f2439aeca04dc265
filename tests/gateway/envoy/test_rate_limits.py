"""How many calls a user and an address may make."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from gateway import contract
from gateway.envoy import edge
from gateway.settings import Settings
from tests.gateway.environment import CONTRACT, ENOUGH, ORIGIN, Environment, open_environment

PATH = "/api/v5/sessions"
JWKS = "/.well-known/jwks.json"
HEALTH = "/api/v5/health"
RATE = 12
"""So low that a bucket does not refill during a test."""

Get = Callable[[str], int]


def _as(made: Environment, user: str) -> dict[str, str]:
    return {"authorization": f"Bearer {made.key.token(sub=user)}"}


def _from(address: str) -> dict[str, str]:
    return {"x-forwarded-for": address}


def _statuses(number: int, call: Callable[[], httpx.Response]) -> list[int]:
    return [call().status_code for _ in range(number)]


def test_each_user_has_a_number_of_calls(tmp_path: Path) -> None:
    """A user may make exactly so many calls, with whatever method and token, from any address."""
    with open_environment(tmp_path, user_rate=5, trusted_proxies=1) as made:
        calls = made.backend
        assert _statuses(2, lambda: made.client.get(PATH, headers=_as(made, "ada"))) == [200] * 2
        assert made.client.post(PATH, json={}, headers=_as(made, "ada")).status_code == 201
        other = _as(made, "ada") | _from("203.0.113.7")
        assert _statuses(2, lambda: made.client.get(PATH, headers=other)) == [200] * 2
        assert _statuses(2, lambda: made.client.get(PATH, headers=other)) == [429] * 2
        assert calls.count("ListSessions") + calls.count("CreateSession") == 5
        assert made.client.get(PATH, headers=_as(made, "bob")).status_code == 200


def test_a_refusal_says_when_to_come_again(tmp_path: Path) -> None:
    """A refused call gets the envelope, and headers about the bucket that refused it."""
    with open_environment(tmp_path, user_rate=5, address_rate=0, credential_rate=3) as made:
        for _ in range(6):
            answer = made.call("GET", PATH, headers={"origin": ORIGIN})
        assert answer.status_code == 429
        assert answer.json()["error"] | {"requestId": ""} == {
            "code": "RATE_LIMITED",
            "message": "Too many requests; please try again later.",
            "details": [],
            "requestId": "",
        }
        assert answer.headers["retry-after"] == "12"
        assert answer.headers["ratelimit"] == '"user";r=0;t=12'
        assert answer.headers["ratelimit-policy"] == '"user";q=5;w=60'
        logged = made.logged(answer.headers["x-request-id"])
        assert (logged["details"], logged["user_id"]) == ("local_rate_limited", "user")
        # A page may read that it was refused, and why.
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "ratelimit-policy" in answer.headers["access-control-expose-headers"]
        for _ in range(4):
            answer = made.client.post("/api/v5/auth/login", json={})
        assert answer.headers["retry-after"] == "20"
        assert answer.headers["ratelimit"] == '"address";r=0;t=20'
        assert answer.headers["ratelimit-policy"] == '"address";q=3;w=60'


def test_other_answers_have_no_such_headers(tmp_path: Path) -> None:
    """Answers to calls within the limit do not mention it; a service's own 429 stays as it is."""
    with open_environment(tmp_path) as made:
        answer = made.call("GET", PATH)
        assert not {"ratelimit", "ratelimit-policy", "retry-after"} & set(answer.headers)


def test_a_bucket_refills_steadily(tmp_path: Path) -> None:
    """One second after a refusal, a rate of 120 per minute allows two more calls, not 120."""
    with open_environment(tmp_path, user_rate=120) as made:
        headers = made.bearer
        began = time.monotonic()
        while made.client.get(PATH, headers=headers).status_code == 200:
            pass
        spent = time.monotonic() - began
        assert 120 <= made.backend.count("ListSessions") <= 120 + spent * 2 + 1
        made.backend.calls.clear()
        time.sleep(1.1)
        paused = time.monotonic()
        statuses = _statuses(4, lambda: made.client.get(PATH, headers=headers))
        assert statuses[:2] == [200, 200]
        # A slow machine lets the bucket fill further meanwhile.
        assert statuses[3] == 429 or time.monotonic() - paused > 0.3


def test_wrong_tokens_count_for_their_address(tmp_path: Path) -> None:
    """Calls without a valid token are limited per address, and take nothing from valid ones."""
    with open_environment(tmp_path, address_rate=RATE, user_rate=5, trusted_proxies=1) as made:
        wrong = ({}, {"authorization": "Bearer a.b.c"}, _expired(made))
        tried = [_from("203.0.113.1") | headers for headers in wrong]
        statuses = [
            made.client.get(PATH, headers=headers).status_code
            for _ in range(RATE // 3)
            for headers in tried
        ]
        assert statuses == [401] * RATE
        assert [made.client.get(PATH, headers=headers).status_code for headers in tried] == [
            429
        ] * 3
        assert made.client.get(PATH, headers=_from("203.0.113.2")).status_code == 401
        valid = _as(made, "ada") | _from("203.0.113.1")
        assert _statuses(6, lambda: made.client.get(PATH, headers=valid)) == [200] * 5 + [429]
        assert made.backend.count("ListSessions") == 5


def test_calls_with_an_optional_user(tmp_path: Path) -> None:
    """A call with a token counts for its user; one without counts for its address."""
    with open_environment(tmp_path, address_rate=RATE, user_rate=5, trusted_proxies=1) as made:
        here = _from("203.0.113.1")

        def log_out(user: str) -> httpx.Response:
            token = _as(made, user) if user else {}
            return made.client.post("/api/v5/auth/logout", json={}, headers=here | token)

        assert _statuses(6, lambda: log_out("ada")) == [200] * 5 + [429]
        assert _statuses(RATE + 1, lambda: log_out("")) == [200] * RATE + [429]
        assert log_out("bob").status_code == 200


def test_probes_and_keys_have_a_limit_of_their_own(tmp_path: Path) -> None:
    """Health, readiness and keys are limited per address, and never because of other calls."""
    with open_environment(tmp_path, address_rate=RATE, user_rate=1, trusted_proxies=1) as made:
        here = _from("203.0.113.1")
        _statuses(RATE + 1, lambda: made.client.get(PATH, headers=here))
        _statuses(2, lambda: made.client.get(PATH, headers=_as(made, "ada") | here))
        paths = (HEALTH, "/api/v5/ready", JWKS)
        statuses = [
            made.client.get(path, headers=here).status_code
            for _ in range(RATE // 3)
            for path in paths
        ]
        assert statuses == [200] * RATE
        assert [made.client.get(path, headers=here).status_code for path in paths] == [429] * 3
        assert made.client.get(HEALTH, headers=_from("203.0.113.2")).status_code == 200
        # Calls with credentials are counted apart from all of these.
        login = made.client.post("/api/v5/auth/login", json={}, headers=here)
        assert login.status_code == 200


@pytest.mark.parametrize("limit", ["credentials", "wrong tokens", "keys"])
def test_ipv6_networks(tmp_path: Path, limit: str) -> None:
    """A /64 of IPv6 counts as one address, and a whole /48 may make a multiple of its calls."""
    rates = {"credential_rate": RATE, "address_rate": RATE}
    with open_environment(tmp_path, **rates, ipv6_site_factor=2, trusted_proxies=1) as made:
        get = _caller(made, limit)
        good = {"credentials": 200, "wrong tokens": 401, "keys": 200}[limit]
        assert {get(f"2001:db8:0:1::{n:x}") for n in range(RATE)} == {good}
        assert get("2001:db8:0:1:ffff::1") == 429
        assert {get(f"2001:db8:0:{n:x}::1") for n in range(2, RATE + 2)} == {good}
        # The other RATE calls of the /48 are used, from addresses that made one call each.
        assert get("2001:db8:0:ffff::1") == 429
        assert get("2001:db8:1:1::1") == good
        assert get("203.0.113.1") == good


def test_calls_with_credentials_of_a_user_count_twice(tmp_path: Path) -> None:
    """A call of a user that has a password counts for the user, and for the address."""
    with open_environment(tmp_path, credential_rate=3, user_rate=2) as made:

        def change(user: str) -> int:
            headers = _as(made, user)
            return made.client.post("/api/v5/auth/password", json={}, headers=headers).status_code

        assert [change("ada") for _ in range(3)] == [200, 200, 429]
        assert change("bob") == 429


def test_a_client_cannot_choose_who_it_is(tmp_path: Path) -> None:
    """The header of the gateway's own note is worth nothing from a client, and reaches no service."""
    with open_environment(tmp_path, user_rate=2, address_rate=RATE) as made:
        claim = {"x-coditect-caller": "ada"}
        assert made.client.get(PATH, headers=claim).status_code == 401
        wrong = claim | {"authorization": "Bearer a.b.c"}
        assert made.client.get(PATH, headers=wrong).status_code == 401
        mallory = _as(made, "mallory") | claim
        assert _statuses(3, lambda: made.client.get(PATH, headers=mallory)) == [200, 200, 429]
        assert made.client.get(PATH, headers=_as(made, "ada")).status_code == 200
        assert "x-coditect-caller" not in made.backend.last("ListSessions").metadata


def test_refusals_and_preflights_do_not_count(tmp_path: Path) -> None:
    """What the gateway refuses by itself, and preflights, are not limited: a 429 costs as much."""
    with open_environment(tmp_path, address_rate=RATE) as made:
        asked = {"origin": ORIGIN, "access-control-request-method": "GET"}
        assert set(_statuses(2 * RATE, lambda: made.client.options(PATH, headers=asked))) == {200}
        assert set(_statuses(2 * RATE, lambda: made.client.get("/nothing"))) == {404}
        assert made.client.get(PATH).status_code == 401


def test_zero_means_no_limit(tmp_path: Path) -> None:
    """Without limits, no call meets one, and tokens are checked as ever."""
    off = {"credential_rate": 0, "user_rate": 0, "address_rate": 0, "exchange_rate": 0}
    with open_environment(tmp_path, **off) as made:
        assert set(_statuses(50, lambda: made.call("GET", PATH))) == {200}
        assert made.client.get(PATH, headers={"x-coditect-caller": "ada"}).status_code == 401
        assert made.client.get(PATH, headers=_expired(made)).status_code == 401
    settings = Settings.read(ENOUGH | {name.upper(): str(value) for name, value in off.items()})
    assert "local_ratelimit" not in edge.render(contract.load(CONTRACT), settings)


@pytest.mark.parametrize("only", ["user_rate", "address_rate"])
def test_each_limit_works_alone(tmp_path: Path, only: str) -> None:
    """A limit applies whether the other one exists or not."""
    with open_environment(tmp_path, **{"user_rate": 0, "address_rate": 0, only: RATE}) as made:
        valid = _statuses(RATE + 1, lambda: made.call("GET", PATH))
        wrong = _statuses(RATE + 1, lambda: made.client.get(PATH))
        assert valid[-1] == (429 if only == "user_rate" else 200)
        assert wrong[-1] == (429 if only == "address_rate" else 401)


def _expired(made: Environment) -> dict[str, str]:
    token = made.key.token(exp=int(time.time()) - 60)
    return {"authorization": f"Bearer {token}"}


def _caller(made: Environment, limit: str) -> Get:
    """Returns a function that makes a call that a limit counts, and returns its status."""

    def call(address: str) -> int:
        if limit == "credentials":
            url = "/api/v5/auth/login"
            return made.client.post(url, json={}, headers=_from(address)).status_code
        path = PATH if limit == "wrong tokens" else JWKS
        return made.client.get(path, headers=_from(address)).status_code

    return call
