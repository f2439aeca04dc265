"""Runs a script on a disk of 12 MB, which it can fill: a file system in memory.

The script's process has a mount namespace of its own, so it needs no rights.
"""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

ROOT = Path(__file__).parents[2]
_SECONDS = 60
_MOUNT = 'mount -t tmpfs -o size=12m tmpfs "$1" && cd "$2" && shift 2 && exec "$@"'
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _MOUNT, "sh")
_PRELUDE = '''
import asyncio, sys
from pathlib import Path

DISK = Path(sys.argv[1])

def fill_disk():
    """Another program leaves no byte."""
    with (DISK / "other").open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass

def free_disk():
    (DISK / "other").unlink()
'''


def run_on_small_disk(folder: Path, script: str, prelude: str = "") -> None:
    """Runs a script whose assertions must hold; skips the test where a process may not mount.

    Args:
        folder: Where the disk is mounted.
        script: The body of a coroutine function. `DISK` is the folder, `fill_disk()` fills it.
        prelude: Imports and functions for it.
    """
    trial = [*_NAMESPACE, folder, ROOT, "true"]
    if subprocess.run(trial, check=False, capture_output=True).returncode:
        pytest.skip("this system lets no process mount a file system in a namespace of its own")
    body = indent(dedent(script), "    ")
    text = f"{_PRELUDE}{prelude}\nasync def main():\n{body}\nasyncio.run(main())\n"
    done = subprocess.run(
        [*_NAMESPACE, folder, ROOT, sys.executable, "-c", text, folder],
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
