"""Node.js and npm: those of the machine, or else those in .venv, from a wheel (requirements/node.txt).

python -m tools.node                 says where they are, and fails if there are none
python -m tools.node npm ci …        runs one of their programs in the working folder
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

OLDEST = 20
"""The oldest major version that works."""
MISSING = f"there is no Node.js {OLDEST} or newer with npm"
_SECONDS = 20


def places() -> tuple[Path, ...]:
    """Returns the folders in which programs are looked for: those of the machine, then .venv's."""
    return (*map(Path, os.get_exec_path()), Path(sys.executable).parent)


@cache
def folder(among: tuple[Path, ...] = places()) -> Path | None:
    """Returns the first folder with good programs `node` and `npm`; None if there is none."""
    for place in among:
        if (place / "npm").exists() and _version(place / "node") >= OLDEST:
            return place
    return None


def environ(place: Path, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Returns an environment in which the programs of a folder are found first."""
    return {**given, "PATH": f"{place}{os.pathsep}{given.get('PATH', os.defpath)}"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    command = list(sys.argv[1:] if arguments is None else arguments)
    place = folder()
    if place is None:
        sys.stderr.write(f"{MISSING}: install it, or run `make node`\n")
        return 1
    if not command:
        sys.stdout.write(f"{place}\n")
        return 0
    found = shutil.which(command[0], path=str(place)) or command[0]
    return subprocess.run([found, *command[1:]], env=environ(place), check=False).returncode


def _version(program: Path) -> int:
    """Returns the major version of a `node`; 0 if it does not run."""
    try:
        said = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=_SECONDS
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    major = re.match(r"v(\d+)\.", said)
    return int(major[1]) if major else 0


if __name__ == "__main__":
    sys.exit(main())
