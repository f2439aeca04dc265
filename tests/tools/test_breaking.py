"""Breaking changes of the contract are reported, compatible ones pass."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tools import breaking, gen

pytestmark = pytest.mark.drill

SESSIONS = "sessions/v5/sessions.proto"
RECORDS = "sessions/records/v1/sessions.proto"
INTERNAL = "sessions/internal/v1/sessions.proto"
AUTH = "auth/v5/accounts.proto"
ADDED_METHOD = """
  // Gets a session, too.
  rpc LookAtSession(GetSessionRequest) returns (GetSessionResponse) {
    option (google.api.http) = {get: "/api/v5/look/{session_id}"};
    option (coditect.access.v1.rule) = {audience: AUDIENCE_USER scopes: [SCOPE_LOGIN]};
    option (coditect.method.v1.method) = {summary: "Look at a session"};
  }
"""
MORE = "\n  string more = 9 [(google.api.field_behavior) = REQUIRED];"
AUTHOR = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com"}
NO_SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

Said = tuple[int, str]
Check = Callable[..., Said]


class Checkout:
    """A repository with this contract, which is released as v5.0.0."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(gen.ROOT / "protos", folder / "protos")
        shutil.copy(gen.ROOT / "buf.yaml", folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("first")
        self.git("tag", "v5.0.0")
        self.commit("second")

    def git(self, *arguments: str) -> None:
        """Runs git without a user's settings."""
        environ = {**os.environ, **AUTHOR, **COMMITTER, **NO_SETTINGS}
        subprocess.run(["git", *arguments], cwd=self.folder, env=environ, check=True)

    def commit(self, subject: str) -> None:
        """Commits all changes."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)

    def change(self, proto: str, old: str, new: str) -> None:
        """Replaces the first occurrence of a text in a file of the contract."""
        path = self.folder / "protos/coditect" / proto
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def drop(self, proto: str, field: str, new: str = "") -> None:
        """Replaces the first field that begins with a text, including its options."""
        path = self.folder / "protos/coditect" / proto
        text = path.read_text()
        found = re.search(rf"  {re.escape(field)}( \[.*?\])?;", text, re.DOTALL)
        assert found is not None
        path.write_text(text[: found.start()] + new + text[found.end() :])


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A separate repository."""
    return Checkout(tmp_path)


@pytest.fixture
def check(checkout: Checkout, capfd: pytest.CaptureFixture[str]) -> Check:
    """Runs the check; returns its exit code and all output."""

    def run(environ: Mapping[str, str] | None = None, root: Path = checkout.folder) -> Said:
        capfd.readouterr()
        code = breaking.main(["--root", str(root)], environ or {})
        return code, "".join(capfd.readouterr())

    return run


def test_types(check: Check, checkout: Checkout) -> None:
    """Everything removed, renumbered, renamed or of another type is reported at once."""
    checkout.drop(SESSIONS, "string workspace_path = 5")
    checkout.change(SESSIONS, "  string name = 4", "  string name = 40")
    checkout.change(SESSIONS, "  string tenant_id = 2", "  string tenant = 2")
    checkout.change(SESSIONS, "  int32 revision = 7", "  int64 revision = 7")
    checkout.change(INTERNAL, "rpc EraseUser(", "rpc EraseUsers(")
    code, said = check()
    assert code == 1
    for named in (
        'present field "5" with name "workspace_path" on message "Session" was deleted',
        'present field "4" with name "name" on message "Session" was deleted',
        'Field "2" on message "Session" changed name from "tenant_id" to "tenant"',
        'Field "7" with name "revision" on message "Session" changed type from "int32" to "int64"',
        'present RPC "EraseUser" on service "SessionsInternalService" was deleted',
    ):
        assert named in said
    assert f"coditect/{SESSIONS}:" in said
    assert "v5.0.0" in said


def test_rows(check: Check, checkout: Checkout) -> None:
    """A stored field may be removed if its number is reserved, and may change what rows do not contain."""
    checkout.change(RECORDS, "  string name = 4;", "  reserved 4;")
    checkout.change(RECORDS, "  string workspace_path = 5;", "  string path = 5;")
    checkout.change(RECORDS, "  int32 revision = 7;", "  int64 revision = 7;")
    assert check()[0] == 0
    checkout.change(RECORDS, "  reserved 4;", "")
    checkout.change(RECORDS, "  bytes state = 6;", "  int64 state = 6;")
    code, said = check()
    assert code == 1
    assert 'present field "4" with name "name" on message "SessionRecord" was deleted' in said
    assert 'Field "6" with name "state" on message "SessionRecord" changed type' in said


def test_reserving_is_not_enough_for_callers(check: Check, checkout: Checkout) -> None:
    """Removing a field of the public API breaks readers of its name, reserved or not."""
    checkout.drop(SESSIONS, "string name = 4", "  reserved 4;")
    code, said = check()
    assert code == 1
    assert 'present field "4" with name "name" on message "Session" was deleted' in said


def test_routes(check: Check, checkout: Checkout) -> None:
    """A removed path or verb is reported, and so is a route with another request or response form."""
    checkout.change(SESSIONS, 'get: "/api/v5/sessions"', 'get: "/api/v5/all-sessions"')
    checkout.change(SESSIONS, 'patch: "/api/v5/sessions/', 'put: "/api/v5/sessions/')
    checkout.change(SESSIONS, "{created: true}", "{created: false}")
    code, said = check()
    assert code == 1
    service = "coditect.sessions.v5.SessionsService"
    assert f"{service}.ListSessions: GET /api/v5/sessions is gone" in said
    assert f"{service}.UpdateSession: PATCH /api/v5/sessions/{{}} is gone" in said
    assert f"{service}.CreateSession: POST /api/v5/sessions was" in said
    assert "GetSession:" not in said


def test_callers(check: Check, checkout: Checkout) -> None:
    """A method that rejects a kind of caller or a service it used to accept is broken."""
    checkout.change(AUTH, "audience: AUDIENCE_PUBLIC", "audience: AUDIENCE_USER")
    checkout.change(INTERNAL, 'services: ["tenants"]', 'services: ["auth"]')
    code, said = check()
    assert code == 1
    assert "AccountsService.Register was for AUDIENCE_PUBLIC, is for AUDIENCE_USER" in said
    assert "SessionsInternalService.EndSessions no longer allows tenants" in said


def test_roles(check: Check, checkout: Checkout) -> None:
    """A change of role is a decision: it is a notice, not an error."""
    checkout.change(SESSIONS, "least_role: ROLE_MEMBER", "least_role: ROLE_ADMIN")
    code, said = check()
    assert code == 0
    notice = next(line for line in said.splitlines() if line.startswith("notice: "))
    assert "SessionsService.CreateSession" in notice
    assert notice.index("ROLE_MEMBER") < notice.index("ROLE_ADMIN")


def test_idempotency(check: Check, checkout: Checkout) -> None:
    """A method that stops accepting idempotency keys is broken; one that starts to is not."""
    checkout.change(SESSIONS, "      idempotent: true\n", "")
    code, said = check()
    assert code == 1
    assert "SessionsService.CreateSession no longer takes an idempotency key" in said
    checkout.commit("third")
    checkout.git("tag", "v5.1.0")
    checkout.commit("fourth")
    opening = 'summary: "Open a session"\n'
    checkout.change(SESSIONS, opening, f"{opening}      idempotent: true\n")
    assert check()[0] == 0


def test_reasons(check: Check, checkout: Checkout) -> None:
    """An added or removed reason is a notice, not an error."""
    checkout.change(SESSIONS, '"SESSION_LIMIT_REACHED",', '"REVISION_STALE",')
    code, said = check()
    assert code == 0
    assert "CreateSession have changed: +REVISION_STALE -SESSION_LIMIT_REACHED" in said


@pytest.mark.parametrize(
    ("proto", "old", "new", "message"),
    [
        (AUTH, "max_len: 256", "max_len: 100", "password may have 100 characters now, not 256"),
        (AUTH, "min_len: 8", "min_len: 20", "password must have 20 characters now, not 8"),
        (SESSIONS, '"tenant"\n', '"mine"\n', "scope must be one of ['mine'] now"),
        (SESSIONS, "ignore_empty: true", "ignore_empty: false", "scope must not be empty now"),
        (INTERNAL, "{gte: 1}", "{gte: 2}", "tenant_epoch must be 2 or more now"),
        (
            SESSIONS,
            "int32 page_size = 1 [(google.api.field_behavior) = OPTIONAL]",
            "int32 page_size = 1 [(google.api.field_behavior) = REQUIRED]",
            "page_size is required now",
        ),
        (
            SESSIONS,
            "message GetSessionRequest {",
            f"message GetSessionRequest {{{MORE}",
            "more is required now",
        ),
        (
            SESSIONS,
            "string page_token = 2 [(google.api.field_behavior) = OPTIONAL]",
            "string page_token = 2 [(coditect.field.v1.rules) = {format: FORMAT_UUID}]",
            "page_token must be a FORMAT_UUID now",
        ),
    ],
)
def test_narrower_requests(
    check: Check, checkout: Checkout, proto: str, old: str, new: str, message: str
) -> None:
    """A field that allows less than before, or is now required, is reported; the reverse passes."""
    checkout.change(proto, old, new)
    code, said = check()
    assert code == 1
    assert message in said
    checkout.commit("third")
    checkout.git("tag", "v5.1.0")
    checkout.commit("fourth")
    if MORE not in new:  # removing a field is another case
        checkout.change(proto, new, old)
        assert check()[0] == 0


@pytest.mark.parametrize(
    ("new", "code"), [("recent: 299", 1), ("recent: 301", 0), ("", 0)], ids=str
)
def test_a_recent_proof(check: Check, checkout: Checkout, new: str, code: int) -> None:
    """A proof that must be younger than before breaks callers; an older one does not."""
    checkout.change("auth/v5/logins.proto", "recent: 300", new)
    found, said = check()
    assert found == code
    assert ("within 299 seconds now" in said) == bool(code)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("assurance: ASSURANCE_AAL2", "LoginsService.LogoutAll needs ASSURANCE_AAL2 now"),
        ("assurance: ASSURANCE_UNSPECIFIED", ""),
        ("", ""),
    ],
)
def test_an_assurance(check: Check, checkout: Checkout, new: str, said: str) -> None:
    """A method that asks for more than before breaks callers; one that asks for less does not."""
    checkout.change("auth/v5/logins.proto", "assurance: ASSURANCE_STRONGEST", new)
    code, found = check()
    assert code == bool(said)
    assert said in found
    assert "notice: who may call coditect.auth.v5.LoginsService.LogoutAll has changed" in found


