"""The self-test, run as a command, as the image build and an operator run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.version import VERSION

pytestmark = pytest.mark.drill

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program that a test may damage."""
    # With what is compiled already, except for files that another test is just compiling.
    unfinished = shutil.ignore_patterns("*.pyc.*")
    for name in ("coditect", "kernel", "ops", "services"):
        shutil.copytree(ROOT / name, tmp_path / "app" / name, ignore=unfinished)
    return tmp_path / "app"


def selftest(app: Path, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the self-test of a program, for an installation without FoundationDB."""
    return subprocess.run(
        [sys.executable, "-m", "ops.selftest", "--no-foundationdb", "--folder", folder],
        cwd=app,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_self_test_passes_on_the_real_program(tmp_path: Path) -> None:
    """The self-test reports success, leaves no file, and ignores the settings of a pod."""
    pod = {"STORE_URL": "fdb:///nowhere", "LISTEN": "0.0.0.0:1", "METRICS_LISTEN": "0.0.0.0:1"}
    ended = selftest(ROOT, tmp_path, **pod)
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert lines[-1].startswith(f"selftest: this is coditect {VERSION}, and it works (")
    assert ended.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("services/tenants/__main__.py", "services.tenants is not the real program"),
        ("services/tenants/app.py", "services.tenants ended with exit code 1; the end of its log:"),
        ("kernel/rpc/server.py", "kernel.rpc.process cannot be imported"),
    ],
)
def test_the_self_test_finds_an_emptied_file(
    copy: Path, tmp_path: Path, file: str, words: str
) -> None:
    """The self-test fails without a traceback, and its last message names the emptied program."""
    assert (copy / file).is_file()
    (copy / file).write_text('"""Does nothing."""\n')
    ended = selftest(copy, tmp_path)
    assert ended.returncode == 1
    assert words in ended.stdout.partition("selftest: FAILED: ")[2]
    assert "Traceback" not in ended.stderr


def test_the_self_test_finds_that_auth_accepts_a_wrong_password(copy: Path, tmp_path: Path) -> None:
    """The self-test fails if auth is changed to accept every password."""
    passwords = copy / "services/auth/passwords/hashing.py"
    right, wrong = "return any([stored.matches(form) for form in forms])", "return True"
    assert right in passwords.read_text()
    passwords.write_text(passwords.read_text().replace(right, wrong))
    ended = selftest(copy, tmp_path)
    assert ended.returncode == 1
    assert "selftest: FAILED: auth accepted a wrong password" in ended.stdout
