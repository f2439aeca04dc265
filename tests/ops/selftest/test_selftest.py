"""The self-test, run as the build of the image and an operator run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.version import VERSION

ROOT = Path(__file__).parents[3]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program, to be damaged."""
    for name in ("coditect", "kernel", "ops", "services"):
        shutil.copytree(
            ROOT / name, tmp_path / "app" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
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


def test_the_real_program(tmp_path: Path) -> None:
    """It says that all works, and leaves nothing behind; what a pod is told does not matter to it."""
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
def test_a_hollow_program(copy: Path, tmp_path: Path, file: str, words: str) -> None:
    """A file that does nothing is found out, in one line at the end that says where."""
    assert (copy / file).is_file()
    (copy / file).write_text('"""Does nothing."""\n')
    ended = selftest(copy, tmp_path)
    assert ended.returncode == 1
    assert words in ended.stdout.partition("selftest: FAILED: ")[2]
    assert "Traceback" not in ended.stderr


def test_a_program_that_lets_everybody_in(copy: Path, tmp_path: Path) -> None:
    """It is not enough that something answers: it has to be the right answer."""
    passwords = copy / "services/auth/passwords/hashing.py"
    right, wrong = (f"except VerifyMismatchError:\n            return {it}" for it in (False, True))
    assert right in passwords.read_text()
    passwords.write_text(passwords.read_text().replace(right, wrong))
    ended = selftest(copy, tmp_path)
    assert ended.returncode == 1
    assert "selftest: FAILED: auth accepted a wrong password" in ended.stdout
