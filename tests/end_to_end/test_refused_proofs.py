"""Secrets that are no good: used, expired, of another purpose, of another user. All get one answer."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from services.auth.one_time_tokens.model import Purpose
from tests.end_to_end.account import (
    UNKNOWN_TOKEN,
    change,
    forgot,
    me,
    reset,
    same_bytes,
    undo,
    verify,
)
from tests.end_to_end.expiry import expire
from tests.end_to_end.mailbox import Mail, Mailbox
from tests.end_to_end.person import Person, error_of, new_person
from tools.laptop import Laptop

NEVER_MADE = "0000-0000"


@pytest.fixture
def mails(laptop: Laptop, person: Person) -> Mailbox:
    """The emails to the person."""
    return Mailbox(laptop, person.email)


@pytest.fixture
def wrong(http: httpx.Client) -> bytes:
    """The one answer, which a token gets that was never made."""
    answer = verify(http, token=UNKNOWN_TOKEN)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "ONE_TIME_TOKEN_INVALID")
    return same_bytes(answer)


def _everywhere(http: httpx.Client, who: Person, email: str, mail: Mail) -> Iterator[bytes]:
    """What a secret gets at every route that takes one, as link and as code."""
    for proof in ({"token": mail.token}, {"email": email, "code": mail.code}):
        yield same_bytes(verify(http, who, **proof))
        yield same_bytes(verify(http, newPassword="a notebook of punched cards", **proof))
        yield same_bytes(reset(http, **proof))
    yield same_bytes(undo(http, mail.token))


def _after_reset(http: httpx.Client, person: Person) -> Person:
    """A login after a reset."""
    body = {"email": person.email, "password": "a notebook full of punched cards"}
    data = http.post("/api/v5/auth/login", json=body).json()["data"]
    return replace(person, answer=data, tokens=data["tokens"])


def test_a_used_secret(http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes) -> None:
    """Each is good once, also where it is presented in another form or at another route."""
    mail = mails.next("verify-email")
    assert verify(http, person, token=mail.token).status_code == 200
    assert set(_everywhere(http, person, person.email, mail)) == {wrong}
    forgot(http, person.email)
    mail = mails.next("reset-password")
    assert reset(http, email=person.email, code=mail.code).status_code == 200
    person = _after_reset(http, person)
    assert set(_everywhere(http, person, person.email, mail)) == {wrong}
    change(person, f"new.{person.email}")
    mail = mails.next("undo-email")
    assert undo(http, mail.token).status_code == 200
    assert same_bytes(undo(http, mail.token)) == wrong


def test_a_secret_of_another_purpose(
    laptop: Laptop, http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes
) -> None:
    """A secret does what its email says, and nothing else."""
    proof = mails.next("verify-email")
    for answer in (
        reset(http, token=proof.token),
        reset(http, email=person.email, code=proof.code),
        undo(http, proof.token),
    ):
        assert same_bytes(answer) == wrong
    assert verify(http, person, token=proof.token).status_code == 200, "it is still good"
    forgot(http, person.email)
    recovery = mails.next("reset-password")
    for answer in (
        verify(http, person, token=recovery.token),
        verify(http, person, email=person.email, code=recovery.code),
        undo(http, recovery.token),
    ):
        assert same_bytes(answer) == wrong
    email = f"new.{person.email}"
    change(person, email)
    changed, notice = Mailbox(laptop, email).next("change-email"), mails.next("undo-email")
    for answer in (
        undo(http, changed.token),
        reset(http, token=changed.token),
        reset(http, token=notice.token),
        verify(http, person, token=notice.token),
    ):
        assert same_bytes(answer) == wrong
    assert notice.code == "", "an undo has a link alone"
    assert me(person)["email"] == person.email
    assert reset(http, token=recovery.token).status_code == 200, "it is still good"


def test_a_secret_of_another_user(
    laptop: Laptop, http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes
) -> None:
    """Who is logged in to another account, or types another address, gets the same answer."""
    other = new_person(http)
    mail = mails.next("verify-email")
    for answer in (
        verify(http, other, token=mail.token),
        verify(http, other, email=person.email, code=mail.code),
        verify(http, other, email=other.email, code=mail.code),
        verify(http, email=other.email, code=mail.code, newPassword="a notebook of punched cards"),
    ):
        assert same_bytes(answer) == wrong
    email = f"new.{person.email}"
    change(person, email)
    proof = Mailbox(laptop, email).next("change-email")
    assert same_bytes(verify(http, other, token=proof.token)) == wrong
    assert same_bytes(verify(http, other, email=email, code=proof.code)) == wrong
    forgot(http, person.email)
    recovery = mails.next("reset-password")
    assert same_bytes(reset(http, email=other.email, code=recovery.code)) == wrong
    for one in (person, other):
        assert me(one)["emailVerified"] is False
    assert verify(http, person, token=mail.token).status_code == 200, "it is still good"


def test_an_expired_secret(
    laptop: Laptop, http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes
) -> None:
    """A secret whose time is over gets the answer of one that was never made."""
    email = f"new.{person.email}"
    proof = mails.next("verify-email")
    forgot(http, person.email)
    recovery = mails.next("reset-password")
    change(person, email)
    changed = Mailbox(laptop, email).next("change-email")
    expire(laptop, person.email, Purpose.VERIFY_EMAIL, Purpose.RESET_PASSWORD)
    expire(laptop, email, Purpose.CHANGE_EMAIL)
    for address, mail in ((person.email, proof), (person.email, recovery), (email, changed)):
        assert set(_everywhere(http, person, address, mail)) == {wrong}
    assert me(person)["emailVerified"] is False


def test_an_expired_undo(
    laptop: Laptop, http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes
) -> None:
    """A change can be undone until the link in the notice expires."""
    assert verify(http, person, token=mails.next("verify-email").token).status_code == 200
    change(person, f"new.{person.email}")
    notice = mails.next("undo-email")
    expire(laptop, person.email, Purpose.UNDO_EMAIL)
    assert same_bytes(undo(http, notice.token)) == wrong
    assert me(person)["email"] == person.email


def test_a_malformed_secret(http: httpx.Client, person: Person, wrong: bytes) -> None:
    """What is no token and no code at all gets the same answer as a wrong one."""
    for token in ("a", "A" * 42, "A" * 44, "ä" * 43, "=" * 43, " " * 43, "A" * 4000):
        for answer in (
            verify(http, person, token=token), reset(http, token=token), undo(http, token),
        ):  # fmt: skip
            assert same_bytes(answer) == wrong
    for code in ("0", NEVER_MADE, "UUUU-UUUU", "ÄÄÄÄÄÄÄÄ", "0" * 4000):
        assert same_bytes(verify(http, person, email=person.email, code=code)) == wrong


def test_a_code_after_five_wrong_ones(
    http: httpx.Client, person: Person, mails: Mailbox, wrong: bytes
) -> None:
    """Five wrong codes end the code, not the link: who guesses does not keep the owner out."""
    mail = mails.next("verify-email")
    for _ in range(5):
        assert same_bytes(verify(http, person, email=person.email, code=NEVER_MADE)) == wrong
    assert same_bytes(verify(http, person, email=person.email, code=mail.code)) == wrong
    assert verify(http, person, token=mail.token).status_code == 200
