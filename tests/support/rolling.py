"""The previous version, ready to run: its tree, and a Python with its requirements."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.program import ROOT
from tools import breaking, gen
from tools.programs import CONTRACT

REQUIREMENTS = Path("requirements", "main.txt")
INSTALL_SECONDS = 300

_DRAINS = (
    "from kernel.settings import ServiceSettings as S;print('drain_seconds' in S.model_fields)"
)


@dataclass(frozen=True)
class Version:
    """A version of the product.

    Attributes:
        name: The revision.
        tree: The folder with its files.
        python: The interpreter that runs them.
    """

    name: str
    tree: Path
    python: Path

    @property
    def with_sidecars(self) -> "Version":
        """This version if it supports sidecars, otherwise the current one."""
        return self if (self.tree / "gateway" / "sidecar.py").exists() else THIS

    @property
    def knows_second_factors(self) -> bool:
        """Whether its auth asks for second factors."""
        return (self.tree / "services" / "auth" / "factors").exists()

    def drains(self) -> bool:
        """Whether its services keep serving for a while after SIGTERM."""
        said = subprocess.run(
            [self.python, "-c", _DRAINS], cwd=self.tree, capture_output=True, text=True, check=True
        )
        return said.stdout.strip() == "True"


THIS = Version("this version", ROOT, Path(sys.executable))


def version_before(folder: Path) -> Version:
    """The last release, the parent commit, or the revision in `PREVIOUS`, extracted to a folder.

    Skips the test if there is none, because comparing this version with itself proves nothing.
    """
    try:
        revision = os.environ.get(breaking.PREVIOUS) or breaking.previous(ROOT)
    except breaking.RevisionMissing as missing:
        pytest.skip(f"no version before this one is here: {missing}")
    breaking.take(ROOT, revision, folder)
    gen.write_descriptors(folder, folder / CONTRACT.relative_to(ROOT))
    return Version(revision, folder, _python(folder))


def _python(tree: Path) -> Path:
    """Our own Python if it has the tree's requirements, otherwise a new environment."""
    if _pins(tree) <= _pins(ROOT):
        return Path(sys.executable)
    wanted = tree / REQUIREMENTS
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "coditect"
    folder = cache / f"venv-{hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]}"
    with _held(folder.with_suffix(".lock")):
        if not (folder / "complete").exists():
            _install(wanted, folder)
    return folder / "bin" / "python"


def _pins(tree: Path) -> set[str]:
    """The pinned packages and versions, without comments and hashes."""
    lines = (tree / REQUIREMENTS).read_text().splitlines()
    return {line.rstrip(" \\") for line in lines if line[:1].isalnum()}


def _install(requirements: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", folder],
        [folder / "bin" / "pip", "install", "--quiet", "--require-hashes", "-r", requirements],
    ):
        made = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if made.returncode:
            why = made.stderr.strip().splitlines()[-1:]
            pytest.skip(f"what the version before requires cannot be installed: {why}")
    (folder / "complete").touch()


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Holds a lock, because tests of several checkouts share the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
