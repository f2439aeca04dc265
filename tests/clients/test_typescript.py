"""A TypeScript client with types generated from the OpenAPI document.

Skipped without its npm packages: `make typescript` installs them.
"""

import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from tests.end_to_end.conftest import start
from tests.support import typescript

pytestmark = typescript.NEEDED


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with its types, in a folder of its own."""
    return typescript.make_project(tmp_path_factory.mktemp("typescript"))


def test_the_program_compiles_and_runs(project: Path, tmp_path: Path) -> None:
    """It registers, logs in, opens and lists sessions, and tells errors apart; strictly typed."""
    compiled = typescript.run(project, "tsc")
    assert compiled.stdout == ""
    assert compiled.returncode == 0
    email = f"{uuid4()}@example.com"
    with start(tmp_path / "data") as laptop:
        laptop.wait_until_ready()
        done = subprocess.run(
            ["node", "main.js", laptop.settings.url, email],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{email}: self, owner, active",
        "first, second",
        "first 1 20",
        "no such session",
        "log in again",
        "wrong password",
        "The idempotency key was used before with another request.",
        "password: TOO_SHORT",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('case "EMAIL_TAKEN":', 'case "SESSION_NOT_FOUND":', "is not comparable to type"),
        ('      case "TENANT_SUSPENDED":\n', "", "Function lacks ending return statement"),
        ('scope: "mine"', 'scope: "others"', "is not assignable to type"),
        ("lastName:", "surname:", "'surname' does not exist in type|'lastName' is missing"),
        ("${role}", "${role === 'king'}", "no overlap"),
        ("detail.fieldViolations", "detail.metadata", "Property 'metadata' does not exist"),
    ],
)
def test_mistakes_do_not_compile(
    project: Path, tmp_path: Path, old: str, new: str, message: str
) -> None:
    """A code that the operation does not give, a missing case, a value, a field, a detail."""
    folder = tmp_path / "project"
    shutil.copytree(project, folder, symlinks=True)
    text = (folder / "program.ts").read_text(encoding="utf-8")
    assert old in text
    (folder / "program.ts").write_text(text.replace(old, new, 1), encoding="utf-8")
    compiled = typescript.run(folder, "tsc", "--noEmit")
    assert compiled.returncode != 0
    assert any(one in compiled.stdout for one in message.split("|")), compiled.stdout
