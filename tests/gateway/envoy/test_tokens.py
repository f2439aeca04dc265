"""Which access tokens the gateway lets through."""

import socket
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from coditect.auth.v5 import keys_pb2
from tests.gateway.environment import WHERE, Environment, Key, open_environment, wait_ready
from tests.support.promises import within

PATH = "/api/v5/sessions"


def _get(made: Environment, token: str) -> httpx.Response:
    return made.client.get(PATH, headers={"authorization": f"Bearer {token}"})


def _serves(made: Environment) -> bool:
    try:
        return made.client.get("/api/v5/health").status_code == 200
    except httpx.ConnectError:
        return False


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": int(time.time()) - 60}, "ACCESS_TOKEN_EXPIRED"),
        ({"exp": None}, "ACCESS_TOKEN_INVALID"),
        ({"aud": "another"}, "ACCESS_TOKEN_INVALID"),
        ({"aud": None}, "ACCESS_TOKEN_INVALID"),
        ({"iss": "https://another"}, "ACCESS_TOKEN_INVALID"),
        ({"iss": None}, "ACCESS_TOKEN_INVALID"),
        ({"nbf": int(time.time()) + 86_400}, "ACCESS_TOKEN_INVALID"),
    ],
)
def test_claims_are_checked(gateway: Environment, changes: dict[str, Any], code: str) -> None:
    """A token with a wrong or missing claim is refused."""
    answer = _get(gateway, gateway.key.token(**changes))
    assert _code(answer) == (401, code)
    assert answer.headers["www-authenticate"] == f'Bearer error="invalid_token", {WHERE}'
    assert gateway.backend.count("ListSessions") == 0


def _forged(gateway: Environment) -> dict[str, str]:
    claims = jwt.decode(gateway.key.token(), options={"verify_signature": False})
    headers = {"kid": gateway.key.kid}
    public = gateway.key.private.public_key().public_bytes_raw()
    good = gateway.key.token()
    return {
        "none": jwt.encode(claims, None, "none", headers=headers),
        "hs256 with the public key": jwt.encode(claims, public, "HS256", headers=headers),
        "another key, the same kid": Key(gateway.key.kid).token(),
        "another key, another kid": Key("other").token(),
        "damaged": good[:-6] + "AAAAAA",
        "no signature": good.rpartition(".")[0] + ".",
        "not a token": "x.y.z",
        "dots": "..",
        "two": f"{good} {good}",
    }


def test_forged_tokens_are_refused(gateway: Environment) -> None:
    """A token that auth did not sign is rejected, whatever its header says."""
    for name, token in _forged(gateway).items():
        answer = _get(gateway, token)
        assert answer.status_code == 401, name
        assert answer.json()["error"]["code"] in {"ACCESS_TOKEN_INVALID", "ACCESS_TOKEN_MISSING"}
    assert gateway.backend.count("ListSessions") == 0


def test_only_the_header_carries_a_token(gateway: Environment) -> None:
    """A token in the address, in a cookie or under another scheme is ignored."""
    token = gateway.key.token()
    for answer in (
        gateway.client.get(f"{PATH}?access_token={token}"),
        gateway.client.get(PATH, headers={"cookie": f"access_token={token}"}),
        gateway.client.get(PATH, headers={"authorization": f"Basic {token}"}),
        gateway.client.get(PATH, headers={"x-authorization": f"Bearer {token}"}),
    ):
        assert _code(answer) == (401, "ACCESS_TOKEN_MISSING")
        assert token not in str(answer.headers)


@pytest.mark.parametrize("scheme", ["bearer ", "BEARER ", "bEaReR ", "Bearer  ", "bearer   "])
def test_the_scheme_is_read_leniently(gateway: Environment, scheme: str) -> None:
    """The case of the scheme's name, and the number of spaces behind it, do not matter (RFC 9110)."""
    token = gateway.key.token()
    answer = gateway.client.get(PATH, headers={"authorization": scheme + token})
    assert answer.status_code == 200
    given = gateway.backend.last("ListSessions").metadata["authorization"]
    assert given.lower().split() == ["bearer", token.lower()]


@pytest.mark.parametrize(
    "value",
    [
        "Bearer",
        "bearer",
        "{}",
        "Bearer{}",
        "Bearer\t{}",
        "Basic {}",
        "Basic Bearer {}",
        "BearerX {}",
    ],
)
def test_other_schemes_are_refused(gateway: Environment, value: str) -> None:
    """A token without its scheme, or under another one, counts as missing."""
    headers = {"authorization": value.format(gateway.key.token())}
    answer = gateway.client.get(PATH, headers=headers)
    assert _code(answer) == (401, "ACCESS_TOKEN_MISSING")
    assert answer.headers["www-authenticate"] == f"Bearer {WHERE}"
    answer = gateway.client.post(PATH, headers=headers | {"content-type": "application/grpc"})
    assert _code(answer) == (401, "ACCESS_TOKEN_MISSING")
    assert not gateway.backend.client_calls


@pytest.mark.parametrize("value", ["Basic eDp5", "Bearer", "x"])
def test_public_methods_ignore_credentials(gateway: Environment, value: str) -> None:
    """A method that needs no token, health and readiness can be called with any credentials."""
    headers = {"authorization": value}
    assert gateway.client.post("/api/v5/auth/login", json={}, headers=headers).status_code == 200
    for path in ("/.well-known/jwks.json", "/api/v5/health", "/api/v5/ready"):
        assert gateway.client.get(path, headers=headers).status_code == 200


