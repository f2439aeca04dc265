"""A change of TOKEN_ALGORITHM under load: two replicas of auth, one after the other, behind a real Envoy."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import jwt
import pytest

from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import EVERY_SERVICE, Person, new_person
from tests.end_to_end.replicas import SECOND, TwoReplicas
from tests.support.plain_http import PLAIN
from tests.support.promises import LONG
from tools.laptop import Laptop

LEAD_SECONDS = 60  # the least that the setting takes
TOKEN_SECONDS = 30
_USERS = 3
_AGE_SECONDS = 5.0  # of a token that is refreshed
_SPARE_SECONDS = 2.0  # a token is not used in the last moment before its end


@dataclass
class Load:
    """Users who refresh their tokens often, and use each one to its end at every service.

    Attributes:
        refused: What was refused although it was valid.
        algorithms: Of the tokens that were used, with how often.
        unknown: The tokens of a key that was not in a cache that keeps to `Cache-Control`.
        most_keys: The largest number of keys in such a cache.
    """

    laptop: Laptop
    refused: list[str] = field(default_factory=list)
    algorithms: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    most_keys: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        """Starts the users."""
        self._threads = [threading.Thread(target=self._run) for _ in range(_USERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops them."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        cache = _Cache(self.laptop)
        with client(self.laptop) as http:
            person = new_person(http)
            alive: list[str] = []
            while not self._stop.is_set():
                if not alive or time.time() - _claims(alive[-1])["iat"] > _AGE_SECONDS:
                    alive.append(self._refresh(person))
                    self._keep(cache, alive[-1])
                alive = [
                    token for token in alive if time.time() < _claims(token)["exp"] - _SPARE_SECONDS
                ]
                for token in alive:
                    self._use(person, token)

    def _refresh(self, person: Person) -> str:
        body = {"refreshToken": person.tokens["refreshToken"]}
        while True:
            answer = person.http.post("/api/v5/auth/refresh", json=body)
            if answer.status_code < 500:
                person.tokens = answer.json()["data"]["tokens"]
                return str(person.tokens["accessToken"])
            time.sleep(0.05)

    def _use(self, person: Person, token: str) -> None:
        algorithm = jwt.get_unverified_header(token)["alg"]
        for path in EVERY_SERVICE:
            headers = {"authorization": f"Bearer {token}"}
            answer = person.http.get(f"/api/v5{path}", headers=headers)
            if answer.status_code < 500:
                self.algorithms[algorithm] = self.algorithms.get(algorithm, 0) + 1
            if answer.status_code == 401:
                self.refused.append(f"{path}: {answer.text}")

    def _keep(self, cache: "_Cache", token: str) -> None:
        kids = cache.kids()
        self.most_keys = max(self.most_keys, len(kids))
        if jwt.get_unverified_header(token)["kid"] not in kids:
            self.unknown.append(token)


class _Cache:
    """Keeps the key set for as long as it may, and asks not a moment sooner."""

    def __init__(self, laptop: Laptop) -> None:
        self._url = laptop.settings.url
        self._kids: set[str] = set()
        self._until = 0.0

    def kids(self) -> set[str]:
        """The ids of the keys."""
        if time.monotonic() >= self._until:
            answer = httpx.get(f"{self._url}/.well-known/jwks.json", trust_env=False, verify=PLAIN)
            if answer.status_code == 200:
                self._kids = {key["kid"] for key in answer.json()["keys"]}
                seconds = answer.headers["cache-control"].removeprefix("public, max-age=")
                self._until = time.monotonic() + int(seconds)
        return self._kids


def _claims(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.mark.skipif(not LONG, reason="takes two minutes: make test-long")
@pytest.mark.timeout(300)
def test_no_valid_token_is_refused(tmp_path: Path) -> None:
    """While one replica makes keys of another algorithm and the next follows, every token is good to its end.

    A program that keeps the key set for as long as it may knows every key in time, too.
    """
    settings = {
        "KEY_LEAD_SECONDS": str(LEAD_SECONDS),
        "TOKEN_SECONDS": str(TOKEN_SECONDS),
        "DRAIN_SECONDS": "2",
        "TOKEN_ALGORITHM": "EdDSA",
    }
    replicas = TwoReplicas()
    with start(tmp_path / "data", replicas, **settings) as laptop:
        laptop.wait_until_ready()
        with Load(laptop) as load:
            time.sleep(3)
            replicas.restart(laptop, SECOND, TOKEN_ALGORITHM="ES256")
            end = time.monotonic() + 2 * LEAD_SECONDS + 30
            while not load.algorithms.get("ES256") and time.monotonic() < end:
                time.sleep(0.5)
            replicas.restart(laptop, "auth", TOKEN_ALGORITHM="ES256")
            time.sleep(TOKEN_SECONDS)
        keys = httpx.get(
            f"{laptop.settings.url}/.well-known/jwks.json", trust_env=False, verify=PLAIN
        ).json()
    assert load.refused == []
    assert load.unknown == []
    assert set(load.algorithms) == {"EdDSA", "ES256"}
    assert [key["alg"] for key in keys["keys"]] == ["EdDSA", "ES256"]
    assert load.most_keys == len(keys["keys"])
