"""The invitations of a team in the console."""

import pytest

from tests.console.conftest import NewScreen, log_in
from tests.console.screen import Screen
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.team import accept, invite, joined

NARROW = {"width": 360, "height": 740}


@pytest.fixture
def invitations(owner: Screen) -> Screen:
    """The tab of the owner, at the invitations."""
    owner.follow("Invitations")
    owner.see_heading("Invitations")
    return owner


def test_an_admin_invites_by_a_link_to_pass_on(invitations: Screen, person: Person) -> None:
    """The link is shown once, in a dialog that only its button closes, and nowhere else."""
    bob = new_person(person.http)
    invitations.see("No invitation is pending.")
    invitations.press("Invite a member")
    invitations.fill("Email address", bob.email)
    invitations.choose("Role", "Admin")
    invitations.press("Send invitation")
    invitations.see_heading("The invitation is on its way")
    invitations.see("The role Admin follows when they have confirmed the invited address.")
    link = invitations.secret_in("Link to pass on")
    assert link.startswith(f"{invitations.url}/invitations#token=")
    token = link.partition("#token=")[2]
    invitations.type("Escape")
    assert invitations.faults() == []
    assert invitations.secret_in("Link to pass on") == link
    assert token not in invitations.kept() + "".join(invitations.messages + invitations.requests)
    invitations.press("Done")
    invitations.see(bob.email)
    assert token not in invitations.do(lambda page: page.content())
    assert accept(bob, token).status_code == 200
    invitations.do(lambda page: page.reload())
    invitations.see("No invitation is pending.")


def test_a_second_invitation_to_an_address_is_refused_in_the_dialog(
    invitations: Screen, person: Person, acme: str
) -> None:
    """What was typed stays; so it does for a member, and for what is no address."""
    invite(person, acme, "grace@example.org")
    invitations.press("Invite a member")
    invitations.fill("Email address", "grace@example.org")
    invitations.press("Send invitation")
    invitations.see("This address already has an invitation. You can send it again.")
    invitations.see_value("Email address", "grace@example.org")
    invitations.fill("Email address", person.email)
    invitations.press("Send invitation")
    invitations.see("This person is a member of the team already.")
    invitations.fill("Email address", ".grace@example.org")
    invitations.press("Send invitation")
    invitations.see("This is not an email address.")
    invitations.see_focus("Email address")


def test_an_address_that_the_policy_does_not_allow_is_refused(
    invitations: Screen, person: Person, acme: str
) -> None:
    """The error says that it is the domain."""
    policy = {"emailDomains": ["example.org"]}
    assert person.call("PATCH", f"/tenants/{acme}/policy", policy).status_code == 200
    invitations.press("Invite a member")
    invitations.fill("Email address", "bob@example.com")
    invitations.press("Send invitation")
    invitations.see("This team only takes confirmed email addresses of certain domains.")


def test_an_invitation_is_sent_again_with_another_link(
    invitations: Screen, person: Person, acme: str
) -> None:
    """The links of before are void."""
    bob = new_person(person.http)
    old = invite(person, acme, bob.email)["token"]
    invitations.do(lambda page: page.reload())
    invitations.press(f"Send again: {bob.email}")
    invitations.press("Send again", within=f"Send the invitation to {bob.email} again?")
    invitations.see_heading("The invitation is on its way")
    token = invitations.secret_in("Link to pass on").partition("#token=")[2]
    invitations.press("Done")
    assert accept(bob, old).status_code == 404
    assert accept(bob, token).status_code == 200


def test_an_invitation_is_withdrawn(invitations: Screen, person: Person, acme: str) -> None:
    """It is no longer in the list; one that was withdrawn elsewhere meanwhile says so."""
    bob = new_person(person.http)
    token = invite(person, acme, bob.email)["token"]
    gone = invite(person, acme, "gone@example.org")["invitationId"]
    invitations.do(lambda page: page.reload())
    invitations.press(f"Withdraw: {bob.email}")
    invitations.press("Withdraw", within=f"Withdraw the invitation to {bob.email}?")
    invitations.see(f"The invitation to {bob.email} is withdrawn.")
    invitations.do(lambda page: page.locator("li", has_text=bob.email).wait_for(state="detached"))
    assert accept(bob, token).status_code == 404
    assert person.call("DELETE", f"/tenants/{acme}/invitations/{gone}").status_code == 200
    invitations.press("Withdraw: gone@example.org")
    invitations.press("Withdraw", within="Withdraw the invitation to gone@example.org?")
    invitations.see("This invitation is no longer good")


def test_an_admin_touches_no_invitation_of_an_owner(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """It is shown without buttons, and the role of an owner is not offered."""
    admin = joined(person, acme, "admin")
    invite(person, acme, "owner@example.org", "owner")
    screen = new_screen()
    log_in(screen, admin)
    screen.open(f"/teams/{acme}/invitations")
    screen.see("owner@example.org")
    row = screen.do(
        lambda page: page.locator("li", has_text="owner@").get_by_role("button").count()
    )
    assert row == 0
    screen.press("Invite a member")
    options = screen.do(lambda page: page.get_by_label("Role", exact=True).inner_text())
    assert options.split() == ["Member", "Admin"]


def test_the_invitations_can_be_used_by_everybody(
    new_screen: NewScreen, person: Person, acme: str
) -> None:
    """axe-core finds nothing serious, light and dark, and nothing is wider than a small phone."""
    invite(person, acme, "a-rather-long-name-before-the-at-sign@a-rather-long-domain.example.org")
    for scheme in ("light", "dark"):
        screen = new_screen(color_scheme=scheme, viewport=NARROW)
        log_in(screen, person)
        screen.open(f"/teams/{acme}/invitations")
        screen.see("a-rather-long-name")
        assert screen.faults() == []
        assert screen.overflow() <= 0
        screen.press("Invite a member")
        screen.see_heading("Invite a member")
        assert screen.faults() == []
        assert screen.overflow() <= 0
