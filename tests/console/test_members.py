"""The members of a team in the console: their roles, their removal, and the way out."""

import httpx

from tests.console.conftest import NewScreen, log_in
from tests.console.looks import SCHEMES
from tests.console.screen import Screen
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.second_factor import equipped
from tests.end_to_end.team import accept, found, invite, joined, switch
from tools.laptop import Laptop

NARROW = {"width": 360, "height": 740}


def role_of(person: Person, tenant_id: str, user_id: str) -> str | None:
    """The role of a member; None if the user is none."""
    members = person.call("GET", f"/tenants/{tenant_id}/members").json()["data"]["members"]
    return next((one["role"] for one in members if one["userId"] == user_id), None)


def test_an_owner_changes_the_role_of_a_member(owner: Screen, person: Person, acme: str) -> None:
    """What the chosen role may do stands below it. The list shows the new role."""
    bob = joined(person, acme)
    owner.do(lambda page: page.reload())
    owner.press("Change role: Ada Lovelace", within=bob.email)
    owner.see_heading("Role of Ada Lovelace")
    owner.choose("Role", "Admin")
    owner.see("Can invite and remove members")
    owner.press("Change role", within="Role of Ada Lovelace")
    owner.see("Ada Lovelace is now Admin.")
    owner.do(lambda page: page.locator("li", has_text=bob.email).get_by_text("Admin").wait_for())
    assert role_of(person, acme, bob.user_id) == "admin"


def test_an_owner_removes_a_member(owner: Screen, person: Person, acme: str) -> None:
    """After a question, which cancelling answers, too; the focus goes back to the button."""
    bob = joined(person, acme)
    owner.do(lambda page: page.reload())
    owner.press("Remove: Ada Lovelace")
    owner.see("Remove Ada Lovelace?")
    owner.press("Cancel")
    owner.see_focus("Remove: Ada Lovelace")
    owner.press("Remove: Ada Lovelace")
    owner.press("Remove", within="Remove Ada Lovelace?")
    owner.see("Ada Lovelace is no longer a member.")
    owner.see_no(bob.email)
    assert role_of(person, acme, bob.user_id) is None


def test_the_last_owner_is_told_what_helps(owner: Screen) -> None:
    """The owner can neither leave nor give the role away while no other member is an owner."""
    owner.press("Leave this team")
    owner.press("Leave this team", within="Leave “Acme Rockets”?")
    owner.see("The team needs an owner. Please make somebody else an owner first.")
    owner.press("Cancel")
    owner.press("Change role: Ada Lovelace")
    owner.choose("Role", "Member")
    owner.press("Change role", within="Role of Ada Lovelace")
    owner.see("The team needs an owner. Please make somebody else an owner first.")


def test_a_member_leaves(new_screen: NewScreen, person: Person, acme: str) -> None:
    """The user acts in the own tenant afterwards, and the team is no longer in the list."""
    bob = joined(person, acme)
    screen = new_screen()
    log_in(screen, bob)
    screen.open(f"/teams/{acme}")
    screen.press("Leave this team")
    screen.press("Leave this team", within="Leave “Acme Rockets”?")
    screen.see("You have left “Acme Rockets”.")
    screen.see_heading("Teams")
    screen.see("You are in no team yet.")
    assert role_of(person, acme, bob.user_id) is None


def test_an_admin_manages_no_owner(new_screen: NewScreen, person: Person, acme: str) -> None:
    """Neither buttons at an owner nor the role of an owner in the list of roles."""
    admin = joined(person, acme, "admin")
    bob = joined(person, acme)
    screen = new_screen()
    log_in(screen, admin)
    screen.open(f"/teams/{acme}")
    screen.see(person.email)
    rows = screen.do(
        lambda page: {
            email: page.locator("li", has_text=email).get_by_role("button").all_inner_texts()
            for email in (person.email, admin.email, bob.email)
        }
    )
    assert rows == {
        person.email: [],
        admin.email: ["Change role"],
        bob.email: ["Change role", "Remove"],
    }
    screen.press("Change role: Ada Lovelace", within=bob.email)
    options = screen.do(lambda page: page.get_by_label("Role", exact=True).inner_text())
    assert options.split() == ["Member", "Admin"]


