"""Starts and runs real processes of the product."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

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


def start_program(
    module: str, environ: Mapping[str, str], output: TextIO | int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """Starts `python -m module` and leaves it running; `output` takes stdout and stderr."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=dict(environ),
        stdout=output,
        stderr=output,
        text=True,
    )
