"""A login with the command at the running product: the user approves it on the pages, as people do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cli.command import Command, Done, finish
from tests.clients.page_user import PageUser
from tests.end_to_end import team
from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, new_person
from tools.laptop import Laptop


@pytest.fixture
def person(laptop: Laptop) -> Iterator[Person]:
    """A user of the product."""
    with client(laptop) as http:
        yield new_person(http)


@pytest.fixture
def coditect(laptop: Laptop, tmp_path: Path) -> Command:
    """The command, which knows the URL of the product."""
    return Command(tmp_path, {"CODITECT_SERVER": laptop.settings.environ["TOKEN_ISSUER"]})


@pytest.fixture
def logged_in(coditect: Command, person: Person) -> Command:
    """The command of the user, after a login."""
    done = log_in(coditect, person)
    assert done.code == 0, done.err
    return coditect


def log_in(coditect: Command, person: Person) -> Done:
    """Runs `coditect login`, and does what it tells the user."""
    process = coditect.start("login")
    assert process.stderr
    url = process.stderr.readline().removeprefix("Open ").strip()
    user_code = process.stderr.readline().split()[-1]
    with PageUser(person.email) as user:
        user.approve_device(url, user_code)
    return finish(process)


def test_a_login_acts_as_the_user(logged_in: Command, person: Person) -> None:
    """The command knows the user and the tenant that was chosen, and works with sessions."""
    answer = logged_in("whoami", "--json").json
    assert (answer["credential"], answer["user"]["userId"]) == ("login", person.user_id)
    assert answer["tenant"]["tenantId"] == person.answer["tenant"]["tenantId"]
    session = logged_in("sessions", "open", "engine").out.strip()
    assert [one["sessionId"] for one in person.sessions()] == [session]
    assert logged_in("sessions", "end", session).code == 0
    assert list(person.sessions()) == []


def test_a_switch_changes_the_tenant(logged_in: Command, person: Person) -> None:
    """`switch` takes a slug, and later commands act in that tenant; the user's own login stays."""
    acme = person.call("POST", "/tenants", {"name": "Acme"}).json()["data"]
    assert logged_in("switch", acme["slug"]).code == 0
    assert logged_in("tenants", "--json").json["activeTenantId"] == acme["tenantId"]
    opened = logged_in("sessions", "open", "--json").json["session"]
    assert opened["tenantId"] == acme["tenantId"]
    assert list(person.sessions()) == []
    assert logged_in("switch", person.answer["tenant"]["tenantId"]).code == 0
    assert logged_in("sessions", "list", "--json").json == {"sessions": []}


def test_a_tenant_that_the_user_has_left(
    logged_in: Command, person: Person, laptop: Laptop
) -> None:
    """One command fails and says so, and the next one acts in the tenant of the login."""
    with client(laptop) as http:
        owner = new_person(http)
        acme = team.found(owner)
        team.switch(owner, acme)
        team.become_member(owner, acme, person)
        assert logged_in("switch", acme).code == 0
        assert owner.call("DELETE", f"/tenants/{acme}/members/{person.user_id}").status_code == 200
    done = logged_in("sessions", "open", "--json")
    assert (done.code, done.error["code"]) == (1, "invalid_target")
    own = person.answer["tenant"]["tenantId"]
    assert logged_in("whoami", "--json").json["tenant"]["tenantId"] == own


def test_a_tenant_without_programs(logged_in: Command, person: Person, laptop: Laptop) -> None:
    """A switch into a tenant whose policy allows no programs is refused, and the login goes on."""
    with client(laptop) as http:
        owner = new_person(http)
        acme = team.found(owner)
        team.switch(owner, acme)
        team.become_member(owner, acme, person)
        policy = owner.call("PATCH", f"/tenants/{acme}/policy", {"programsAllowed": False})
        assert policy.status_code == 200, policy.text
    assert logged_in("switch", acme, "--json").error["code"] == "invalid_target"
    assert logged_in("sessions", "list").code == 0


def test_a_logout_ends_the_grant(logged_in: Command, person: Person) -> None:
    """The server lists the login of the command among the grants until `logout` revokes it."""
    token = logged_in("token").out.strip()
    assert len(person.call("GET", "/oauth/grants").json()["data"]["grants"]) == 1
    assert logged_in("logout").code == 0
    assert person.call("GET", "/oauth/grants").json()["data"]["grants"] == []
    refused = logged_in("whoami", "--json", CODITECT_TOKEN=token)
    assert (refused.code, refused.error["code"]) == (3, "ACCESS_TOKEN_REVOKED")
    assert logged_in("whoami").code == 3


def test_a_grant_that_the_user_ends(logged_in: Command, person: Person) -> None:
    """The next command exits with 3 and says how to log in."""
    grant = person.call("GET", "/oauth/grants").json()["data"]["grants"][0]
    assert person.call("DELETE", f"/oauth/grants/{grant['grantId']}").status_code == 200
    done = logged_in("whoami")
    assert (done.code, "run `coditect login" in done.err) == (3, True)


def test_personal_tokens_are_listed_and_revoked(logged_in: Command, person: Person) -> None:
    """The command cannot make one, and says where that is done; one works as CODITECT_TOKEN."""
    body = {"name": "CI", "scopes": ["account:read", "sessions:read"]}
    made = person.call("POST", "/auth/tokens", body).json()["data"]
    ci = {"CODITECT_TOKEN": made["token"]}
    assert logged_in("whoami", "--json", **ci).json["user"]["email"] == person.email
    assert logged_in("sessions", "list", "--json", **ci).json == {"sessions": []}
    refused = logged_in("sessions", "open", "--json", **ci)
    assert (refused.code, refused.error["code"]) == (1, "SCOPE_MISSING")
    create = logged_in("tokens", "create")
    assert (create.code, "/api/v5/auth/tokens" in create.err) == (1, True)
    token_id = made["personalAccessToken"]["tokenId"]
    listed = logged_in("tokens", "list", "--json").json["tokens"]
    assert [one["tokenId"] for one in listed] == [token_id]
    assert "CI" in logged_in("tokens", "list").out
    assert logged_in("tokens", "revoke", token_id).code == 0
    assert logged_in("tokens", "list", "--json").json == {"tokens": []}
    assert logged_in("whoami", **ci).code == 3


def test_a_refused_login_saves_nothing(coditect: Command, person: Person) -> None:
    """The user refuses the device, and the command exits with 1."""
    process = coditect.start("login", "--json")
    assert process.stderr
    process.stderr.readline()
    user_code = process.stderr.readline().split()[-1]
    answer = person.call("POST", f"/oauth/device/{user_code}", {"approve": False})
    assert answer.status_code == 200, answer.text
    done = finish(process)
    assert (done.code, done.error["code"]) == (1, "access_denied")
    assert coditect("whoami").code == 3
