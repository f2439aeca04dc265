"""Second factors over HTTP: setup, login, further proofs, removal, and recovery."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx

from kernel.storage import Store, Write
from services.auth.factors.repository import RECOVERIES
from tests.end_to_end.account import (
    NEW_PASSWORD,
    activity,
    assert_locked_out,
    forgot,
    logged_in,
    reset,
    try_login,
)
from tests.end_to_end.conftest import client
from tests.end_to_end.examination import examined
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, error_of
from tests.end_to_end.second_factor import (
    age_proofs,
    answer,
    challenge,
    change,
    claims,
    data_of,
    equipped,
    log_in,
    refresh,
    set_up,
)
from tools.laptop import Laptop


def code_of(refused: httpx.Response) -> tuple[int, str]:
    """Status and reason of an error."""
    return refused.status_code, error_of(refused)["code"]


def test_an_authenticator_app(laptop: Laptop, http: httpx.Client) -> None:
    """Set up, asked for at the next login, good once, and named in the tokens."""
    person, app, codes = equipped(laptop, http)
    assert claims(person)["acr"] == "aal2"
    assert set(claims(person)["amr"]) == {"pwd", "otp", "mfa"}
    assert len(codes) == 10

    asked = challenge(http, person.email)
    assert asked["kinds"] == ["totp", "recovery_codes"]
    assert code_of(answer(http, asked["token"], code="000000")) == (403, "SECOND_FACTOR_WRONG")
    shown = app.code()
    data = data_of(answer(http, asked["token"], code=shown))
    assert data["user"]["secondFactor"] is True
    assert code_of(answer(http, asked["token"], code=app.code())) == (403, "CHALLENGE_INVALID")
    again = challenge(http, person.email)["token"]
    assert code_of(answer(http, again, code=shown)) == (403, "SECOND_FACTOR_WRONG")
    assert {"second_factor.failed", "factor.added"} <= set(activity(person))


def test_requests_that_show_nothing_or_two_things(laptop: Laptop, http: httpx.Client) -> None:
    """They are refused before anything is looked at, and name the fields."""
    person, _, codes = equipped(laptop, http)
    token = challenge(http, person.email)["token"]
    for shown in ({}, {"code": "1", "recoveryCode": codes[0]}, {"code": "1", "credential": {}}):
        assert code_of(answer(http, token, **shown)) == (400, "INVALID_REQUEST")
    for body in ({}, {"password": PASSWORD, "code": "1"}):
        refused = person.call("POST", "/auth/reauthenticate", body)
        assert code_of(refused) == (400, "INVALID_REQUEST")
    log_in(http, person.email, recoveryCode=codes[0])


def test_a_proof_again(laptop: Laptop, http: httpx.Client) -> None:
    """An hour later, what matters needs the second factor again; a password does not do."""
    person, app, codes = equipped(laptop, http)
    age_proofs(laptop, person)
    refresh(person)
    factor = f"/auth/factors/{app.factor_id}"
    sensitive = [
        ("POST", "/auth/password", {"currentPassword": PASSWORD, "newPassword": "x" * 40}),
        ("DELETE", "/auth/me", {"password": PASSWORD}),
        ("GET", "/auth/me/export", None),
        ("POST", "/auth/email", {"newEmail": "new@example.com"}),
        ("POST", "/auth/logout-all", {}),
        ("PATCH", factor, {"name": "Old phone"}),
        ("DELETE", factor, None),
        ("POST", "/auth/factors/totp", {"name": "Tablet"}),
        ("POST", "/auth/factors/passkeys/options", {}),
        ("POST", "/auth/factors/recovery-codes", {}),
    ]
    for method, path, body in sensitive:
        refused = person.call(method, path, body)
        assert code_of(refused) == (403, "REAUTHENTICATION_REQUIRED"), path
        (detail,) = error_of(refused)["details"]
        assert detail["metadata"] == {"maxAgeSeconds": "300", "proof": "second_factor"}
    password = person.call("POST", "/auth/reauthenticate", {"password": PASSWORD})
    assert code_of(password) == (403, "SECOND_FACTOR_REQUIRED")
    wrong = person.call("POST", "/auth/reauthenticate", {"code": "000000"})
    assert code_of(wrong) == (403, "SECOND_FACTOR_WRONG")
    fresh = person.call("POST", "/auth/reauthenticate", {"recoveryCode": codes[0]})
    person.tokens |= data_of(fresh)["tokens"]
    assert claims(person)["acr"] == "aal2"
    assert person.call("PATCH", factor, {"name": "Old phone"}).status_code == 200


def test_a_user_without_a_second_factor(http: httpx.Client, person: Person) -> None:
    """Deletes the account with the password in the request, as ever."""
    listed = data_of(person.call("GET", "/auth/factors"))
    assert listed == {"factors": []}
    refused = person.call("POST", "/auth/factors/recovery-codes", {})
    assert code_of(refused) == (400, "NO_SECOND_FACTOR")
    assert person.call("DELETE", "/auth/me", {"password": PASSWORD}).status_code == 200
    assert try_login(http, person.email, PASSWORD).status_code == 401


def test_factors_are_listed_exported_and_removed(laptop: Laptop, http: httpx.Client) -> None:
    """The export names them without a secret; after the last one, a password alone logs in."""
    person, app, codes = equipped(laptop, http)
    second, none = set_up(person, "Tablet")
    assert none == []
    listed = data_of(person.call("GET", "/auth/factors"))["factors"]
    assert sorted(factor["kind"] for factor in listed) == ["recovery_codes", "totp", "totp"]
    exported = person.call("GET", "/auth/me/export").text
    lines = [json.loads(line) for line in exported.splitlines()]
    kinds = [line["factorKind"] for line in lines if line["kind"] == "factor"]
    assert sorted(kinds) == ["recovery_codes", "totp", "totp"]
    assert codes[0] not in exported
    for status in (200, 404):
        assert person.call("DELETE", f"/auth/factors/{app.factor_id}").status_code == status
    assert person.call("DELETE", f"/auth/factors/{second.factor_id}").status_code == 200
    assert person.call("GET", "/auth/me").status_code == 401
    alone = logged_in(http, person.email, PASSWORD)
    assert claims(alone)["acr"] == "aal1"
    assert data_of(alone.call("GET", "/auth/factors")) == {"factors": []}


def test_an_intruder_sets_up_an_app(laptop: Laptop, http: httpx.Client) -> None:
    """The link in the notice takes the account back."""
    intruder, _, _ = equipped(laptop, http)
    mailbox = Mailbox(laptop, intruder.email)
    body = {"token": mailbox.next("undo-factor").token}
    assert http.post("/api/v5/auth/factors/undo", json=body).status_code == 200
    assert_locked_out([intruder])
    assert reset(http, token=mailbox.next("reset-password").token).status_code == 200
    owner = logged_in(http, intruder.email, NEW_PASSWORD)
    assert data_of(owner.call("GET", "/auth/factors")) == {"factors": []}
    assert error_of(http.post("/api/v5/auth/factors/undo", json=body))["code"] == (
        "ONE_TIME_TOKEN_INVALID"
    )


def test_a_reset_does_not_take_the_second_factor_away(laptop: Laptop, http: httpx.Client) -> None:
    """A person who reads the emails sets a password, and is asked for the factor."""
    person, app, _ = equipped(laptop, http)
    forgot(http, person.email)
    mail = Mailbox(laptop, person.email).next("reset-password")
    assert reset(http, token=mail.token).status_code == 200
    asked = challenge(http, person.email, "a notebook full of punched cards")
    assert answer(http, asked["token"], code=app.code()).status_code == 200


def test_a_recovery(own_laptop: Laptop) -> None:
    """With password, email and waiting time; the notice says when, and a login before cancels it."""
    with client(own_laptop) as http:
        person, _, codes = equipped(own_laptop, http)
        mailbox = Mailbox(own_laptop, person.email)
        for cancelled in (True, False):
            _begin_recovery(http, person, mailbox)
            if cancelled:
                log_in(http, person.email, recoveryCode=codes[0])
                assert mailbox.next(subject="Your second factors stay")
        change(own_laptop, lambda store: _let_pass(store, UUID(person.user_id)))
        assert challenge(http, person.email)["recoveryTime"]
        assert data_of(_proved(http, person, mailbox)) == {}
        back = logged_in(http, person.email, PASSWORD)
        assert data_of(back.call("GET", "/auth/factors")) == {"factors": []}
        assert person.call("GET", "/auth/me").status_code == 401
        assert mailbox.next(subject="Your second factors were removed")
        assert "factors.recovered" in activity(back)
        examined(own_laptop.settings.store)


def _begin_recovery(http: httpx.Client, person: Person, mailbox: Mailbox) -> None:
    due = data_of(_proved(http, person, mailbox))["recoveryTime"]
    assert challenge(http, person.email)["recoveryTime"] == due
    notice = mailbox.next(subject="Your second factors are about to be removed")
    assert "Possible from: " in notice.text


def _proved(http: httpx.Client, person: Person, mailbox: Mailbox) -> httpx.Response:
    """Asks for the email of a recovery, and proves the address with it, once."""
    body = {"challengeToken": challenge(http, person.email)["token"]}
    asked = http.post("/api/v5/auth/factors/recovery", json=body)
    assert (asked.status_code, asked.json()["data"]) == (202, {})
    body = {"token": mailbox.next("recover-factors").token}
    path = "/api/v5/auth/factors/recovery/confirm"
    proved = http.post(path, json=body)
    assert code_of(http.post(path, json=body)) == (403, "ONE_TIME_TOKEN_INVALID")
    return proved


async def _let_pass(store: Store, user_id: UUID) -> None:
    """Makes the waiting time of a recovery end now."""

    async def let_pass(tx: Write) -> None:
        recovery = await RECOVERIES.get(tx, user_id)
        assert recovery is not None
        passed = recovery.recovery_time - timedelta(days=3)
        await RECOVERIES.put(tx, replace(recovery, recovery_time=passed))

    await store.write(let_pass)
