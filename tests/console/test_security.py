"""The page of passwords, second factors and recovery codes."""

import re

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, Route, expect

from tests.console.conftest import log_in
from tests.console.passkeys import Passkeys
from tests.console.screen import Screen
from tests.end_to_end.account import NEW_PASSWORD, try_login
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.person import log_in as log_in_elsewhere
from tests.end_to_end.second_factor import age_proofs, answer, challenge, set_up
from tests.end_to_end.second_factor import equipped as equipped_by_api
from tools.laptop import Laptop

CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b")
PROOF = "Please confirm that it is you"


@pytest.fixture
def security(logged_in: Screen) -> Screen:
    """A tab at the page of a user without a second factor."""
    logged_in.open("/account/security")
    logged_in.see("None yet.")
    return logged_in


def equipped(screen: Screen, person: Person) -> Screen:
    """The same page after the user has set up a passkey."""
    Passkeys(screen)
    log_in(screen, person)
    screen.open("/account/security")
    screen.press("Add a passkey")
    screen.fill("Name", "Laptop")
    screen.press("Create the passkey")
    screen.press("I have kept them")
    return screen


def test_the_password_is_changed(security: Screen, person: Person, http: httpx.Client) -> None:
    """A wrong current one and a weak new one are refused. Other devices are logged out, this one is not."""
    other = log_in_elsewhere(http, person)
    security.fill("Current password", "not the password at all")
    security.fill("New password", NEW_PASSWORD)
    security.press("Change the password")
    security.see("Request ")
    security.fill("Current password", PASSWORD)
    security.fill("New password", "short")
    security.press("Change the password")
    security.do(lambda page: page.locator(".fault").first.wait_for())
    security.fill("New password", NEW_PASSWORD)
    security.press("Change the password")
    security.see("The password is changed.")
    security.see_value("New password", "")
    assert other.call("GET", "/auth/me").status_code == 401
    assert try_login(http, person.email, NEW_PASSWORD).status_code == 200
    security.follow("Devices")
    security.see("This device")


def test_an_authenticator_app_is_set_up(
    security: Screen, person: Person, http: httpx.Client
) -> None:
    """By a QR code that is drawn in the page, or by the key; a wrong code is refused. Then a login asks for it."""
    security.press("Add an authenticator app")
    security.fill("Name", "<i>Phone</i>")
    security.press("Continue")
    security.see("Scan this code")
    drawn = security.do(lambda page: page.get_by_label("QR code").locator("path"))
    security.do(lambda _: expect(drawn).to_have_count(1))
    app = pyotp.TOTP(security.secret_in("Or type this key"))
    security.fill("Code", "000000")
    security.press("Confirm")
    security.see("Request ")
    security.fill("Code", app.now())
    security.press("Confirm")
    security.see("They are shown only now.")
    codes = CODE.findall(security.text())
    assert len(codes) == 10
    assert app.secret not in security.text()
    security.press("I have kept them")
    security.see("<i>Phone</i>")
    security.see("10 codes left")
    token = challenge(http, person.email)["token"]
    assert answer(http, token, recoveryCode=codes[0]).status_code == 200
    kept = security.kept() + " ".join(security.messages) + " ".join(security.requests)
    assert app.secret not in kept
    assert codes[0] not in kept


def test_a_passkey_is_created_and_logs_in(screen: Screen, person: Person) -> None:
    """With the name that the browser suggests; afterwards the user logs in by the passkey alone."""
    Passkeys(screen)
    log_in(screen, person)
    screen.open("/account/security")
    screen.press("Add a passkey")
    screen.see_value("Name", "Chrome on Linux")
    screen.press("Create the passkey")
    screen.see("They are shown only now.")
    screen.press("I have kept them")
    screen.press("Log out")
    screen.see_heading("Log in")
    screen.press("Log in with a passkey")
    screen.see_heading("Sessions")


def test_a_passkey_that_exists_already_is_said(screen: Screen, person: Person) -> None:
    """The browser refuses to make a second one, and the dialog says so."""
    equipped(screen, person)
    screen.press("Add a passkey")
    screen.press("Create the passkey")
    screen.do(lambda page: page.get_by_role("alert").wait_for())
    screen.see_heading("Add a passkey")


def test_recovery_codes_stay_until_the_user_says_so(security: Screen, person: Person) -> None:
    """Escape does not close them. They can be copied and saved, and paper shows nothing else."""
    security.do(lambda page: page.context.grant_permissions(["clipboard-read", "clipboard-write"]))
    Passkeys(security)
    security.press("Add a passkey")
    security.press("Create the passkey")
    security.see("They are shown only now.")
    codes = CODE.findall(security.text())
    security.type("Escape")
    security.see("They are shown only now.")
    name, text = security.saved("Save as a file")
    assert name == "coditect-recovery-codes.txt"
    assert CODE.findall(text) == codes
    assert person.email in text
    security.press("Copy: Recovery codes")
    security.see("Copied.")
    copied = security.do(lambda page: page.evaluate("navigator.clipboard.readText()"))
    assert CODE.findall(copied) == codes
    security.do(lambda page: page.emulate_media(media="print"))
    printed = security.text()
    assert CODE.findall(printed) == codes
    assert "I have kept them" not in printed
    assert "Current password" not in printed
    security.do(lambda page: page.emulate_media(media="screen"))
    security.press("I have kept them")
    security.see_no("They are shown only now.")
    assert CODE.findall(security.text()) == []


