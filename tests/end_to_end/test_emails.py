"""Emails to users, as a developer reads them: files in a folder whose path `make run` prints."""

import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx

from tests.end_to_end.person import PASSWORD, new_person
from tools.laptop import Laptop

OTHER_PASSWORD = "an altogether different one"
SECONDS = 20


def emails_to(folder: Path, address: str) -> list[Any]:
    """The emails to an address, as soon as there is one."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        read = [path.read_bytes() for path in folder.glob("*.eml")]
        parsed: list[Any] = [message_from_bytes(content, policy=default) for content in read]
        if found := [email for email in parsed if email["To"] == address]:
            return found
        time.sleep(0.05)
    raise AssertionError("no email has arrived")


def test_a_notice_is_in_the_language_of_the_browser(laptop: Laptop, http: httpx.Client) -> None:
    """Accept-Language reaches auth at registration; a changed password is told in that language."""
    person = new_person(http, **{"accept-language": "fr, de-AT;q=0.8, en;q=0.5"})
    assert person.call("GET", "/auth/me").json()["data"]["language"] == "de"
    body = {"currentPassword": PASSWORD, "newPassword": OTHER_PASSWORD}
    assert person.call("POST", "/auth/password", body).status_code == 200
    folder = laptop.settings.mail_folder
    assert folder is not None
    (email,) = emails_to(folder, person.email)
    assert email["Subject"] == "Ihr Passwort wurde geändert"
    assert "127.0.0.1" in email.get_body(("plain",)).get_content()


def test_a_profile_has_a_language(http: httpx.Client) -> None:
    """English without the header; PATCH changes it, and refuses a language that does not exist."""
    person = new_person(http)
    assert person.call("GET", "/auth/me").json()["data"]["language"] == "en"
    changed = person.call("PATCH", "/auth/me", {"language": "de"})
    assert changed.json()["data"]["language"] == "de"
    assert person.call("PATCH", "/auth/me", {"language": "tlh"}).status_code == 400
