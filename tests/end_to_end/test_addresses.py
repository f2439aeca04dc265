"""Addresses that are proved and changed, and passwords that are reset, by the emails in the folder."""

from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.account import (
    NEW_PASSWORD,
    activity,
    assert_locked_out,
    change,
    forgot,
    logged_in,
    me,
    reset,
    try_login,
    undo,
    verify,
)
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, error_of, log_in, new_person
from tools.laptop import Laptop


@pytest.fixture
def mails(laptop: Laptop, person: Person) -> Mailbox:
    """The emails to the person."""
    return Mailbox(laptop, person.email)


def test_verified_by_link(http: httpx.Client, person: Person, mails: Mailbox) -> None:
    """The link proves the address of a user who is logged in; every login and the names stay."""
    other = log_in(http, person)
    assert me(person)["emailVerified"] is False
    answer = verify(http, person, token=mails.next("verify-email").token)
    assert (answer.status_code, answer.json()["data"]) == (200, me(person))
    for device in (person, other):
        found = me(device)
        assert (found["emailVerified"], found["firstName"]) == (True, "Ada")
    assert "email.verified" in activity(person)


def test_verified_by_code(http: httpx.Client, person: Person, mails: Mailbox) -> None:
    """The code is typed beside the address; case, blanks and hyphens do not matter."""
    code = mails.next("verify-email").code
    typed = f" {code.replace('-', '').lower()} "
    assert verify(http, person, email=person.email.upper(), code=typed).status_code == 200
    assert me(person)["emailVerified"] is True


def test_verified_after_another_email(http: httpx.Client, person: Person, mails: Mailbox) -> None:
    """An email that is asked for once more proves the address; the earlier one is then not good."""
    first = mails.next("verify-email")
    assert person.call("POST", "/auth/email/verification", {}).status_code == 202
    again = mails.next("verify-email")
    assert again.token != first.token
    assert verify(http, person, token=again.token).status_code == 200
    assert verify(http, person, token=first.token).status_code == 403


def test_verified_without_a_login(http: httpx.Client, person: Person, mails: Mailbox) -> None:
    """A reader of the mailbox without a login sets a password, and the account starts over."""
    mail = mails.next("verify-email")
    asked = verify(http, token=mail.token)
    assert (asked.status_code, error_of(asked)["code"]) == (403, "NEW_PASSWORD_NEEDED")
    assert me(person)["emailVerified"] is False
    answer = verify(http, token=mail.token, newPassword=NEW_PASSWORD)
    assert answer.status_code == 200, answer.text
    new = answer.json()["data"]
    assert new["userId"] != person.user_id
    assert (new["emailVerified"], new["firstName"]) == (True, "")
    assert_locked_out([person])
    assert try_login(http, person.email, PASSWORD).status_code == 401
    assert me(logged_in(http, person.email, NEW_PASSWORD)) == new


def test_a_link_is_not_spent_by_a_look(http: httpx.Client, person: Person, mails: Mailbox) -> None:
    """Programs that open the links of emails spend nothing: GET is no route."""
    token = mails.next("verify-email").token
    for _ in range(2):
        path = "/api/v5/auth/email/verify"
        assert http.get(path, params={"token": token}).status_code == 405
    assert verify(http, person, token=token).status_code == 200


@pytest.mark.parametrize("by", ["link", "code"])
def test_a_forgotten_password(http: httpx.Client, person: Person, mails: Mailbox, by: str) -> None:
    """A reset ends all logins in every service; only the new password logs in."""
    assert verify(http, person, token=mails.next("verify-email").token).status_code == 200
    other = log_in(http, person)
    session = person.call("POST", "/sessions", {"name": "kept"}).json()["data"]["sessionId"]
    forgot(http, person.email.upper())
    mail = mails.next("reset-password")
    proof = {"token": mail.token} if by == "link" else {"email": person.email, "code": mail.code}
    answer = reset(http, **proof)
    assert (answer.status_code, answer.json()["data"]) == (200, {})
    assert_locked_out([person, other])
    device = str(person.answer["deviceToken"])
    assert try_login(http, person.email, PASSWORD).status_code == 401
    assert try_login(http, person.email, PASSWORD, deviceToken=device).status_code == 401
    back = logged_in(http, person.email, NEW_PASSWORD)
    assert me(back)["userId"] == person.user_id
    assert back.call("GET", f"/sessions/{session}").status_code == 200
    assert {"password.reset", "login.failed"} < set(activity(back))
    assert "changed" in mails.next(subject="Your password was changed").text


