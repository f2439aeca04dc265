"""A program that no admin has registered finds the way from the URL of the API alone, where that is allowed."""

from pathlib import Path

from tests.clients.foreign_programs import run_node
from tests.clients.page_user import PageUser
from tests.end_to_end.conftest import client, start
from tests.end_to_end.person import new_person
from tests.support import node


@node.NEEDED
def test_an_editor_registers_itself(tmp_path: Path) -> None:
    """Challenge, metadata, registration, pushed request with a resource, and a call within its scope.

    RFC 9728, 8414, 7591, 9126 and 8707, as the Model Context Protocol has clients do it.
    """
    with start(tmp_path, DYNAMIC_CLIENT_REGISTRATION="open") as laptop:
        laptop.wait_until_ready()
        api = laptop.settings.environ["TOKEN_AUDIENCE"]
        with client(laptop) as http:
            person = new_person(http)
            person.call("POST", "/sessions", {"name": "engine"})
        with PageUser(person.email) as user:
            seen = run_node("editor", user, api, "http://127.0.0.1:49152/callback")
    assert seen["challenge"]["error"] == "invalid_token"
    assert seen["sessions"] == ["engine"]
    assert set(seen["scope"].split()) == {"sessions:read", "offline_access"}
    assert (seen["outOfScopeStatus"], seen["outOfScope"]["error"]) == (403, "insufficient_scope")
