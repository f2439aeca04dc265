"""Starts and runs real processes of the product."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 20


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


def start_program(module: str, environ: Mapping[str, str]) -> subprocess.Popen[str]:
    """Starts `python -m module` and leaves it running."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=dict(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
