"""Builds the console with npm: first the TypeScript client that it contains, then the console itself."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools import node

CLIENT, CONSOLE = Path("clients/typescript"), Path("console")
_INSTALL = (
    *("ci", "--ignore-scripts", "--no-audit", "--no-fund"),
    *("--fetch-retries", "1", "--fetch-timeout", "30000"),
)
_BUILD = ("run", "build")
_LINES = 15


class NotBuilt(Exception):
    """There is no console; the message says why, for a person."""


def build(root: Path, place: Path) -> Path:
    """Builds the console of a checkout.

    Args:
        root: The checkout.
        place: The folder with the programs `node` and `npm` (`tools.node.folder`).

    Returns:
        The folder of the built console.

    Raises:
        NotBuilt: A step of npm failed.
    """
    try:
        for part in (CLIENT, CONSOLE):
            folder = root / part
            if not _is_installed(folder):
                _npm(place, folder, _INSTALL)
            _npm(place, folder, _BUILD)
    except OSError as error:
        raise NotBuilt(str(error)) from None
    return root / CONSOLE / "dist"


def _is_installed(folder: Path) -> bool:
    """Whether the packages of the lock file are installed: npm writes its own copy of it last."""
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def _npm(place: Path, folder: Path, arguments: Sequence[str]) -> None:
    done = subprocess.run(
        [place / "npm", *arguments],
        cwd=folder,
        env=node.environ(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        # npm says first what is wrong, compilers say it last.
        shown = lines[:_LINES] if arguments is _INSTALL else lines[-_LINES:]
        raise NotBuilt(
            f"`npm {' '.join(arguments[:2])}` in {folder.name} failed:\n" + "\n".join(shown)
        )
