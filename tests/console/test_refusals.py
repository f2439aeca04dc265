"""What the console offers when a call is refused for want of a proof."""

import httpx
import pytest

from tests.console.getting_in import give_password
from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import equipped
from tests.end_to_end.team import found, joined, switch
from tools.laptop import Laptop


@pytest.fixture
def member(laptop: Laptop, http: httpx.Client) -> Person:
    """A member without a second factor, who acts in a team that requires one."""
    owner, _, _ = equipped(laptop, http)
    tenant_id = found(owner)
    assert switch(owner, tenant_id).status_code == 200
    member = joined(owner, tenant_id)
    path = f"/tenants/{tenant_id}/policy"
    changed = owner.call("PATCH", path, {"secondFactorRequired": True})
    assert changed.status_code == 200, changed.text
    return member


def test_a_team_that_requires_a_second_factor_leads_to_its_setup(
    screen: Screen, member: Person
) -> None:
    """The member logs in, and each page of the team says what is missing and where to get it."""
    screen.open("/login")
    give_password(screen, member.email)
    screen.see_heading("Sessions")
    screen.see("This needs a second factor, and your account has none yet.")
    screen.follow("Set up a second factor")
    screen.at("/account/security")