def test_a_reset_of_an_account_that_is_not_proved(
    http: httpx.Client, person: Person, mails: Mailbox
) -> None:
    """It proves the address, and the account starts over: another person may have made it."""
    forgot(http, person.email)
    assert reset(http, token=mails.next("reset-password").token).status_code == 200
    assert_locked_out([person])
    new = logged_in(http, person.email, NEW_PASSWORD)
    assert me(new)["userId"] != person.user_id
    assert me(new)["emailVerified"] is True


def test_an_unknown_address_gets_no_email(laptop: Laptop, http: httpx.Client) -> None:
    """Whether there is an account with the address makes no difference to the answer."""
    email = f"{uuid4()}@example.com"
    forgot(http, email)
    known = new_person(http)
    forgot(http, known.email)
    Mailbox(laptop, known.email).next("reset-password")
    assert Mailbox(laptop, email).unread() == []


def test_a_change_of_address(
    laptop: Laptop, http: httpx.Client, person: Person, mails: Mailbox
) -> None:
    """Nothing changes until the new address is proved; an undo gives the old one back."""
    assert verify(http, person, token=mails.next("verify-email").token).status_code == 200
    other, email = log_in(http, person), f"new.{person.email}"
    change(person, email)
    proof, notice = Mailbox(laptop, email).next("change-email"), mails.next("undo-email")
    assert email not in notice.text
    assert me(person)["email"] == person.email
    answer = verify(http, person, token=proof.token)
    assert (answer.status_code, answer.json()["data"]["email"]) == (200, email)
    assert me(other)["email"] == email
    assert try_login(http, person.email, PASSWORD).status_code == 401
    assert try_login(http, email, PASSWORD).status_code == 200
    mails.next(subject="Your email address was changed")

    undone = undo(http, notice.token)
    assert (undone.status_code, undone.json()["data"]) == (200, {})
    assert_locked_out([person, other])
    for address in (email, person.email):
        assert try_login(http, address, PASSWORD).status_code == 401
    assert reset(http, token=mails.next("reset-password").token).status_code == 200
    back = logged_in(http, person.email, NEW_PASSWORD)
    assert (me(back)["userId"], me(back)["email"]) == (person.user_id, person.email)
    events = ["email.change_requested", "email.changed", "email.change_undone", "password.reset"]
    assert [event for event in activity(back) if event in events] == events


def test_a_change_to_the_address_of_another_account(
    laptop: Laptop, http: httpx.Client, person: Person
) -> None:
    """The answer is the same; the owner of the address is told, and the mail holds no proof."""
    owner = new_person(http)
    mails = Mailbox(laptop, owner.email)
    assert verify(http, owner, token=mails.next("verify-email").token).status_code == 200
    change(person, owner.email)
    mail = mails.next()
    assert (mail.page, mail.code) == ("", "")
    assert me(person)["email"] == person.email


def test_a_change_that_overtakes_an_unproved_account(
    laptop: Laptop, http: httpx.Client, person: Person
) -> None:
    """The person who proves an address owns it: an account that only claims it is removed."""
    email = f"wanted.{person.email}"
    squatter = new_person(http, email)
    change(person, email)
    token = Mailbox(laptop, email).next("change-email").token
    assert verify(http, person, token=token).status_code == 200
    assert_locked_out([squatter])
    assert me(person)["email"] == email
    assert me(logged_in(http, email, PASSWORD))["userId"] == person.user_id
