"""The client at the running product: the program of its README, and a login from begin to end."""

import subprocess
import sys
from typing import Any
from uuid import uuid4

import pytest
from coditect_client import ApiError, Memory
from coditect_client.errors import BadCredentials, RefreshTokenInvalid

from tests.clients.python.conftest import Connect
from tests.clients.python.readme import PACKAGE, PRINTED, program
from tests.end_to_end.person import PASSWORD, registration
from tools.laptop import Laptop

MISTAKES = {
    "body": ('{"name": "engine"}', '{"title": "engine"}', "incompatible type"),
    "answer": ('session["sessionId"]', 'session["id"]', 'has no key "id"'),
    "value": ('"revision": revision}', '"revision": "1"}', "Incompatible types"),
    "parameter": ("list_sessions()", 'list_sessions(scope="theirs")', "incompatible type"),
    "error": ("import RevisionStale", "import RevisionStael", "has no attribute"),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What mypy says in its strict mode about the program of the README, and about it with mistakes."""
    folder = tmp_path_factory.mktemp("typed")
    (folder / "right.py").write_text(program(), "utf-8")
    for name, (old, new, _) in MISTAKES.items():
        assert old in program()
        (folder / f"{name}.py").write_text(program().replace(old, new), "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "."]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"MYPYPATH": str(PACKAGE / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


def test_the_program_of_the_readme(laptop: Laptop) -> None:
    """It registers, opens a session, patches it with a stale revision and explains the error."""
    assert len(program().split("def main", 1)[1].splitlines()) <= 20
    done = subprocess.run(
        [sys.executable, "-c", program(), laptop.settings.url, f"{uuid4()}@example.com", PASSWORD],
        env={"PYTHONPATH": str(PACKAGE / "src"), "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, PRINTED, "")


def test_a_login_from_begin_to_end(connect: Connect, laptop: Laptop) -> None:
    """Registration, refresh, another tenant, lists, an export and the logout."""
    store = Memory()
    api = connect(laptop.settings.url, store=store)
    email = f"{uuid4()}@example.com"
    user = api(lambda client: client.accounts.register(registration(email)))["user"]
    assert api(lambda client: client.accounts.get_me()) == user
    acme = api(lambda client: client.tenants.create_tenant({"name": "Acme"}))
    tenant_id = acme["tenantId"]
    api(lambda client: client.logins.switch_tenant({"tenantId": tenant_id}))
    for number in range(3):
        api(lambda client, name=str(number): client.sessions.create_session({"name": name}))
    found = api(lambda client: client.sessions.list_sessions(page_size=2))
    assert sorted(one["name"] for one in found) == ["0", "1", "2"]
    assert {one["tenantId"] for one in found} == {tenant_id}
    before = api.client.access_token
    api(lambda client: client.refresh())
    assert api.client.access_token != before
    kinds = {row["kind"] for row in api(lambda client: client.accounts.export_me())}
    assert {"user", "session"} <= kinds
    refresh_token = store.load()
    api(lambda client: client.logout())
    with pytest.raises(ApiError, match="ACCESS_TOKEN_MISSING"):
        api(lambda client: client.accounts.get_me())
    store.save(refresh_token)
    with pytest.raises(RefreshTokenInvalid):
        api(lambda client: client.accounts.get_me())


def test_a_wrong_password(connect: Connect, laptop: Laptop) -> None:
    """It is an error of its class, and no login."""
    wrong: dict[str, Any] = {"email": f"{uuid4()}@example.com", "password": PASSWORD}
    with pytest.raises(BadCredentials) as caught:
        connect(laptop.settings.url)(lambda client: client.logins.login(wrong))
    assert caught.value.request_id


def test_a_repeated_registration_is_the_same_user(connect: Connect, laptop: Laptop) -> None:
    """The key of the caller names the write, whichever client repeats it."""
    body = registration(f"{uuid4()}@example.com")
    key = str(uuid4())

    def register(client: Any) -> Any:
        return client.accounts.register(body, idempotency_key=key)

    first, second = connect(laptop.settings.url), connect(laptop.settings.url)
    assert first(register)["user"] == second(register)["user"]


@pytest.mark.timeout(300)
def test_the_program_is_typed(complaints: str) -> None:
    """The program of the README has no mistake for a type checker in its strict mode."""
    files = {line.split(":", 1)[0] for line in complaints.splitlines() if ": error: " in line}
    assert files == {f"{name}.py" for name in MISTAKES}, complaints


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_type_checker_finds_mistakes(complaints: str, mistake: str) -> None:
    """In bodies, answers, values, parameters and the names of errors."""
    said = [line for line in complaints.splitlines() if line.startswith(f"{mistake}.py:")]
    assert any(MISTAKES[mistake][2] in line for line in said), complaints
