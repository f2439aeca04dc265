"""Passkeys in Chromium: what browsers send, what they refuse, and what the product must refuse."""

from typing import Any

import httpx
import pytest

from tests.end_to_end.browser import (
    Refused,
    Tab,
    VirtualAuthenticator,
    add_passkey,
    log_in_with,
    login_options,
)
from tests.end_to_end.person import Person, error_of, new_person
from tests.end_to_end.second_factor import age_proofs, answer, challenge, claims, data_of, refresh
from tools.laptop import Laptop

INVALID = (403, "PASSKEY_INVALID")
WRONG = (403, "SECOND_FACTOR_WRONG")


@pytest.fixture
def authenticator(tab: Tab) -> VirtualAuthenticator:
    """The authenticator of the machine."""
    return VirtualAuthenticator(tab)


@pytest.fixture
def owner(web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator) -> Person:
    """A user with one passkey, in that authenticator."""
    assert authenticator is not None
    person = new_person(web)
    add_passkey(tab, person)
    return person


def logged_in(http: httpx.Client, email: str, answered: httpx.Response) -> Person:
    """The user of an answer to a login."""
    data = data_of(answered)
    return Person(http, email, data, data["tokens"])


def refusal(answered: httpx.Response) -> tuple[int, str]:
    """Status and reason of an error."""
    return answered.status_code, error_of(answered)["code"]


def copies(person: Person) -> int:
    """How often the security log says that a passkey was copied."""
    log = data_of(person.call("GET", "/auth/me/activity"))["events"]
    return sum(entry["count"] for entry in log if entry["event"] == "passkey.copied")


def test_a_registration(web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator) -> None:
    """The passkey is for localhost and for this user, and the new tokens say two factors."""
    person = new_person(web)
    factor = add_passkey(tab, person)
    assert (factor["kind"], factor["name"]) == ("passkey", "Laptop")
    passkey = authenticator.only()
    assert (passkey["rpId"], passkey["isResidentCredential"]) == ("localhost", True)
    assert passkey["userName"] == person.email
    assert claims(person)["acr"] == "aal2"
    assert person.call("GET", "/auth/me").json()["data"]["secondFactor"] is True