def test_a_password_instead_of_a_recent_proof(check: Check, checkout: Checkout) -> None:
    """Callers who rely on the password in their request break without it; the reverse passes."""
    checkout.change(AUTH, '      password_field: "password"\n', "")
    code, said = check()
    assert code == 1
    assert "AccountsService.DeleteMe needs a recent proof beside password now" in said
    checkout.commit("third")
    checkout.git("tag", "v5.1.0")
    checkout.commit("fourth")
    recent = "      recent: 300\n"
    checkout.change(AUTH, recent, f'{recent}      password_field: "password"\n')
    assert check()[0] == 0


def test_an_assurance_for_the_first_time(check: Check, checkout: Checkout) -> None:
    """A method that did not ask breaks the callers with a second factor who have not shown it."""
    rule = "audience: AUDIENCE_USER\n"
    checkout.change(SESSIONS, rule, f"{rule}      assurance: ASSURANCE_STRONGEST\n")
    code, found = check()
    assert code == 1
    assert "SessionsService.CreateSession needs ASSURANCE_STRONGEST now" in found


def test_rules_for_the_first_time(check: Check, checkout: Checkout) -> None:
    """A contract from before fields had rules is not compared."""
    # With another number, the rules exist but are not recognized.
    checkout.change("field/v1/field.proto", "rules = 50505", "rules = 50599")
    checkout.commit("third")
    checkout.git("tag", "v5.1.0")
    checkout.change("field/v1/field.proto", "rules = 50599", "rules = 50505")
    checkout.commit("fourth")
    config = checkout.folder / "buf.yaml"
    config.write_text(
        config.read_text().replace("    - google\n", "    - google\n    - coditect/field\n")
    )
    code, said = check()
    assert (code, "compatible with v5.1.0" in said) == (0, True), said


