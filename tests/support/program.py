"""Starts and runs real processes of the product."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parents[2]
SECONDS = 30


def python_ignoring(signals: str) -> list[str]:
    """The start of a command line of Python that ignores signals from its first moment on.

    Args:
        signals: Such as `"INT HUP"`, which is what `nohup make run &` ignores in a script.
    """
    if not signals:
        return [sys.executable]
    return ["sh", "-c", f'trap \'\' {signals}; exec "$0" "$@"', sys.executable]


def run_program(
    module: str, environ: Mapping[str, str], arguments: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m module` to its end, with exactly this environment."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def start_program(
    module: str,
    environ: Mapping[str, str],
    arguments: Sequence[str] = (),
    ignored: str = "",
    output: TextIO | int = subprocess.PIPE,
) -> subprocess.Popen[str]:
    """Starts `python -m module` and leaves it running.

    For `ignored` see `python_ignoring`; `output` takes stdout and stderr.
    """
    return subprocess.Popen(
        [*python_ignoring(ignored), "-m", module, *arguments],
        cwd=ROOT,
        env=dict(environ),
        stdout=output,
        stderr=output,
        text=True,
    )
