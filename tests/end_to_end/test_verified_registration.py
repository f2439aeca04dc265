"""REGISTRATION=verified: there is no account before its address is proved, and no answer tells of one."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from services.auth.one_time_tokens.model import Purpose
from tests.end_to_end.account import (
    NEW_PASSWORD,
    UNKNOWN_TOKEN,
    activity,
    forgot,
    logged_in,
    me,
    reset,
    same_bytes,
    try_login,
    undo,
    verify,
)
from tests.end_to_end.conftest import client, start
from tests.end_to_end.expiry import expire
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, error_of, registration
from tools.laptop import Laptop

REGISTER = "/api/v5/auth/register"


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system where addresses must be proved first."""
    with start(tmp_path_factory.mktemp("verified"), REGISTRATION="verified") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(verified: Laptop) -> Iterator[httpx.Client]:
    """A client of that system."""
    with client(verified) as opened:
        yield opened


@pytest.fixture
def email() -> str:
    """An address without an account."""
    return f"{uuid4()}@example.com"


@pytest.fixture
def mails(verified: Laptop, email: str) -> Mailbox:
    """The emails to the address."""
    return Mailbox(verified, email)


def _register(http: httpx.Client, email: str, **more: str) -> httpx.Response:
    return http.post(REGISTER, json=registration(email) | more)


def test_a_registration_by_link(http: httpx.Client, email: str, mails: Mailbox) -> None:
    """The link with the registered password makes the account as it was entered."""
    answer = _register(http, email)
    assert (answer.status_code, answer.json()["data"]) == (202, {})
    mail = mails.next("confirm-registration")
    unknown = try_login(http, f"other.{email}", PASSWORD)
    assert same_bytes(try_login(http, email, PASSWORD)) == same_bytes(unknown)
    asked = verify(http, token=mail.token)
    assert (asked.status_code, error_of(asked)["code"]) == (403, "NEW_PASSWORD_NEEDED")
    proved = verify(http, token=mail.token, newPassword=PASSWORD)
    assert proved.status_code == 200, proved.text
    person = logged_in(http, email, PASSWORD)
    assert me(person) == proved.json()["data"]
    assert (me(person)["firstName"], me(person)["emailVerified"]) == ("Ada", True)
    assert person.call("POST", "/sessions", {}).status_code == 201
    assert {"account.created", "login.started"} <= set(activity(person))


def test_a_registration_by_code(http: httpx.Client, email: str, mails: Mailbox) -> None:
    """Another password than the registered one is the account's, without the names that were entered."""
    assert _register(http, email).status_code == 202
    code = mails.next("confirm-registration").code
    proved = verify(http, email=email, code=code, newPassword=NEW_PASSWORD)
    assert proved.status_code == 200, proved.text
    assert try_login(http, email, PASSWORD).status_code == 401
    assert me(logged_in(http, email, NEW_PASSWORD))["firstName"] == ""


def test_every_address_gets_the_same_answer(http: httpx.Client, email: str, mails: Mailbox) -> None:
    """Unknown, waiting for its proof, or of an account: the mailbox alone learns the difference."""
    answers = [_register(http, email), _register(http, email)]
    token = mails.next("confirm-registration").token
    # Before the proof: an email that is sent after it tells of the account instead.
    mails.next("confirm-registration")
    assert verify(http, token=token, newPassword=PASSWORD).status_code == 200
    answers.append(_register(http, email, password=NEW_PASSWORD))
    assert len({same_bytes(answer) for answer in answers}) == 1
    told = mails.next()
    assert (told.page, told.code) == ("", "")
    assert try_login(http, email, NEW_PASSWORD).status_code == 401
    assert try_login(http, email, PASSWORD).status_code == 200


def test_a_repeat_mails_once(http: httpx.Client, email: str, mails: Mailbox) -> None:
    """A repeat with the same idempotency key is answered alike, and mails nothing."""
    key = {"idempotency-key": str(uuid4())}
    for _ in range(3):
        answer = http.post(REGISTER, json=registration(email), headers=key)
        assert answer.status_code == 202
    mails.next("confirm-registration")
    assert mails.find(seconds=0.5) is None


def test_a_refused_proof(verified: Laptop, http: httpx.Client, email: str, mails: Mailbox) -> None:
    """Used, expired, of another purpose or address: the answer to a token that was never made."""
    wrong = same_bytes(verify(http, token=UNKNOWN_TOKEN))
    other = f"other.{email}"
    for address in (email, other):
        assert _register(http, address).status_code == 202
    mail = mails.next("confirm-registration")
    with_password = {"newPassword": PASSWORD}
    refused = [
        reset(http, token=mail.token),
        reset(http, email=email, code=mail.code),
        undo(http, mail.token),
        verify(http, email=other, code=mail.code, **with_password),
    ]
    assert verify(http, token=mail.token, **with_password).status_code == 200
    refused += [
        verify(http, token=mail.token, **with_password),
        verify(http, email=email, code=mail.code, **with_password),
    ]
    late = Mailbox(verified, other).next("confirm-registration")
    expire(verified, other, Purpose.REGISTER)
    refused += [
        verify(http, token=late.token, **with_password),
        verify(http, email=other, code=late.code, **with_password),
    ]
    person = logged_in(http, email, PASSWORD)
    refused.append(verify(http, person, token=late.token, **with_password))
    assert {same_bytes(answer) for answer in refused} == {wrong}
    assert try_login(http, other, PASSWORD).status_code == 401


def test_a_reset_makes_no_account(http: httpx.Client, email: str, mails: Mailbox) -> None:
    """An address whose registration waits for its proof has no account: no reset is mailed to it."""
    assert _register(http, email).status_code == 202
    mails.next("confirm-registration")
    forgot(http, email)
    assert mails.find(seconds=0.5) is None


def test_a_registration_waits_beside_another(
    http: httpx.Client, email: str, mails: Mailbox
) -> None:
    """A stranger's registration does not stand in the way: each link makes the account that was entered."""
    assert _register(http, email, password=NEW_PASSWORD, firstName="Mallory").status_code == 202
    mails.next("confirm-registration")
    assert _register(http, email).status_code == 202
    token = mails.next("confirm-registration").token
    assert verify(http, token=token, newPassword=PASSWORD).status_code == 200
    assert me(logged_in(http, email, PASSWORD))["firstName"] == "Ada"
    assert try_login(http, email, NEW_PASSWORD).status_code == 401
