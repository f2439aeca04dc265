"""What a stopped system must have left behind: a store that is whole, and quiet logs."""

import subprocess
import sys
from pathlib import Path

from tests.support.program import ROOT
from tools.settings import CONTEXTS

_DOCTOR_SECONDS = 60


def check_store(url: str) -> None:
    """No invariant of the store is broken, now that nobody writes any more."""
    doctor = subprocess.run(
        [sys.executable, "-m", "ops.doctor", url],
        cwd=ROOT, capture_output=True, text=True, timeout=_DOCTOR_SECONDS, check=False,
    )  # fmt: skip
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr


def check_logs(folder: Path) -> None:
    """Nothing has failed in a way that nobody had foreseen."""
    unforeseen = [
        line
        for context in CONTEXTS
        for line in (folder / f"{context}.log").read_text().splitlines()
        if '"level": "error"' in line or line.startswith("Traceback")
    ]
    assert not unforeseen, "\n".join(unforeseen)
