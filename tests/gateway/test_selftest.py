"""The gateway's self-test, run like by the image build and by an operator."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kernel.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program, for the test to damage."""
    for name in ("build/contract.binpb", "coditect", "gateway", "kernel"):
        target = tmp_path / "app" / name
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True)
            shutil.copy(ROOT / name, target)
    return tmp_path / "app"


def selftest(app: Path, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the self-test of a program."""
    folder.mkdir(exist_ok=True)
    own = {"PATH": os.environ["PATH"], "TMPDIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "gateway.selftest"],
        cwd=app,
        env=own | environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_real_gateway(tmp_path: Path) -> None:
    """It reports success and leaves no files behind; a pod's settings have no effect on it."""
    pod = {"LISTEN": "0.0.0.0:1", "RUN_FOLDER": "/nowhere", "CONTRACT": "/nowhere"}
    ended = selftest(ROOT, tmp_path, **pod)
    assert ended.returncode == 0, ended.stdout
    last = ended.stdout.splitlines()[-1]
    assert last.startswith(f"selftest: this is coditect's gateway {VERSION}, and it works (")
    assert ended.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("gateway/__main__.py", "", "gateway is not the real program"),
        ("gateway/envoy/sidecar.py", "", "instead of answering, it ended with exit code 1"),
        (
            "gateway/envoy/envelope.lua",
            "this is no Lua",
            "instead of answering, it ended with exit code",
        ),
        ("build/contract.binpb", "no contract", "contract.binpb is no descriptor set"),
    ],
)
def test_a_damaged_gateway(copy: Path, tmp_path: Path, file: str, content: str, words: str) -> None:
    """A file that is empty or nonsense is detected, and the last line names the problem."""
    assert (copy / file).is_file()
    (copy / file).write_text(content)
    ended = selftest(copy, tmp_path / "folder")
    assert ended.returncode == 1
    assert words in ended.stdout.partition("selftest: FAILED: ")[2]
    assert ended.stderr == ""
