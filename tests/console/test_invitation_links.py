"""The pages behind the links of invitations."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.console.conftest import log_in
from tests.console.getting_in import (
    forgotten,
    give_password,
    open_link,
    opt_out_token,
    prove,
    register,
)
from tests.console.screen import Screen
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.team import found, invite, switch


class Team(NamedTuple):
    """An organization and its owner."""

    owner: Person
    tenant_id: str

    def invite(self, email: str, role: str = "member") -> str:
        """Invites an address; returns the token of the answer."""
        return str(invite(self.owner, self.tenant_id, email, role)["token"])

    def roles(self) -> dict[str, str]:
        """The role of each member, by email address."""
        answer = self.owner.call("GET", f"/tenants/{self.tenant_id}/members")
        return {one["email"]: one["role"] for one in answer.json()["data"]["members"]}


@pytest.fixture
def team(http: httpx.Client, mailbox_of: Callable[[str], Mailbox]) -> Team:
    """A team that invites."""
    owner = new_person(http)
    prove(mailbox_of(owner.email), http, owner)
    tenant_id = found(owner, "Engines")
    assert switch(owner, tenant_id).status_code == 200
    return Team(owner, tenant_id)


def test_a_user_who_is_logged_in_accepts(
    logged_in: Screen, team: Team, person: Person, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """A click accepts; the token of the email proves the address, so the role is the promised one."""
    team.invite(person.email, "admin")
    open_link(logged_in, mailbox_of(person.email).next("invitations"))
    logged_in.see(f"You are logged in as {person.email}.")
    assert person.email not in team.roles()
    logged_in.press("Accept the invitation")
    logged_in.see("You are now a member of “Engines”.")
    assert team.roles()[person.email] == "admin"
    logged_in.press("Go to the team")
    logged_in.at(f"/teams/{team.tenant_id}")


def test_a_new_user_registers_on_the_way(
    screen: Screen, team: Team, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """The token is in no address and no storage while the person registers, and is there afterwards."""
    email = f"{uuid4()}@example.com"
    team.invite(email)
    mail = mailbox_of(email).next("invitations")
    open_link(screen, mail)
    screen.follow("Create an account")
    screen.see("You have an invitation.")
    forgotten(screen, mail.token)
    register(screen, email)
    screen.at("/invitations")
    forgotten(screen, mail.token)
    screen.press("Accept the invitation")
    screen.see("You are now a member of “Engines”.")
    assert team.roles()[email] == "member"


def test_a_user_logs_in_on_the_way(
    screen: Screen, team: Team, person: Person, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """The login brings the user back."""
    team.invite(person.email)
    open_link(screen, mailbox_of(person.email).next("invitations"))
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.press("Accept the invitation")
    screen.see("You are now a member of “Engines”.")


def test_an_invitation_is_accepted_with_another_account(
    screen: Screen, team: Team, person: Person, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """A user in the wrong account logs out on the page, and keeps the invitation."""
    log_in(screen, new_person(person.http))
    team.invite(person.email)
    open_link(screen, mailbox_of(person.email).next("invitations"))
    screen.press("Use another account")
    screen.follow("Log in")
    give_password(screen, person.email)
    screen.press("Accept the invitation")
    screen.see("You are now a member of “Engines”.")
    assert person.email in team.roles()


def test_a_pasted_link_is_taken(logged_in: Screen, team: Team, person: Person) -> None:
    """A link that came by another way than the email gives the role member until the address is proved."""
    token = team.invite(person.email, "admin")
    logged_in.open("/invitations")
    logged_in.fill(
        "Link or token of the invitation", f"https://x.example/invitations#token={token}"
    )
    logged_in.press("Accept the invitation")
    logged_in.see("You get the role admin when you confirm the email address that was invited.")
    assert team.roles()[person.email] == "member"


def test_an_invitation_is_good_once(
    logged_in: Screen, team: Team, person: Person, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """A used one is explained in plain words."""
    team.invite(person.email)
    mail = mailbox_of(person.email).next("invitations")
    for outcome in ("You are now a member", "This invitation is no longer good"):
        open_link(logged_in, mail)
        logged_in.press("Accept the invitation")
        logged_in.see(outcome)


def test_invitation_emails_are_stopped_and_come_again(
    screen: Screen, team: Team, mailbox_of: Callable[[str], Mailbox]
) -> None:
    """Opening the link stops nothing, a click does, and another one undoes it."""
    email = f"{uuid4()}@example.com"
    mails = mailbox_of(email)
    team.invite(email)
    token = opt_out_token(mails.next("invitations"))
    screen.open(f"/invitations/opt-out#token={token}")
    screen.see_heading("Invitation emails")
    forgotten(screen, token)
    screen.press("Stop the emails")
    screen.see("You get no more invitation emails.")
    screen.press("Let them come again")
    screen.see("Invitation emails come again.")


def test_a_wrong_token_stops_nothing(screen: Screen) -> None:
    """It is explained in plain words."""
    screen.open(f"/invitations/opt-out#token={'A' * 43}")
    screen.press("Stop the emails")
    screen.see("This link is not from one of our invitation emails")