def test_additions(check: Check, checkout: Checkout) -> None:
    """New fields, messages, methods, routes, files and callers are compatible."""
    checkout.change(SESSIONS, "  string name = 4", "  string title = 40;\n  string name = 4")
    checkout.change(RECORDS, "  string name = 4;", "  string name = 4;\n  string title = 40;")
    checkout.change(INTERNAL, 'services: ["tenants"]', 'services: ["auth", "tenants"]')
    checkout.change(SESSIONS, "  // Returns one of", f"{ADDED_METHOD}\n  // Returns one of")
    added = checkout.folder / "protos/coditect/sessions/records/v1/more.proto"
    added.write_text('syntax = "proto3";\npackage coditect.sessions.records.v1;\nmessage More {}\n')
    code, said = check()
    assert code == 0
    assert "compatible with v5.0.0" in said


def test_renamed_path_variables(check: Check, checkout: Checkout) -> None:
    """Routes that differ only in variable names are the same."""
    path = 'get: "/api/v5/sessions/{session_id}"'
    checkout.change(SESSIONS, path, path.replace("session_id", "id"))
    assert check()[0] == 0


def test_on_purpose(check: Check, checkout: Checkout) -> None:
    """Files listed as ignored may break in types, routes and callers."""
    checkout.drop(SESSIONS, "string name = 4", "  reserved 4;")
    checkout.change(SESSIONS, 'get: "/api/v5/sessions"', 'get: "/api/v5/all-sessions"')
    config = checkout.folder / "buf.yaml"
    ignored = "breaking:\n  ignore:\n    - coditect/sessions/v5\n    - google\n"
    config.write_text(f"version: v2\n{ignored}")
    assert check()[0] == 0
    config.write_text("version: v2\nbreaking:\n  ignore:\n    - google\n")
    assert check()[0] == 1


