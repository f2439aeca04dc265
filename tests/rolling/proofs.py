"""A person with a second factor and a colleague without one, whom both versions know."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import httpx

from kernel.storage import Read, Store, open_store
from services.auth.logins.model import Login, Method
from services.auth.logins.repository import logins_of
from services.auth.totp.repository import totps_of
from services.auth.users.model import User
from services.auth.users.repository import require_user
from services.tenants.memberships.model import Policy
from services.tenants.memberships.repository import ALL_TENANTS
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.second_factor import App, challenge, claims, data_of, log_in, refresh, set_up
from tests.end_to_end.team import found, switch
from tests.end_to_end.waiting import eventually
from tests.support.rolling import Version

_POLICY = {"secondFactorRequired": True, "loginLifeSeconds": 86_400}


@dataclass(frozen=True)
class _Stored:
    """What the store has about the person."""

    user: User
    logins: list[Login]
    apps: int
    policy: Policy


class Proofs:
    """Logins of the version before, one of which gets a second factor in this version.

    Args:
        http: A client of the product, in which every service is of the version before.
        store: The address of the store.
        before: The version before.
    """

    def __init__(self, http: httpx.Client, store: str, before: Version) -> None:
        self._http = http
        self._store = store
        self._before_asks = before.knows_second_factors
        self._ada, self._bob = new_person(http), new_person(http)
        self._other_device = _password_login(http, self._ada)
        self._company = found(self._ada)

    def set_up(self) -> None:
        """Ada sets up an app and asks the same of her organization; every service is of this version.

        The logins of before are logins by a password, and keep working: but for Ada's other device,
        which the first second factor ends.
        """
        for person in (self._ada, self._bob, self._other_device):
            _expect_accepted(person)
            said = refresh(person)
            assert (said["acr"], said["amr"]) == ("aal1", ["pwd"])
            assert "second_factor" not in said
            _expect_accepted(person)
        app, _ = set_up(self._ada)
        # Where the machine is slow, it may be answered before the service knows of the end.
        eventually(lambda: self._other_device.call("GET", "/auth/me").status_code == 401)
        assert claims(self._ada)["acr"] == "aal2"
        data_of(switch(self._ada, self._company))
        data_of(self._ada.call("PATCH", f"/tenants/{self._company}/policy", _POLICY))
        self._ada = self._logged_in(app)

    def _logged_in(self, app: App) -> Person:
        person = log_in(self._http, self._ada.email, code=app.code())
        assert claims(person)["acr"] == "aal2"
        return person

    def change(self) -> None:
        """Writes the rows of both through the version before.

        If it knows nothing of second factors, it says nothing of them, and does not ask for them.
        """
        for person, assurance in ((self._ada, "aal2"), (self._bob, "aal1")):
            assert refresh(person).get("acr") == (assurance if self._before_asks else None)
            data_of(person.call("PATCH", "/auth/me", {"company": "after"}))
        data_of(switch(self._ada, self._company))
        data_of(self._ada.call("PATCH", f"/tenants/{self._company}", {"name": "after"}))
        if self._before_asks:
            challenge(self._http, self._ada.email)
        else:
            _password_login(self._http, self._ada)

    def check(self) -> None:
        """Checks that the second factor, what Ada's logins have proved, and the policy are still there."""
        stored = asyncio.run(self._read())
        assert stored.user.company == "after"
        assert stored.user.second_factor
        assert stored.apps == 1
        assert stored.policy == Policy(second_factor_required=True, login_life_seconds=86_400)
        proved = sorted(sorted(login.methods) for login in stored.logins)
        two = sorted([Method.TWO_FACTORS, Method.ONE_TIME_CODE, Method.PASSWORD])
        assert proved == [two, two, *([] if self._before_asks else [[Method.PASSWORD]])]

    async def _read(self) -> _Stored:
        user_id, company_id = UUID(self._ada.user_id), UUID(self._company)

        async def read(tx: Read) -> _Stored:
            tenant = await ALL_TENANTS.get(tx, company_id)
            assert tenant is not None
            return _Stored(
                await require_user(tx, user_id),
                await logins_of(tx, user_id),
                len(await totps_of(tx, user_id)),
                tenant.policy,
            )

        store: Store = open_store(self._store)
        stored = await store.read(read)
        await store.close()
        return stored


def _password_login(http: httpx.Client, person: Person) -> Person:
    body = {"email": person.email, "password": PASSWORD}
    data = data_of(http.post("/api/v5/auth/login", json=body))
    return Person(http, person.email, data, data["tokens"])


def _expect_accepted(person: Person) -> None:
    assert data_of(person.call("GET", "/auth/me"))["email"] == person.email
