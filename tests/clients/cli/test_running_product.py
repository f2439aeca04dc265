"""The command against the running product, with the access token of a user in CODITECT_TOKEN."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.cli.command import Command
from tests.end_to_end.conftest import client
from tests.end_to_end.person import Person, new_person
from tools.laptop import Laptop

UNKNOWN_SESSION = "84df8412-f3c6-57b0-a6fd-8e6103af76ee"


@pytest.fixture
def person(laptop: Laptop) -> Iterator[Person]:
    """A user of it."""
    with client(laptop) as http:
        yield new_person(http)


@pytest.fixture
def coditect(laptop: Laptop, person: Person, tmp_path: Path) -> Command:
    """The command of that user."""
    variables = {
        "CODITECT_SERVER": laptop.settings.url,
        "CODITECT_TOKEN": person.tokens["accessToken"],
    }
    return Command(tmp_path, variables)


def test_whoami_shows_user_and_tenant(coditect: Command, person: Person) -> None:
    """As text in one line, and as JSON with what the API says."""
    answer = coditect("whoami", "--json").json
    assert answer["user"] == person.call("GET", "/auth/me").json()["data"]
    tenant = person.answer["tenant"]
    assert (answer["tenant"]["tenantId"], answer["credential"]) == (tenant["tenantId"], "token")
    line = coditect("whoami").out
    assert line.startswith(f"{person.email} in {tenant['slug']} (owner) at ")


def test_tenants_are_listed_and_the_active_one_marked(coditect: Command, person: Person) -> None:
    """All tenants of the user, as the API gives them."""
    organization = person.call("POST", "/tenants", {"name": "Acme"}).json()["data"]
    answer = coditect("tenants", "--json").json
    own = person.answer["tenant"]["tenantId"]
    assert answer["activeTenantId"] == own
    assert {one["tenantId"] for one in answer["tenants"]} == {own, organization["tenantId"]}
    lines = coditect("tenants").out.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("*")] == [own]
    refused = coditect("switch", organization["slug"])
    assert (refused.code, "is for one tenant" in refused.err) == (2, True)
    assert coditect("switch", "nowhere", "--json").error["code"] == "TENANT_NOT_FOUND"


def test_a_session_is_opened_shown_renamed_and_ended(coditect: Command) -> None:
    """`open` prints the id, which the others take."""
    opened = coditect("sessions", "open", "engine", "--path", "/home/ada/engine")
    session = opened.out.strip()
    assert (opened.code, opened.err) == (0, "")
    shown = coditect("sessions", "show", session, "--json").json["session"]
    assert (shown["name"], shown["workspacePath"]) == ("engine", "/home/ada/engine")
    renamed = coditect("sessions", "rename", session, "motor", "--json").json["session"]
    assert (renamed["sessionId"], renamed["name"]) == (session, "motor")
    assert f"{session}  motor  /home/ada/engine  " in coditect("sessions", "list").out
    ended = coditect("sessions", "end", session, "--json").json
    assert ended == {"ended": [session], "all": False}
    assert coditect("sessions", "list", "--json").json == {"sessions": []}


def test_all_pages_of_sessions_are_listed(coditect: Command, person: Person) -> None:
    """The list goes on until the last page; `end --all` needs --yes without a terminal."""
    state = {"text": "x" * 60_000}  # a page has 4 MiB at most
    for number in range(80):
        body = {"name": str(number), "state": state}
        assert person.call("POST", "/sessions", body).status_code == 201
    listed = coditect("sessions", "list", "--json").json["sessions"]
    assert sorted(int(one["name"]) for one in listed) == list(range(80))
    assert coditect("sessions", "end", "--all").code == 2
    assert coditect("sessions", "end", "--all", "--yes").code == 0
    assert list(person.sessions()) == []


def test_an_error_is_one_line_with_code_and_request_id(coditect: Command) -> None:
    """As text, and as JSON on stderr; the exit code is 1."""
    done = coditect("sessions", "show", UNKNOWN_SESSION)
    assert (done.code, done.out) == (1, "")
    line = done.err.strip()
    assert "\n" not in line
    assert "[SESSION_NOT_FOUND, " in line
    error = coditect("sessions", "show", UNKNOWN_SESSION, "--json").error
    assert set(error) == {"code", "message", "requestId"}
    assert (error["code"], bool(error["requestId"])) == ("SESSION_NOT_FOUND", True)


def test_a_refused_field_is_named(coditect: Command) -> None:
    """The line says which field and why."""
    done = coditect("sessions", "open", "x" * 201)
    assert done.code == 1
    assert "(name: TOO_LONG) [INVALID_REQUEST, " in done.err


@pytest.mark.parametrize("session", ["../tenants", "a/b", "?scope=tenant", "..", ""])
def test_what_is_no_id_is_not_sent(coditect: Command, session: str) -> None:
    """An argument never becomes another path."""
    assert coditect("sessions", "show", session).code == 2


def test_a_token_that_is_refused_ends_with_3(coditect: Command) -> None:
    """Nothing can renew a given token."""
    done = coditect("whoami", "--json", CODITECT_TOKEN="x.y.z")
    assert (done.code, done.error["code"]) == (3, "ACCESS_TOKEN_INVALID")
