"""The import contracts bind a capability that no configuration lists."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("kernel", "services", "gateway", "ops", "tools", "coditect")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

# A capability for authenticator apps with five mistakes that are easily made.
MISTAKES = {
    "__init__.py": '"""Authenticator apps."""\n',
    # 1. A rule takes generated messages, and stands on a capability that stands on it.
    "badges.py": "from coditect.auth.v5 import logins_pb2\nfrom services.auth.logins import start\n",
    # 2. The repository asks a rule.
    "repository.py": "from services.auth.badges import badges\n",
    # 3. and 4. Errors borrow from another context, and speak gRPC.
    "errors.py": "import grpc\nfrom services.tenants import settings\n",
    # 5. The model knows who serves it.
    "model.py": "from services.auth.badges import servicer\n",
    "servicer.py": "from services.auth.badges import badges\n",
}
BROKEN = {
    "Contexts never import each other",
    "Capabilities of a context form no cycle",
    "Inside a context, and inside a capability, calls go down",
    "Only the edge of a context knows public and internal messages",
    "Only the wiring knows servicers",
    "A repository knows only repositories, models, errors and keys",
    "gRPC stays at the edge",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the program with its contracts as they are."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.pyi", "*.lua"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken(tree: Path) -> set[str]:
    """The contracts that do not hold in a tree."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, re.MULTILINE)
    assert len(verdicts) >= len(BROKEN), done.stdout + done.stderr
    return {name for name, verdict in verdicts if verdict == "BROKEN"}


def test_the_contracts_hold(tree: Path) -> None:
    """As the tree is, all of them are kept."""
    assert broken(tree) == set()


def test_a_new_capability_is_bound_at_once(tree: Path) -> None:
    """Five mistakes break seven contracts, without a line of configuration."""
    folder = tree / "services" / "auth" / "badges"
    folder.mkdir()
    for name, text in MISTAKES.items():
        (folder / name).write_text(text)
    _append(
        tree / "services" / "auth" / "logins" / "start.py",
        "from services.auth.badges import badges",
    )
    assert broken(tree) == BROKEN


@pytest.mark.parametrize(
    ("mistake", "contract"),
    [
        (
            lambda tree: _append(
                tree / "services" / "auth" / "accounts" / "profile.py",
                "from coditect.auth.records.v1 import users_pb2",
            ),
            "Only repositories and invariants know records",
        ),
        (
            lambda tree: _append(tree / "kernel" / "clock.py", "import services.auth.settings"),
            "The kernel knows nothing above it",
        ),
        (
            lambda tree: _append(tree / "services" / "auth" / "sweeper.py", "import ops.doctor"),
            "Contexts, kernel and gateway know no operator's and no developer's tool",
        ),
        (
            lambda tree: _append(tree / "services" / "auth" / "sweeper.py", "import lmdb"),
            "Only the backends know their engines",
        ),
    ],
    ids=["records", "kernel", "tools", "engines"],
)
def test_other_walls(tree: Path, mistake: Callable[[Path], None], contract: str) -> None:
    """One import in the wrong place breaks the contract that is about it."""
    mistake(tree)
    assert contract in broken(tree)


def _append(path: Path, line: str) -> None:
    path.write_text(f"{path.read_text()}\n{line}\n")