def test_a_login_by_a_passkey_alone(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """The request names no user; the tokens are those of the passkey's user and say two factors."""
    options = login_options(web)
    assert not options["allowCredentials"]
    again = logged_in(web, owner.email, log_in_with(web, tab.get(options)))
    assert again.user_id == owner.user_id
    assert claims(again)["acr"] == "aal2"
    assert set(claims(again)["amr"]) == {"pop", "user", "mfa"}
    assert again.call("GET", "/auth/me").json()["data"]["email"] == owner.email


def test_a_passkey_after_the_password(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """The challenge asks for a passkey of this user, and the tokens say both factors."""
    asked = challenge(web, owner.email)
    assert asked["kinds"] == ["passkey", "recovery_codes"]
    signed = tab.get(asked["passkeyOptions"])
    assert [one["id"] for one in asked["passkeyOptions"]["allowCredentials"]] == [signed["id"]]
    again = logged_in(web, owner.email, answer(web, asked["token"], credential=signed))
    assert claims(again)["acr"] == "aal2"
    assert set(claims(again)["amr"]) == {"pwd", "pop", "user", "mfa"}


def test_two_authenticators(
    web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator, owner: Person
) -> None:
    """A user registers a passkey in each, and each logs in; a removed one does not any more."""
    authenticator.leave()
    key = VirtualAuthenticator(tab, "usb")
    factor = add_passkey(tab, owner, "Key")
    assert logged_in(web, owner.email, log_in_with(web, tab.get(login_options(web))))
    assert owner.call("DELETE", f"/auth/factors/{factor['factorId']}").status_code == 200
    assert refusal(log_in_with(web, tab.get(login_options(web)))) == INVALID
    asked = challenge(web, owner.email)
    assert len(asked["passkeyOptions"]["allowCredentials"]) == 1
    key.leave()
    authenticator.leave(present=True)
    assert logged_in(web, owner.email, log_in_with(web, tab.get(login_options(web))))


def test_the_same_authenticator_again(tab: Tab, owner: Person) -> None:
    """The options exclude what the user has, and the browser says so."""
    options = data_of(owner.call("POST", "/auth/factors/passkeys/options", {}))["options"]
    with pytest.raises(Refused, match=r"^InvalidStateError"):
        tab.create(options)
    assert tab.create(options | {"excludeCredentials": []})


def test_a_copied_passkey(
    web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator, owner: Person
) -> None:
    """A signature counter that goes backwards is refused and logged, also as a second factor."""
    copy = authenticator.only()
    for _ in range(2):
        assert log_in_with(web, tab.get(login_options(web))).status_code == 200
    assert copies(owner) == 0
    authenticator.restore(copy)
    assert refusal(log_in_with(web, tab.get(login_options(web)))) == INVALID
    assert copies(owner) == 1
    authenticator.restore(copy)
    asked = challenge(web, owner.email)
    signed = tab.get(asked["passkeyOptions"])
    assert refusal(answer(web, asked["token"], credential=signed)) == WRONG
    assert copies(owner) == 2


def test_what_the_browser_refuses(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """A page of another host cannot ask for a passkey of the product, nor the product for others."""
    options = login_options(web)
    assert logged_in(web, owner.email, log_in_with(web, tab.get(options)))
    elsewhere = (("127.0.0.1", "localhost"), ("app.localhost", "localhost"))
    for host, rp_id in (*elsewhere, ("localhost", "example.com")):
        tab.go(host)
        with pytest.raises(Refused, match=r"^SecurityError"):
            tab.get(options | {"rpId": rp_id})


def test_what_no_browser_sends(
    web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator, owner: Person
) -> None:
    """The product itself refuses the passkey's own signature over another origin or domain."""
    elsewhere: list[dict[str, Any]] = [
        {"origin": tab.pages.origin("127.0.0.1")},
        {"origin": tab.pages.origin("app.localhost")},
        {"origin": "https://localhost.example.com"},
        {"rp_id": "example.com"},
        {"cross_origin": True},
    ]
    for differs in elsewhere:
        signed = authenticator.in_software(**differs).get(login_options(web))
        assert refusal(log_in_with(web, signed)) == INVALID, differs
    signed = authenticator.in_software().get(login_options(web))
    assert logged_in(web, owner.email, log_in_with(web, signed))


def test_a_frame_in_a_page_of_another_host(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """The browser lets it ask, and the product refuses: the user does not see whose page it is."""
    options = login_options(web)
    tab.go("127.0.0.1")
    tab.run("show", f"{tab.pages.origin()}/page.html")
    framed = tab.run_in_frame("getPasskey", options)
    tab.go()
    assert refusal(log_in_with(web, framed)) == INVALID
    assert logged_in(web, owner.email, log_in_with(web, tab.get(options)))


def test_a_user_who_is_not_verified(
    web: httpx.Client, tab: Tab, authenticator: VirtualAuthenticator, owner: Person
) -> None:
    """A passkey alone is refused, by the browser and by the product; after the password it does."""
    authenticator.verify(verified=False)
    options = login_options(web)
    with pytest.raises(Refused, match=r"^NotAllowedError"):
        tab.get(options)
    unverified = tab.get(options | {"userVerification": "discouraged"})
    assert refusal(log_in_with(web, unverified)) == INVALID
    asked = challenge(web, owner.email)
    signed = tab.get(asked["passkeyOptions"] | {"userVerification": "discouraged"})
    again = logged_in(web, owner.email, answer(web, asked["token"], credential=signed))
    assert set(claims(again)["amr"]) == {"pwd", "pop", "mfa"}


def test_a_credential_that_is_sent_twice(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """The second time it is refused, alone and after the password, and is not taken for a copy."""
    signed = tab.get(login_options(web))
    assert log_in_with(web, signed).status_code == 200
    assert refusal(log_in_with(web, signed)) == INVALID
    asked = challenge(web, owner.email)
    signed = tab.get(asked["passkeyOptions"])
    assert answer(web, asked["token"], credential=signed).status_code == 200
    assert refusal(answer(web, asked["token"], credential=signed)) == (403, "CHALLENGE_INVALID")
    assert copies(owner) == 0


def test_a_passkey_of_another_user(web: httpx.Client, tab: Tab, owner: Person) -> None:
    """It is no second factor, though it has signed the challenge."""
    other = new_person(web)
    add_passkey(tab, other)
    (theirs,) = challenge(web, other.email)["passkeyOptions"]["allowCredentials"]
    asked = challenge(web, owner.email)
    signed = tab.get(asked["passkeyOptions"] | {"allowCredentials": [theirs]})
    assert signed["id"] == theirs["id"]
    assert refusal(answer(web, asked["token"], credential=signed)) == WRONG
    del signed["response"]["userHandle"]  # what an authenticator may leave out, a page can
    assert refusal(answer(web, asked["token"], credential=signed)) == WRONG
    own = tab.get(asked["passkeyOptions"])
    assert answer(web, asked["token"], credential=own).status_code == 200


def test_a_further_proof(laptop: Laptop, web: httpx.Client, tab: Tab, owner: Person) -> None:
    """A passkey gives tokens that are good for the export, which those of an hour ago are not."""
    age_proofs(laptop, owner)
    refresh(owner)
    assert refusal(owner.call("GET", "/auth/me/export")) == (403, "REAUTHENTICATION_REQUIRED")
    body = {"credential": tab.get(login_options(web))}
    owner.tokens |= data_of(owner.call("POST", "/auth/reauthenticate", body))["tokens"]
    exported = owner.call("GET", "/auth/me/export")
    assert exported.status_code == 200
    assert '"factorKind":"passkey"' in exported.text.replace(" ", "")
