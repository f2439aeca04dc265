"""The TypeScript client: its own tests, programs with it, and the mistakes that its types find.

Skipped where it is not built: `make typescript` does it.
"""

import re
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from tests.support import typescript
from tools.laptop import Laptop

pytestmark = typescript.NEEDED


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled programs, in a folder of their own."""
    folder = typescript.make_project(tmp_path_factory.mktemp("typescript"))
    compiled = typescript.run(folder, "tsc")
    assert compiled.stdout == ""
    assert compiled.returncode == 0
    return folder


def test_its_own_tests() -> None:
    """They pass, and so does the check of their types."""
    done = typescript.run(typescript.CLIENT, "npm", "run", "--silent", "test")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_program(project: Path, laptop: Laptop) -> None:
    """It registers, logs in, opens and lists sessions, tells errors apart, and logs out."""
    email = f"{uuid4()}@example.com"
    assert _run(project, "program", laptop.settings.url, email) == [
        f"{email}: self, owner, active",
        "Ada is logged in",
        "first, second",
        "first 1 20",
        "no such session",
        "INVALID_REQUEST: name",
        "wrong password",
        "The idempotency key was used before with another request.",
        "password: TOO_SHORT",
        "log in again",
    ]


def test_a_short_program(project: Path, laptop: Laptop) -> None:
    """Twenty lines register, open a session, change it from a stale revision and explain the error."""
    lines = (project / "stale.ts").read_text(encoding="utf-8").splitlines()
    assert sum(bool(line) and not line.startswith("//") for line in lines) <= 20
    assert _run(project, "stale", laptop.settings.url, f"{uuid4()}@example.com") == [
        "The session has changed since; please read it again. Yours is 1, now it is 2."
    ]


class Mistake(NamedTuple):
    """A program with `new` in place of `old` must not compile, with one of these messages."""

    old: str
    new: str
    messages: str


MISTAKES = [
    Mistake('case "EMAIL_TAKEN":', 'case "SESSION_NOT_FOUND":', "is not comparable to type"),
    Mistake('    case "TENANT_SUSPENDED":\n', "", "Function lacks ending return statement"),
    Mistake('"BAD_CREDENTIALS"', '"WRONG_PASSWORD"', "is not assignable to parameter of type"),
    Mistake('scope: "mine"', 'scope: "others"', "is not assignable to type"),
    Mistake("lastName:", "surname:", "'surname' does not exist in type|'lastName' is missing"),
    Mistake("${role}", "${role === 'king'}", "no overlap"),
    Mistake("detail.fieldViolations", "detail.metadata", "Property 'metadata' does not exist"),
    Mistake("session.name", "session.title", "Property 'title' does not exist"),
    Mistake(
        '.list("/api/v5/sessions"',
        '.list("/api/v5/auth/me"',
        "is not assignable to parameter",
    ),
    Mistake("user.firstName", "challenge.token", "'challenge' is possibly 'undefined'"),
    Mistake('{ body: { name: "second" } }', '{ name: "second" }', "'name' does not exist in type"),
]


@pytest.fixture(scope="module")
def compiler_output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the compiler says about all mistakes, each in a program of its own beside the right one."""
    folder = typescript.make_project(tmp_path_factory.mktemp("mistakes"))
    text = (folder / "program.ts").read_text(encoding="utf-8")
    for number, mistake in enumerate(MISTAKES):
        assert mistake.old in text
        (folder / f"mistake{number}.ts").write_text(
            text.replace(mistake.old, mistake.new, 1), encoding="utf-8"
        )
    compiled = typescript.run(folder, "tsc", "--noEmit")
    assert compiled.returncode != 0
    return compiled.stdout


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[one.new for one in MISTAKES])
def test_mistakes_do_not_compile(compiler_output: str, number: int) -> None:
    """A code that the operation does not give, a missing case, a value, a field, a path, an answer."""
    errors = re.findall(rf"^mistake{number}\.ts\(.*(?:\n .*)*", compiler_output, re.MULTILINE)
    assert any(message in "\n".join(errors) for message in MISTAKES[number].messages.split("|"))


def test_only_mistakes_do_not_compile(compiler_output: str) -> None:
    """The compiler complains about no other program."""
    files = re.findall(r"^(\w+)\.ts\(", compiler_output, re.MULTILINE)
    assert set(files) == {f"mistake{number}" for number in range(len(MISTAKES))}


def _run(project: Path, program: str, *arguments: str) -> list[str]:
    """The lines that a program writes."""
    done = typescript.run(project, "node", "main.js", program, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()