def test_a_member_sees_the_role_that_waits_for_a_proof(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """Who joined by the token of the inviter is a member until the address is proved."""
    bob = new_person(person.http)
    token = invite(person, acme, bob.email, "admin")["token"]
    assert accept(bob, token).status_code == 200
    switch(bob, acme)
    screen = new_screen()
    log_in(screen, bob)
    screen.open(f"/teams/{acme}")
    screen.see("You become Admin once you have confirmed the address that was invited.")
    screen.see("Admin once they have confirmed the invited address")


def test_a_member_without_the_second_factor_of_the_policy_can_leave(
    laptop: Laptop, http: httpx.Client, screen: Screen
) -> None:
    """The pages say what is missing, and offer to set it up."""
    strict, _, _ = equipped(laptop, http)
    acme = found(strict, "Acme Rockets")
    switch(strict, acme)
    bob = joined(strict, acme)
    policy = {"secondFactorRequired": True}
    assert strict.call("PATCH", f"/tenants/{acme}/policy", policy).status_code == 200
    log_in(screen, bob)
    screen.open(f"/teams/{acme}")
    screen.see("This needs a second factor, and your account has none yet.")
    screen.see("Set up a second factor")
    screen.press("Leave this team")
    screen.press("Leave this team", within="Leave “Acme Rockets”?")
    screen.see("You have left “Acme Rockets”.")


def test_a_role_can_be_changed_with_the_keyboard_alone(
    owner: Screen, person: Person, acme: str
) -> None:
    """The dialog takes the focus, Escape closes it, and Enter sends it."""
    bob = joined(person, acme)
    owner.do(lambda page: page.reload())
    owner.see(bob.email)
    button = f"li:has-text('{bob.email}') button"
    owner.do(lambda page: page.locator(button).first.focus())
    owner.type("Enter")
    owner.see_heading("Role of Ada Lovelace")
    owner.see_focus_in_dialog()
    owner.type("Escape")
    owner.see_focus("Change role: Ada Lovelace")
    owner.type("Enter")
    owner.see_heading("Role of Ada Lovelace")
    owner.see_focus_in_dialog()
    owner.type("Tab", "ArrowDown", "Tab", "Enter")
    owner.see("Ada Lovelace is now Admin.")
    assert role_of(person, acme, bob.user_id) == "admin"


def test_names_of_members_stay_text(new_screen: NewScreen, person: Person, acme: str) -> None:
    """A name with markup is shown as it was typed."""
    bob = joined(person, acme)
    name = {"firstName": "<img src=x onerror=alert(1)>", "lastName": "Bob"}
    assert bob.call("PATCH", "/auth/me", name).status_code == 200
    screen = new_screen()
    log_in(screen, person)
    screen.open(f"/teams/{acme}")
    screen.see("<img src=x onerror=alert(1)> Bob")
    assert screen.do(lambda page: page.locator("main img").count()) == 0


def test_many_members_come_page_by_page(owner: Screen, acme: str) -> None:
    """A long list shows what is there, and the rest on request; an error in between can be retried."""
    first = {"members": [_member(number) for number in range(50)], "nextPageToken": "next"}
    second = {"members": [_member(number) for number in range(50, 60)], "nextPageToken": ""}
    answers = [(200, first), (200, second)]

    def answer(route: object) -> None:
        status, data = answers.pop(0)
        route.fulfill(status=status, json={"success": True, "data": data})  # type: ignore[attr-defined]

    owner.do(lambda page: page.route(f"**/api/v5/tenants/{acme}/members*", answer))
    owner.do(lambda page: page.reload())
    owner.see("member-49@example.com")
    owner.press("Show more")
    owner.see("member-59@example.com")
    owner.see_no("Show more")


def _member(number: int) -> dict[str, str]:
    return {
        "userId": f"00000000-0000-4000-8000-{number:012}",
        "email": f"member-{number}@example.com",
        "displayName": f"Member {number}",
        "role": "member",
        "joinTime": "2026-01-15T09:30:00Z",
    }


def test_the_list_can_be_used_by_everybody(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """axe-core finds nothing serious, light and dark, with a dialog, and nothing is wider than a phone."""
    joined(person, acme)
    for scheme in SCHEMES:
        screen = new_screen(color_scheme=scheme, viewport=NARROW)
        log_in(screen, person)
        screen.open(f"/teams/{acme}")
        screen.see(person.email)
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.press("Change role: Ada Lovelace", within=person.email)
        screen.see_heading("Role of Ada Lovelace")
        assert screen.faults() == []