def test_new_recovery_codes_replace_the_old_ones(
    screen: Screen, person: Person, http: httpx.Client
) -> None:
    """The page asks first. The codes of before are refused afterwards."""
    app, before = set_up(person)
    screen.open("/login")
    screen.fill("Email address", person.email)
    screen.fill("Password", PASSWORD)
    screen.press("Log in")
    screen.fill("Code", app.code())
    screen.press("Confirm")
    screen.see_heading("Sessions")
    screen.open("/account/security")
    screen.press("Make new codes")
    screen.press("Make new codes", within="The codes you have now stop working.")
    screen.see("They are shown only now.")
    after = CODE.findall(screen.text())
    assert len(after) == 10
    assert not set(after) & set(before)
    token = challenge(http, person.email)["token"]
    assert answer(http, token, recoveryCode=before[0]).status_code == 403
    assert answer(http, token, recoveryCode=after[0]).status_code == 200


def test_a_factor_is_renamed_after_a_recent_proof(
    screen: Screen, person: Person, laptop: Laptop
) -> None:
    """An old login is asked for the second factor, not for the password alone."""
    equipped(screen, person)
    age_proofs(laptop, person)
    screen.do(lambda page: page.reload())
    screen.press("Rename: Laptop")
    screen.fill("Name", "Work laptop")
    screen.press("Rename", within="Rename “Laptop”")
    screen.see_heading(PROOF)
    screen.press("Use a passkey", within=PROOF)
    screen.see("The name is changed.")
    screen.see("Work laptop")


def test_the_last_factor_goes_with_every_login(
    screen: Screen, person: Person, http: httpx.Client
) -> None:
    """The dialog says so before; afterwards the password alone logs in."""
    equipped(screen, person)
    screen.press("Remove: Laptop")
    screen.see("This is your last second factor")
    screen.press("Cancel")
    screen.press("Remove: Laptop")
    screen.press("Remove", within="This is your last second factor")
    screen.see_heading("Log in")
    assert try_login(http, person.email, PASSWORD).json()["data"]["tokens"]


def test_one_of_two_factors_is_removed(screen: Screen, person: Person) -> None:
    """The login goes on, and no further recovery codes come with the second factor."""
    equipped(screen, person)
    screen.press("Add an authenticator app")
    screen.press("Continue")
    screen.fill("Code", pyotp.TOTP(screen.secret_in("Or type this key")).now())
    screen.press("Confirm")
    screen.see("The second factor is set up.")
    screen.press("Remove: Laptop")
    screen.see("It cannot be used to log in any more")
    screen.press("Remove", within="It cannot be used to log in any more")
    screen.see("The factor is removed.")
    screen.see_no("Laptop")
    screen.see("My phone")


def test_a_recovery_that_an_intruder_has_started_is_cancelled(
    screen: Screen, laptop: Laptop, http: httpx.Client
) -> None:
    """The page shows when it would remove the factors; one of them cancels it."""
    person, app, _ = equipped_by_api(laptop, http)
    token = challenge(http, person.email)["token"]
    begun = http.post("/api/v5/auth/factors/recovery", json={"challengeToken": token})
    assert begun.status_code == 202, begun.text
    mail = Mailbox(laptop, person.email).next("recover-factors")
    proved = http.post("/api/v5/auth/factors/recovery/confirm", json={"token": mail.token})
    assert proved.status_code == 200, proved.text
    keep_login(screen, person)
    screen.see("A recovery of lost second factors is under way.")
    screen.press("Cancel the recovery")
    screen.fill("Code", app.code())
    screen.press("Confirm")
    screen.see("The recovery is cancelled.")
    screen.see_no("under way")


def keep_login(screen: Screen, person: Person) -> None:
    """Opens the page in a tab with the login that a person has: a new one would cancel a recovery."""
    cookie = {
        "name": "__Host-coditect_refresh",
        "value": person.tokens["refreshToken"],
        "url": screen.url.replace("http:", "https:"),
        "secure": True,
        "httpOnly": True,
        "sameSite": "Strict",
    }
    screen.do(lambda page: page.context.add_cookies([cookie]))
    screen.open("/account/security")


def test_a_list_that_cannot_be_loaded_can_be_asked_for_again(security: Screen) -> None:
    """The rest of the page is there, and the error says what happened."""

    def block(page: Page) -> None:
        page.route("**/api/v5/auth/factors", lambda route: route.abort())
        page.reload()

    security.do(block)
    security.see("The server cannot be reached.")
    security.see("Current password")
    security.do(lambda page: page.unroute("**/api/v5/auth/factors"))
    security.press("Try again")
    security.see("None yet.")


def test_an_svg_that_is_more_than_squares_is_not_drawn(security: Screen) -> None:
    """Only the path of lines gets into the page; the key can be typed all the same."""
    hostile = '<svg xmlns="http://www.w3.org/2000/svg" width="9"><script>alert(1)</script><path d="M0 0 url(x)"/></svg>'

    def intercept(page: Page) -> None:
        def change(route: Route) -> None:
            response = route.fetch()
            body = response.json()
            body["data"]["qrSvg"] = hostile
            route.fulfill(response=response, json=body)

        page.route("**/api/v5/auth/factors/totp", change)

    security.do(intercept)
    security.press("Add an authenticator app")
    security.press("Continue")
    security.see("Or type this key")
    assert security.do(lambda page: page.get_by_label("QR code").count()) == 0
    assert security.do(lambda page: page.locator("main script, [role=dialog] script").count()) == 0