def test_the_service_gets_the_token(gateway: Environment) -> None:
    """The token is forwarded, because the services verify it again."""
    token = gateway.key.token()
    assert _get(gateway, token).status_code == 200
    assert gateway.backend.last("ListSessions").metadata["authorization"] == f"Bearer {token}"


def test_a_known_token_still_expires(gateway: Environment) -> None:
    """A token that was accepted before is rejected once it has expired."""
    # Five seconds of clock skew are allowed.
    end = int(time.time()) + 5
    token = gateway.key.token(exp=end - 5)
    assert _get(gateway, token).status_code == 200
    time.sleep(max(0.0, end - time.time()) + 1.2)
    assert _code(_get(gateway, token)) == (401, "ACCESS_TOKEN_EXPIRED")


def test_an_unknown_key_is_fetched(tmp_path: Path) -> None:
    """After a rotation, tokens of the new key are valid at once, and those of the old key while it is published."""
    with open_environment(tmp_path) as made:
        assert _get(made, made.key.token()).status_code == 200
        time.sleep(2.1)
        second = Key("second")
        made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk, second.jwk])
        assert _get(made, second.token()).status_code == 200
        assert _get(made, made.key.token()).status_code == 200


def test_keys_of_both_algorithms_are_taken(tmp_path: Path) -> None:
    """During a change of the algorithm tokens of both are good; no key is good for the other one."""
    with open_environment(tmp_path) as made:
        second = Key("second", "ES256")
        made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk, second.jwk])
        time.sleep(2.1)
        for key in (made.key, second):
            assert _get(made, key.token()).status_code == 200
        claims = jwt.decode(second.token(), options={"verify_signature": False})
        for key, kid in ((made.key, "second"), (second, made.key.kid)):
            token = jwt.encode(claims, key.private, key.algorithm, headers={"kid": kid})
            assert _code(_get(made, token)) == (401, "ACCESS_TOKEN_INVALID")


def test_an_unknown_key_is_fetched_again(tmp_path: Path) -> None:
    """A key that was just unknown is known some seconds after auth has published it."""
    with open_environment(tmp_path) as made:
        assert _get(made, made.key.token()).status_code == 200
        time.sleep(1)  # by then the keys that are kept for long have come
        second = Key("second")
        assert _code(_get(made, second.token())) == (401, "ACCESS_TOKEN_INVALID")
        made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk, second.jwk])
        deadline = time.monotonic() + 30
        while _get(made, second.token()).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_withdrawn_key_is_forgotten(tmp_path: Path) -> None:
    """A key that only the second look knew is refused some seconds after auth has withdrawn it."""
    with open_environment(tmp_path) as made:
        assert _get(made, made.key.token()).status_code == 200
        time.sleep(2.1)
        second = Key("second")
        made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk, second.jwk])
        assert _get(made, second.token()).status_code == 200
        made.backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[made.key.jwk])
        deadline = time.monotonic() + 30
        while _get(made, second.token()).status_code != 401:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_listens_while_auth_is_silent(tmp_path: Path) -> None:
    """The gateway serves before auth has answered its first question for keys, or failed to."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(30)
        address = "{}:{}".format(*silent.getsockname())
        began = time.monotonic()
        with open_environment(
            tmp_path, started=("tenants", "sessions"), auth_address=address
        ) as made:
            while not _serves(made):
                time.sleep(0.02)
            took = time.monotonic() - began
            silent.accept()[0].close()
    # Envoy gives the question three seconds.
    assert took < within(3)


def test_bad_tokens_do_not_hammer_auth(tmp_path: Path) -> None:
    """Many bad tokens cause about one request for auth's keys in two seconds."""
    with open_environment(tmp_path) as made:
        assert _get(made, made.key.token()).status_code == 200
        made.backend.calls.clear()
        began = time.monotonic()
        for number in range(200):
            assert _get(made, Key(f"unknown-{number}").token()).status_code == 401
        assert made.backend.count("GetJwks") <= 2 + (time.monotonic() - began) / 2


def test_good_tokens_do_not_ask_auth(gateway: Environment) -> None:
    """Valid tokens, known or new, cause no request to auth."""
    assert _get(gateway, gateway.key.token()).status_code == 200
    gateway.backend.calls.clear()
    for number in range(20):
        assert _get(gateway, gateway.key.token(jti=str(number))).status_code == 200
    assert gateway.backend.count("GetJwks") == 0


def test_comes_up_before_auth(tmp_path: Path) -> None:
    """The gateway starts without auth, reports that, and recovers when auth is up."""
    with open_environment(tmp_path, started=("tenants", "sessions")) as made:
        assert made.client.get("/api/v5/health").status_code == 200
        answer = _get(made, made.key.token())
        assert _code(answer) == (503, "UPSTREAM_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        made.backend.start("auth")
        wait_ready(made)
        deadline = time.monotonic() + 30
        while _get(made, made.key.token()).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_keys_outlive_auth(tmp_path: Path) -> None:
    """While auth is down, tokens of known keys are valid."""
    with open_environment(tmp_path) as made:
        assert _get(made, made.key.token()).status_code == 200
        made.backend.stop("auth")
        time.sleep(2.5)
        assert _get(made, made.key.token(jti="new")).status_code == 200
