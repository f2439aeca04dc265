"""A stranger registers the address of another person, who then proves it: nothing of the stranger's is left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.account import (
    activity,
    assert_locked_out,
    forgot,
    logged_in,
    me,
    reset,
    try_login,
    verify,
)
from tests.end_to_end.conftest import client, start
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, error_of, log_in, new_person, registration
from tests.end_to_end.team import accept, found, invite, switch
from tests.end_to_end.waiting import eventually
from tools.laptop import Laptop

OWN_PASSWORD = "the real owner of this mailbox"
NAMES = {"firstName": "Vera", "lastName": "Victim", "company": "Own Ltd"}
MARK = "Mallory"
"""A word of the stranger's, which must not be left anywhere."""

Prove: TypeAlias = Callable[[Laptop, httpx.Client, str], None]


class Intruder(NamedTuple):
    """A stranger who has registered an address.

    Attributes:
        devices: The stranger's logins, with their tokens.
        sessions: The ids of the stranger's sessions.
        tenants: The ids of the stranger's organization and self-tenant.
        invitation: The token of an invitation that the stranger has made.
        key: The idempotency key of the registration, a repeat of which would answer with tokens.
    """

    devices: list[Person]
    sessions: list[str]
    tenants: list[str]
    invitation: str
    key: dict[str, str]


def intrude(http: httpx.Client, email: str) -> Intruder:
    """Registers a victim's address, and does everything that a user can do."""
    key = {"idempotency-key": str(uuid4())}
    first = new_person(http, email, **key)
    names = {"firstName": MARK, "lastName": MARK, "company": MARK}
    assert first.call("PATCH", "/auth/me", names).status_code == 200
    second = log_in(http, first)
    sessions = [_session(device) for device in (first, second)]
    acme = found(first, f"{MARK} Inc")
    assert switch(first, acme).status_code == 200
    sessions.append(_session(first))
    invitation = invite(first, acme, f"accomplice.{uuid4()}@example.com", "admin")["token"]
    own = str(first.answer["tenant"]["tenantId"])
    return Intruder([first, second], sessions, [acme, own], invitation, key)


def _session(person: Person) -> str:
    answer = person.call("POST", "/sessions", {"name": MARK})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["sessionId"])


def by_registration(laptop: Laptop, http: httpx.Client, email: str) -> None:
    """The victim registers, which is refused, and completes it with the link that is mailed all the same."""
    answer = http.post(
        "/api/v5/auth/register", json={"email": email, "password": OWN_PASSWORD, **NAMES}
    )
    assert (answer.status_code, error_of(answer)["code"]) == (409, "EMAIL_TAKEN")
    token = Mailbox(laptop, email).next("confirm-registration").token
    assert verify(http, token=token, newPassword=OWN_PASSWORD).status_code == 200


def by_verified_registration(laptop: Laptop, http: httpx.Client, email: str) -> None:
    """The victim registers where addresses must be proved first."""
    body = {"email": email, "password": OWN_PASSWORD, **NAMES}
    answer = http.post("/api/v5/auth/register", json=body)
    assert (answer.status_code, answer.json()["data"]) == (202, {})
    mail = Mailbox(laptop, email).next("confirm-registration")
    proved = verify(http, email=email, code=mail.code, newPassword=OWN_PASSWORD)
    assert proved.status_code == 200, proved.text


def by_reset(laptop: Laptop, http: httpx.Client, email: str) -> None:
    """The victim has forgotten that there was never an account, and resets the password."""
    forgot(http, email)
    token = Mailbox(laptop, email).next("reset-password").token
    assert reset(http, token=token, newPassword=OWN_PASSWORD).status_code == 200


def by_verification(laptop: Laptop, http: httpx.Client, email: str) -> None:
    """The victim follows the link of the email that the stranger's registration has caused."""
    token = Mailbox(laptop, email).next("verify-email").token
    assert verify(http, token=token, newPassword=OWN_PASSWORD).status_code == 200


def check_nothing_is_left(http: httpx.Client, email: str, intruder: Intruder) -> Person:
    """Nothing of the intruder's works, and nothing of it is in the victim's account; returns the victim."""
    assert_locked_out(intruder.devices)
    device = str(intruder.devices[0].answer["deviceToken"])
    for more in ({}, {"deviceToken": device}):
        assert try_login(http, email, PASSWORD, **more).status_code == 401
    repeat = http.post("/api/v5/auth/register", json=registration(email), headers=intruder.key)
    assert (repeat.status_code, error_of(repeat)["code"]) == (409, "EMAIL_TAKEN")
    victim = logged_in(http, email, OWN_PASSWORD)
    profile = me(victim)
    assert profile["userId"] != intruder.devices[0].user_id
    assert profile["emailVerified"] is True
    assert list(victim.sessions()) == []
    (tenant,) = victim.call("GET", "/tenants").json()["data"]["tenants"]
    assert (tenant["kind"], tenant["role"]) == ("self", "owner")
    assert tenant["tenantId"] not in intruder.tenants
    members = victim.call("GET", f"/tenants/{tenant['tenantId']}/members").json()["data"]["members"]
    assert [one["userId"] for one in members] == [profile["userId"]]
    assert (len(victim.call("GET", "/auth/logins").json()["data"]["logins"])) == 1
    assert set(activity(victim)) <= {"account.created", "login.failed", "login.started"}
    for path in (
        *(f"/sessions/{one}" for one in intruder.sessions),
        *(f"/tenants/{one}" for one in intruder.tenants),
    ):
        assert victim.call("GET", path).status_code == 404
    exported = victim.call("GET", "/auth/me/export")
    assert exported.status_code == 200
    for word in (MARK, intruder.devices[0].user_id, *intruder.tenants, *intruder.sessions):
        assert word not in exported.text
    _check_invitation_is_gone(http, intruder)
    return victim


