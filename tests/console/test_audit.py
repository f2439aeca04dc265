"""The audit log of a team in the console."""

import json
from pathlib import Path

from playwright.sync_api import Page

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.team import joined

NARROW = {"width": 360, "height": 740}


def rows(screen: Screen) -> list[str]:
    """What the rows say, without the details."""
    found: list[str] = screen.do(
        lambda page: page.locator("main li p:first-child").all_inner_texts()
    )
    return found


def test_an_admin_reads_who_did_what(owner: Screen, person: Person, acme: str) -> None:
    """The newest entry comes first, with names instead of ids, and roles in the user's language."""
    bob = joined(person, acme, "admin")
    name = {"name": "<b>Anvils</b>"}
    assert bob.call("PATCH", f"/tenants/{acme}", name).status_code == 200
    owner.follow("Audit log")
    owner.see("Team created")
    assert rows(owner) == [
        "Team renamed (<b>Anvils</b>)",
        "Role changed: Ada Lovelace (Admin)",
        "Member joined",
        "Invitation sent (Member)",
        "Team created",
    ]
    text = owner.text()
    assert "You, " in text
    assert "Ada Lovelace, " in text
    owner.do(lambda page: page.locator("summary").first.click())
    owner.see(bob.user_id)
    owner.see("127.0.0.1")
    assert owner.faults() == []


def test_an_entry_says_through_what_its_actor_acted(
    owner: Screen, person: Person, acme: str
) -> None:
    """A program that a user has allowed, here by a personal access token."""
    body = {"name": "script", "scopes": ["tenants:write"]}
    made = person.call("POST", "/auth/tokens", body)
    assert made.status_code == 201, made.text
    token = made.json()["data"]["token"]
    changed = person.http.patch(
        f"/api/v5/tenants/{acme}",
        json={"name": "By a script"},
        headers={"authorization": f"Bearer {token}"},
    )
    assert changed.status_code == 200, changed.text
    owner.follow("Audit log")
    owner.see("You through a program")


def test_a_long_log_comes_page_by_page(owner: Screen, person: Person, acme: str) -> None:
    """The next page is older, and no entry comes twice."""
    for number in range(55):
        name = {"name": f"Name {number}"}
        assert person.call("PATCH", f"/tenants/{acme}", name).status_code == 200
    owner.follow("Audit log")
    owner.see("Team renamed (Name 54)")
    assert len(rows(owner)) == 50
    owner.press("Show more")
    owner.see("Team created")
    found = rows(owner)
    assert len(found) == len(set(found)) == 56
    owner.see_no("Show more")


def test_the_log_is_downloaded(owner: Screen, acme: str, tmp_path: Path) -> None:
    """As NDJSON, in the order of the log."""
    owner.follow("Audit log")
    owner.see("Team created")
    file = tmp_path / "log"

    def download(page: Page) -> str:
        with page.expect_download() as started:
            page.get_by_role("button", name="Download").click()
        started.value.save_as(file)
        return started.value.suggested_filename

    assert owner.do(download).startswith("audit-acme-rockets")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["action"] for line in lines] == ["tenant.created"]
    owner.see("The log has been downloaded.")
    assert acme in owner.path


def test_a_download_that_fails_says_so(owner: Screen, acme: str) -> None:
    """The page stays, with the error in plain words."""
    error = {
        "code": "DOWNLOAD_LIMIT_REACHED",
        "message": "Too many.",
        "details": [],
        "requestId": "0c7e",
    }
    owner.follow("Audit log")
    owner.see("Team created")
    owner.do(
        lambda page: page.route(
            f"**/api/v5/tenants/{acme}/audit/export",
            lambda route: route.fulfill(status=429, json={"success": False, "error": error}),
        )
    )
    owner.press("Download")
    owner.see("Too many downloads are running.")
    owner.see("Request 0c7e")
    owner.see("Team created")


def test_the_log_can_be_used_by_everybody(new_screen: NewScreen, person: Person, acme: str) -> None:
    """axe-core finds nothing serious, light and dark, in German, and nothing is wider than a small phone."""
    for scheme in SCHEMES:
        screen = new_screen(color_scheme=scheme, viewport=NARROW, locale="en-US")
        log_in(screen, person)
        screen.open(f"/teams/{acme}/audit")
        screen.see("Team created")
        screen.do(lambda page: page.locator("summary").first.click())
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.choose("Language", "Deutsch")
        screen.see_heading("Protokoll")
        screen.see("Team angelegt")
        assert screen.do(lambda page: page.evaluate("document.documentElement.lang")) == "de"
        assert screen.overflow() <= 0
