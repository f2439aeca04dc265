"""Teams in the console: the list, a new one, the switch, the settings and the end of one."""

from uuid import uuid4

import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.team import found, joined

NARROW = {"width": 360, "height": 740}


def test_a_user_creates_a_team_and_acts_in_it(at_sessions: Screen, person: Person) -> None:
    """The list is empty at first. A bad short name is refused at its field, and what was typed stays."""
    at_sessions.follow("Teams")
    at_sessions.see("You are in no team yet.")
    at_sessions.press("New team")
    at_sessions.fill("Name of the team", "Rockets & <b>Anvils</b>")
    at_sessions.fill("Short name in addresses", "No Slug")
    at_sessions.press("Create team")
    at_sessions.see("Please use 3 to 40 characters")
    at_sessions.see_value("Name of the team", "Rockets & <b>Anvils</b>")
    slug = f"rockets-{uuid4().hex[:8]}"
    at_sessions.fill("Short name in addresses", slug)
    at_sessions.press("Create team")
    at_sessions.see("The team “Rockets & <b>Anvils</b>” has been created.")
    at_sessions.see_heading("Members")
    assert (
        at_sessions.do(lambda page: page.title()) == "Members · Rockets & <b>Anvils</b> · Coditect"
    )
    (team,) = [
        one
        for one in person.call("GET", "/tenants").json()["data"]["tenants"]
        if one["kind"] == "organization"
    ]
    assert (team["slug"], team["role"]) == (slug, "owner")
    at_sessions.at(f"/teams/{team['tenantId']}")
    at_sessions.see_value("Acting in", team["tenantId"])


def test_a_short_name_that_is_taken_is_said_in_plain_words(
    at_sessions: Screen, person: Person
) -> None:
    """The dialog stays open with the id of the request."""
    slug = f"taken-{uuid4().hex[:8]}"
    found(person, "Taken", slug=slug)
    at_sessions.follow("Teams")
    at_sessions.press("New team")
    at_sessions.fill("Name of the team", "Taken")
    at_sessions.fill("Short name in addresses", slug)
    at_sessions.press("Create team")
    at_sessions.see("Another team has this short name.")
    at_sessions.see("Request ")


def test_a_page_of_another_team_offers_to_switch(owner: Screen, person: Person, acme: str) -> None:
    """The user acts in one tenant at a time; the page is there after the switch."""
    other = found(person, "Second team")
    owner.open(f"/teams/{other}/policy")
    owner.see_heading("Second team")
    owner.see("You are not acting in “Second team” at the moment.")
    assert owner.faults() == []
    owner.press("Switch to Second team")
    owner.see_heading("Policy")
    owner.see_value("Acting in", other)
    owner.follow("All teams")
    owner.press("Switch: Acme Rockets")
    owner.at(f"/teams/{acme}")
    owner.see_heading("Members")


def test_a_switch_in_one_tab_is_seen_in_the_other(owner: Screen, acme: str) -> None:
    """A tab at a page of the team that is no longer the active one offers to switch back."""
    second = owner.another()
    second.open("/teams")
    second.do(lambda page: page.get_by_label("Acting in").select_option(label="Personal"))
    owner.see("You are not acting in “Acme Rockets” at the moment.")
    owner.press("Switch to Acme Rockets")
    owner.see_heading("Members")
    second.do(
        lambda page: page.wait_for_function(f"document.querySelector('#tenant').value === '{acme}'")
    )


@pytest.mark.parametrize("tenant_id", ["2f9c1b1e-6d0b-4c67-9a52-5f3f1a8f2f10", "nonsense"])
def test_a_team_of_others_is_not_found(logged_in: Screen, tenant_id: str) -> None:
    """The page says the same of a team that there is not."""
    logged_in.open(f"/teams/{tenant_id}")
    logged_in.see_heading("There is no such team, or you are not a member of it.")
    logged_in.follow("All teams")
    logged_in.see_heading("Teams")


def test_an_owner_renames_a_team(owner: Screen, person: Person, acme: str) -> None:
    """The name changes at once everywhere on the page."""
    owner.follow("Settings")
    owner.see_heading("Settings")
    owner.fill("Name of the team", "")
    owner.press("Save")
    owner.see("Please fill this in.")
    owner.fill("Name of the team", "Acme Anvils")
    owner.press("Save")
    owner.see("The team has a new name.")
    owner.see_no("Acme Rockets")
    assert person.call("GET", f"/tenants/{acme}").json()["data"]["name"] == "Acme Anvils"