def _check_invitation_is_gone(http: httpx.Client, intruder: Intruder) -> None:
    """The intruder's organization has lost its only member: no one gets into it any more."""
    accomplice = new_person(http)
    eventually(lambda: accept(accomplice, intruder.invitation).status_code == 404)


@pytest.mark.parametrize("prove", [by_registration, by_reset, by_verification])
def test_a_stranger_registers_the_address(laptop: Laptop, http: httpx.Client, prove: Prove) -> None:
    """Whichever way the victim proves the address, the account is the victim's alone."""
    email = f"victim.{uuid4()}@example.com"
    intruder = intrude(http, email)
    prove(laptop, http, email)
    victim = check_nothing_is_left(http, email, intruder)
    entered = {name: me(victim)[name] for name in NAMES}
    assert entered == (NAMES if prove is by_registration else dict.fromkeys(NAMES, ""))


@pytest.mark.parametrize("prove", [by_registration, by_reset, by_verification])
def test_with_an_invitation_in_between(laptop: Laptop, http: httpx.Client, prove: Prove) -> None:
    """The stranger has the token that the inviter got, not the mailed one: it leads to no role that lasts."""
    email = f"victim.{uuid4()}@example.com"
    intruder = intrude(http, email)
    owner = new_person(http)
    acme = found(owner)
    assert switch(owner, acme).status_code == 200
    answer = accept(intruder.devices[1], invite(owner, acme, email, "admin")["token"])
    assert answer.json()["data"]["role"] == "member"
    assert switch(intruder.devices[1], acme).status_code == 200
    assert intruder.devices[1].call("GET", f"/tenants/{acme}/audit").status_code == 403
    intruder.sessions.append(_session(intruder.devices[1]))

    prove(laptop, http, email)

    victim = check_nothing_is_left(http, email, intruder)
    eventually(lambda: _member_ids(owner, acme) == [owner.user_id])
    again = invite(owner, acme, email, "admin")["token"]
    assert accept(victim, again).json()["data"]["role"] == "admin", "the address is proved"


def test_an_invitation_that_only_the_victim_accepts(laptop: Laptop, http: httpx.Client) -> None:
    """Its mailed token is the victim's, who gets the role; the stranger's account never had any."""
    email = f"victim.{uuid4()}@example.com"
    intruder = intrude(http, email)
    owner = new_person(http)
    acme = found(owner)
    assert switch(owner, acme).status_code == 200
    given = invite(owner, acme, email, "admin")["token"]
    mailed = Mailbox(laptop, email).next("invitations").token
    by_reset(laptop, http, email)
    victim = check_nothing_is_left(http, email, intruder)
    for device in intruder.devices:
        assert accept(device, given).status_code == 401
    assert accept(victim, mailed).json()["data"]["role"] == "admin"
    assert sorted(_member_ids(owner, acme)) == sorted([owner.user_id, str(me(victim)["userId"])])


def _member_ids(owner: Person, tenant_id: str) -> list[str]:
    members = owner.call("GET", f"/tenants/{tenant_id}/members").json()["data"]["members"]
    return [one["userId"] for one in members]


@pytest.fixture
def switched(tmp_path: Path) -> Iterator[Callable[[str], Laptop]]:
    """Starts the system over the same data with another kind of registration."""
    running: list[Laptop] = []

    def start_with(registration: str) -> Laptop:
        while running:
            running.pop().stop()
        running.append(start(tmp_path / "data", REGISTRATION=registration))
        running[0].start()
        running[0].wait_until_ready()
        return running[0]

    yield start_with
    while running:
        running.pop().stop()


def test_where_addresses_must_be_proved_first(switched: Callable[[str], Laptop]) -> None:
    """An account of before cannot log in without a proof, and its address is the victim's to register."""
    email = f"victim.{uuid4()}@example.com"
    with client(switched("open")) as http:
        intruder = intrude(http, email)
    laptop = switched("verified")
    with client(laptop) as http:
        for device in intruder.devices:
            device.http = http
        refused = try_login(http, email, PASSWORD)
        assert (refused.status_code, error_of(refused)["code"]) == (403, "EMAIL_NOT_VERIFIED")
        by_verified_registration(laptop, http, email)
        assert_locked_out(intruder.devices)
        victim = logged_in(http, email, OWN_PASSWORD)
        assert {name: me(victim)[name] for name in NAMES} == NAMES
        assert list(victim.sessions()) == []
        assert MARK not in victim.call("GET", "/auth/me/export").text
