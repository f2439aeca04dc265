"""A login with the command at the running product: the user approves it on the pages, as people do."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.cli.command import Command, finish
from tests.clients.page_user import PageUser
from tests.end_to_end import team
from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, new_person
from tools.laptop import Laptop


@dataclass(frozen=True)
class Login:
    """A user of the product, and the command in which they have logged in."""

    person: Person
    coditect: Command


@pytest.fixture(scope="module")
def logins(
    request: pytest.FixtureRequest, laptop: Laptop, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Login]]:
    """A login for each test that takes one. They wait at the same time for their first question."""
    tests = [item for item in request.session.items if item.path == request.path]
    number = sum(
        "login" in item.fixturenames for item in tests if isinstance(item, pytest.Function)
    )
    with client(laptop) as http:
        made = [
            Login(new_person(http), command(laptop, tmp_path_factory.mktemp("login")))
            for _ in range(number)
        ]
        runs = [login.coditect.start("login") for login in made]
        for login, run in zip(made, runs, strict=True):
            approve(run, login.person)
        for run in runs:
            done = finish(run)
            assert done.code == 0, done.err
        yield made


@pytest.fixture
def login(logins: list[Login]) -> Login:
    """A login of its own for each test, which may end it."""
    return logins.pop()


@pytest.fixture
def person(login: Login) -> Person:
    """The user who has logged in."""
    return login.person


@pytest.fixture
def logged_in(login: Login) -> Command:
    """The command of the user, after a login."""
    return login.coditect


def command(laptop: Laptop, folder: Path) -> Command:
    """The command, which knows the URL of the product."""
    return Command(folder, {"CODITECT_SERVER": laptop.settings.environ["TOKEN_ISSUER"]})


def approve(process: "subprocess.Popen[str]", person: Person) -> None:
    """Does what `coditect login` tells the user."""
    assert process.stderr
    url = process.stderr.readline().removeprefix("Open ").strip()
    user_code = process.stderr.readline().split()[-1]
    with PageUser(person.email) as user:
        user.approve_device(url, user_code)


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


def test_a_refused_login_saves_nothing(laptop: Laptop, tmp_path: Path) -> None:
    """The user refuses the device, and the command exits with 1."""
    coditect = command(laptop, tmp_path)
    process = coditect.start("login", "--json")
    assert process.stderr
    process.stderr.readline()
    user_code = process.stderr.readline().split()[-1]
    with client(laptop) as http:
        answer = new_person(http).call("POST", f"/oauth/device/{user_code}", {"approve": False})
    assert answer.status_code == 200, answer.text
    done = finish(process)
    assert (done.code, done.error["code"]) == (1, "access_denied")
    assert coditect("whoami").code == 3
