"""The packages of the applications, from PyPI and npm, in a cache folder outside of the repository.

Each set has a folder named by a digest of its lock file, so it is installed once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.load import Skipped
from tools import node

_HERE = Path(__file__).parent
_SECONDS = 600


def python() -> Path:
    """Installs FastAPI-Users; returns the Python of its environment.

    Raises:
        Skipped: The packages cannot be installed.
    """
    lock = _HERE / "fastapi_users/requirements.txt"
    folder, done = _folder("fastapi-users", lock.read_bytes() + sys.version.encode())
    program = folder / "bin/python"
    if not done.exists():
        _run("FastAPI-Users", [sys.executable, "-m", "venv", "--clear", str(folder)])
        install = ["install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
        _run("FastAPI-Users", [str(program), "-m", "pip", *install, str(lock)])
        done.touch()
    return program


def javascript() -> tuple[Path, Path]:
    """Installs better-auth; returns Node.js, and the folder with the packages and the application.

    Raises:
        Skipped: There is no Node.js, or the packages cannot be installed.
    """
    place = node.folder()
    if place is None:
        raise Skipped(node.MISSING)
    source = _HERE / "better_auth"
    folder, done = _folder("better-auth", (source / "package-lock.json").read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "server.mjs"):
        shutil.copy(source / name, folder)
    if not done.exists():
        install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1"]
        _run("better-auth", [str(place / "npm"), *install], cwd=folder, env=node.environ(place))
        done.touch()
    return place / "node", folder


def _folder(name: str, locked: bytes) -> tuple[Path, Path]:
    """A folder of the cache, and the file in it that says that the installation was completed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "coditect-bench" / f"{name}-{hashlib.sha256(locked).hexdigest()[:16]}"
    return folder, folder / "installed"


def _run(what: str, argv: Sequence[str], **how: Any) -> None:
    """Runs a command; if it fails, the end of what it said is the reason."""
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=_SECONDS, **how
        )
    except subprocess.TimeoutExpired:
        raise Skipped(f"{what} is not installed after {_SECONDS} s") from None
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "?").splitlines()[-1]
        raise Skipped(f"{what} cannot be installed: {said[:200]}")
