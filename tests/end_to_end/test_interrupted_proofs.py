"""Proofs, changes and resets that a `kill -9` interrupts: each happens once or not at all."""

import threading
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.account import NEW_PASSWORD, activity
from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.interruptions import killing, mailed, once, until, wait_until_locked_out
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.team import found, switch
from tests.end_to_end.waiting import eventually
from tests.support.promises import LONG
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

OWN_PASSWORD = "the real owner of this mailbox"
VERIFICATION = ("/auth/email/verification", {})
PEOPLE = 4
KILLS = 5 if LONG else 3
STEPS = {"account.created", "email.verified", "email.changed", "password.reset"}


@pytest.mark.parametrize("victim", ["auth", "tenants", "sessions"])
def test_interrupted_proofs(own_laptop: Laptop, victim: str) -> None:
    """Each step takes full effect, once, however often a service is killed.

    Half of the people have made their account; for the others a stranger did, and it begins anew.
    """
    with client(own_laptop) as http:
        people = [new_person(http, f"{uuid4()}@example.com") for _ in range(PEOPLE)]
        workers = [_Worker(own_laptop, one, anew=n % 2 > 0) for n, one in enumerate(people)]
    with killing(own_laptop, victim, KILLS) as kills:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.fault for worker in workers if worker.fault] == []
    assert kills
    with client(own_laptop) as http:
        for worker in workers:
            worker.check(http)
    examined(own_laptop.settings.store)


class _Worker(threading.Thread):
    """A person who proves the address, changes it, and resets the password; notes what goes wrong."""

    def __init__(self, laptop: Laptop, person: Person, *, anew: bool) -> None:
        super().__init__()
        self._laptop = laptop
        self._person = person
        self._anew = anew
        self._tenant_id = found(person)
        self.fault = ""

    def run(self) -> None:
        try:
            with client(self._laptop) as http:
                self._person.http = http
                if self._anew:
                    self._begin_anew()
                else:
                    self._verify()
                self._change()
                self._reset()
        except Exception as error:  # noqa: BLE001 - any is reported by the test
            self.fault = f"{type(error).__name__}: {error}"

    def _verify(self) -> None:
        token = self._mailed("verify-email", lambda: self._person.call("POST", *VERIFICATION))
        body = {"token": token}
        once(lambda: self._person.call("POST", "/auth/email/verify", body))
        assert self._me()["emailVerified"] is True

    def _begin_anew(self) -> None:
        """Proves the address without the stranger's tokens, with a password that is not the stranger's."""
        http, stranger = self._person.http, self._person
        token = self._mailed("verify-email", lambda: stranger.call("POST", *VERIFICATION))
        body = {"token": token, "newPassword": OWN_PASSWORD}
        once(lambda: http.post("/api/v5/auth/email/verify", json=body))
        wait_until_locked_out(stranger)
        assert self._log_in(stranger.email, PASSWORD).status_code == 401
        data = self._log_in(stranger.email, OWN_PASSWORD).json()["data"]
        self._person = Person(http, stranger.email, data, data["tokens"])
        assert self._person.user_id != stranger.user_id
        created = until({201}, lambda: self._person.call("POST", "/tenants", {"name": "Own"}))
        self._tenant_id = created.json()["data"]["tenantId"]

    def _change(self) -> None:
        old, new = self._person.email, f"new-{self._person.email}"
        body = {"newEmail": new}
        self._person.email = new
        token = self._mailed("change-email", lambda: self._person.call("POST", "/auth/email", body))
        assert self._me()["email"] == old
        once(lambda: self._person.call("POST", "/auth/email/verify", {"token": token}))
        assert self._me()["email"] == new
        assert self._log_in(old, self._password).status_code == 401

    def _reset(self) -> None:
        http, email = self._person.http, self._person.email
        token = self._mailed(
            "reset-password",
            lambda: http.post("/api/v5/auth/password/forgot", json={"email": email}),
        )
        body = {"token": token, "newPassword": NEW_PASSWORD}
        once(lambda: http.post("/api/v5/auth/password/reset", json=body))
        wait_until_locked_out(self._person)
        assert self._log_in(email, self._password).status_code == 401
        assert self._log_in(email, NEW_PASSWORD).status_code == 200

    @property
    def _password(self) -> str:
        return OWN_PASSWORD if self._anew else PASSWORD

    def check(self, http: httpx.Client) -> None:
        """Each step has happened once, and the person's organization knows the new address."""
        self._person.http = http
        email, path = self._person.email, f"/tenants/{self._tenant_id}/members"
        data = self._log_in(email, NEW_PASSWORD).json()["data"]
        back = Person(http, email, data, data["tokens"])
        assert (back.user_id, data["user"]["email"]) == (self._person.user_id, email)
        first = "account.created" if self._anew else "email.verified"
        happened = [event for event in activity(back) if event in STEPS]
        assert happened[-3:] == [first, "email.changed", "password.reset"]
        assert len(happened) == (3 if self._anew else 4)
        until({200}, lambda: switch(back, self._tenant_id))

        def emails() -> list[str]:
            listed = until({200}, lambda: back.call("GET", path)).json()["data"]
            return [one["email"] for one in listed["members"]]

        eventually(lambda: emails() == [email])

    def _mailed(self, page: str, ask: Callable[[], httpx.Response]) -> str:
        return mailed(self._laptop, self._person.email, page, ask)

    def _me(self) -> dict[str, object]:
        answer = until({200}, lambda: self._person.call("GET", "/auth/me"))
        found: dict[str, object] = answer.json()["data"]
        return found

    def _log_in(self, email: str, password: str) -> httpx.Response:
        body = {"email": email, "password": password}
        post = self._person.http.post
        return until({200, 401}, lambda: post("/api/v5/auth/login", json=body))
