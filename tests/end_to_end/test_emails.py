"""Emails to users, as a developer reads them: files in a folder whose path `make run` prints."""

import httpx

from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, new_person
from tools.laptop import Laptop

OTHER_PASSWORD = "an altogether different one"


def test_a_notice_is_in_the_language_of_the_browser(laptop: Laptop, http: httpx.Client) -> None:
    """Accept-Language reaches auth at registration; a changed password is told in that language."""
    person = new_person(http, **{"accept-language": "fr, de-AT;q=0.8, en;q=0.5"})
    assert person.call("GET", "/auth/me").json()["data"]["language"] == "de"
    mails = Mailbox(laptop, person.email)
    proof = mails.next("verify-email")
    assert proof.subject == "Bestätigen Sie Ihre E-Mail-Adresse"
    assert person.call("POST", "/auth/email/verify", {"token": proof.token}).status_code == 200
    body = {"currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD}
    assert person.call("POST", "/auth/password", body).status_code == 200
    assert "127.0.0.1" in mails.next(subject="Ihr Passwort wurde geändert").text


def test_a_profile_has_a_language(http: httpx.Client) -> None:
    """English without the header; PATCH changes it, and refuses a language that does not exist."""
    person = new_person(http)
    assert person.call("GET", "/auth/me").json()["data"]["language"] == "en"
    changed = person.call("PATCH", "/auth/me", {"language": "de"})
    assert changed.json()["data"]["language"] == "de"
    assert person.call("PATCH", "/auth/me", {"language": "tlh"}).status_code == 400