def test_a_release_is_compared_with_the_one_before(check: Check, checkout: Checkout) -> None:
    """A release, whose commit has a tag, is compared with the release before it."""
    checkout.drop(SESSIONS, "string name = 4")
    checkout.commit("third")
    checkout.git("tag", "v5.1.0")
    checkout.git("tag", "nightly")
    code, said = check()
    assert code == 1
    assert "v5.0.0" in said
    checkout.commit("fourth")
    code, said = check()
    assert code == 0
    assert "compatible with v5.1.0" in said


def test_before_the_first_release(check: Check, checkout: Checkout) -> None:
    """Without a release, the parent commit is compared; the environment can name another revision."""
    checkout.git("tag", "--delete", "v5.0.0")
    checkout.drop(SESSIONS, "string name = 4")
    checkout.commit("third")
    assert check()[0] == 1
    checkout.commit("fourth")
    assert check()[0] == 0
    assert check({"PREVIOUS": "HEAD~3"})[0] == 1


def test_a_requested_revision_that_is_missing(check: Check) -> None:
    """A requested revision that is missing is an error; the check is not skipped."""
    code, said = check({"PREVIOUS": "v4.0.0"})
    assert code == 1
    assert "v4.0.0" in said


def test_nothing_to_compare_with(check: Check, checkout: Checkout, tmp_path: Path) -> None:
    """A first commit, a shallow clone and a plain folder have no earlier revision, and the output says so."""
    shallow = tmp_path / "shallow"
    checkout.git("clone", "--quiet", "--depth=1", checkout.folder.as_uri(), str(shallow))
    shutil.rmtree(checkout.folder / ".git")
    for root in (shallow, checkout.folder):
        code, said = check(root=root)
        assert code == 0
        assert "nothing to compare the contract with" in said
