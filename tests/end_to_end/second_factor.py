"""What a person does with second factors over HTTP."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pyotp

from kernel.storage import Store, Write, open_store
from services.auth.logins.repository import LOGINS, logins_of
from tests.end_to_end.account import verify
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, new_person
from tools.laptop import Laptop

STEP_SECONDS = 30
_TO_ARRIVE_SECONDS = 10
"""For which a code is good at least: a command that it is typed into takes seconds to start on a busy machine."""


class App:
    """An authenticator app. It knows which codes it has shown, because each is good once."""

    def __init__(self, factor_id: str, secret: str) -> None:
        self.factor_id = factor_id
        self.secret = secret
        self._codes = pyotp.TOTP(secret)
        self._step = 0

    def code(self) -> str:
        """The next code. It waits for a new one, if all that are good now have been shown."""
        present, passed = divmod(time.time(), STEP_SECONDS)
        # That of the step before the present one is good until the present one ends.
        first = present if passed > STEP_SECONDS - _TO_ARRIVE_SECONDS else present - 1
        self._step = max(self._step + 1, int(first))
        while self._step > int(time.time()) // STEP_SECONDS + 1:
            time.sleep(0.2)
        return self._codes.generate_otp(self._step)


def data_of(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The data of an answer."""
    assert answer.status_code == status, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def equipped(laptop: Laptop, http: httpx.Client) -> tuple[Person, App, list[str]]:
    """A new person with a proved address, an app and recovery codes; the tokens say so."""
    person = new_person(http)
    mail = Mailbox(laptop, person.email).next("verify-email")
    assert verify(http, person, token=mail.token).status_code == 200
    app, codes = set_up(person)
    return person, app, codes


def set_up(person: Person, name: str = "Phone") -> tuple[App, list[str]]:
    """Sets up an authenticator app; returns it with the recovery codes, if there are some."""
    made = data_of(person.call("POST", "/auth/factors/totp", {"name": name}), 201)
    app = App(made["factorId"], made["secret"])
    path = f"/auth/factors/totp/{app.factor_id}/confirm"
    added = data_of(person.call("POST", path, {"code": app.code()}))
    person.tokens = added["tokens"]
    return app, added["recoveryCodes"]


def refresh(person: Person) -> dict[str, Any]:
    """Gets the next tokens; returns the claims of the access token."""
    body = {"refreshToken": person.tokens["refreshToken"]}
    person.tokens = data_of(person.http.post("/api/v5/auth/refresh", json=body))["tokens"]
    return claims(person)


def claims(person: Person) -> dict[str, Any]:
    """What the access token says."""
    found: dict[str, Any] = jwt.decode(
        person.tokens["accessToken"], options={"verify_signature": False}
    )
    return found


def challenge(http: httpx.Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    """The challenge after the right password; there are no tokens beside it."""
    body = {"email": email, "password": password}
    data = data_of(http.post("/api/v5/auth/login", json=body))
    assert set(data) == {"challenge"}
    found: dict[str, Any] = data["challenge"]
    return found


def answer(http: httpx.Client, token: str, **shown: Any) -> httpx.Response:
    """Answers a challenge."""
    body = {"challengeToken": token, **shown}
    return http.post("/api/v5/auth/login/second-factor", json=body)


def log_in(http: httpx.Client, email: str, **shown: Any) -> Person:
    """A login with a second factor."""
    data = data_of(answer(http, challenge(http, email)["token"], **shown))
    assert data["deviceToken"]
    return Person(http, email, data, data["tokens"])


def change(laptop: Laptop, how: Callable[[Store], Awaitable[None]]) -> None:
    """Changes what is stored beside the running system."""

    async def run() -> None:
        store = open_store(laptop.settings.store)
        await how(store)
        await store.close()

    asyncio.run(run())


def age_proofs(laptop: Laptop, person: Person) -> None:
    """Makes the proofs of a user's logins an hour older. Tokens say so from the next refresh on."""

    async def age(tx: Write) -> None:
        for login in await logins_of(tx, UUID(person.user_id)):
            earlier = login.auth_time - timedelta(hours=1)
            await LOGINS.put(tx, replace(login, auth_time=earlier))

    change(laptop, lambda store: store.write(age))