def test_an_owner_suspends_and_resumes_a_team(owner: Screen) -> None:
    """The pages of a suspended team say so, and offer nothing that it refuses."""
    owner.follow("Settings")
    owner.press("Suspend")
    owner.see("Suspend “Acme Rockets”?")
    owner.press("Suspend", within="Suspend “Acme Rockets”?")
    owner.see("The team is suspended.")
    owner.see("This team is suspended. Its members cannot use it.")
    owner.follow("Policy")
    owner.see("The policy cannot be changed while the team is suspended.")
    owner.follow("Invitations")
    owner.see("No invitation is pending.")
    owner.see_no("Invite a member")
    owner.follow("Settings")
    owner.press("Resume")
    owner.press("Resume", within="Resume “Acme Rockets”?")
    owner.see("The team is active again.")
    owner.see_no("This team is suspended.")


def test_an_owner_deletes_a_team_by_its_name(owner: Screen) -> None:
    """Another name is refused before anything is sent. The user acts in the own tenant afterwards."""
    owner.follow("Settings")
    owner.press("Delete the team")
    title = "Delete “Acme Rockets” for good?"
    owner.do(
        lambda page: page.get_by_role("alertdialog").get_by_label("Name of the team").fill("Acme")
    )
    owner.press("Delete the team", within=title)
    owner.see("This is not the name of the team.")
    owner.do(
        lambda page: (
            page.get_by_role("alertdialog").get_by_label("Name of the team").fill("Acme Rockets")
        )
    )
    owner.press("Delete the team", within=title)
    owner.see("The team “Acme Rockets” has been deleted.")
    owner.at("/teams")
    owner.see("You are in no team yet.")
    owner.do(
        lambda page: page.wait_for_function(
            "document.querySelector('#tenant').selectedOptions[0].text === 'Personal'"
        )
    )


def test_a_member_is_offered_what_members_may_do(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """No page, button or field that the role does not allow; an address of such a page says why."""
    member = joined(person, acme)
    screen = new_screen()
    log_in(screen, member)
    screen.open(f"/teams/{acme}")
    screen.see(person.email)
    links = screen.do(
        lambda page: (
            page.get_by_role("navigation", name="Team").get_by_role("link").all_inner_texts()
        )
    )
    assert links == ["Members", "Policy", "Settings"]
    buttons = screen.do(
        lambda page: page.get_by_role("main").get_by_role("button").all_inner_texts()
    )
    assert buttons == ["Leave this team"]
    screen.follow("Policy")
    screen.see("Only owners can change the policy.")
    screen.follow("Settings")
    screen.see("About this team")
    screen.see_no("Delete the team")
    for page in ("invitations", "audit"):
        screen.open(f"/teams/{acme}/{page}")
        screen.see(
            "This page is for those with the role Admin or above. Your role in this team is Member."
        )


def test_a_role_that_was_lost_meanwhile_is_explained(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """The page still offers what an admin may do; the refusal says why, and the page follows."""
    admin = joined(person, acme, "admin")
    screen = new_screen()
    log_in(screen, admin)
    screen.open(f"/teams/{acme}/settings")
    screen.see_heading("Settings")
    path = f"/tenants/{acme}/members/{admin.user_id}"
    assert person.call("PATCH", path, {"role": "member"}).status_code == 200
    screen.fill("Name of the team", "Mine")
    screen.press("Save")
    screen.see_no("Name of the team")
    assert person.call("GET", f"/tenants/{acme}").json()["data"]["name"] == "Acme Rockets"


def test_the_pages_of_a_team_can_be_used_by_everybody(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """axe-core finds nothing serious, light and dark, and nothing is wider than a small phone."""
    for scheme in SCHEMES:
        screen = new_screen(color_scheme=scheme, viewport=NARROW)
        log_in(screen, person)
        for path, heading in (
            ("/teams", "Teams"),
            (f"/teams/{acme}/settings", "Settings"),
        ):
            screen.open(path)
            screen.see_heading(heading)
            screen.see("Acme Rockets")
            assert screen.faults() == []
            assert screen.overflow() <= 0


def test_nothing_moves_while_the_pages_of_a_team_load(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """Not on a small phone, either, where each page is longer than the window."""
    screen = new_screen(viewport=NARROW)
    log_in(screen, person)
    for path in ("", "/invitations", "/policy", "/audit", "/settings"):
        screen.open(f"/teams/{acme}{path}")
        screen.do(lambda page: page.locator(".loading").first.wait_for(state="detached"))
        assert screen.shift() <= 0.02, path
