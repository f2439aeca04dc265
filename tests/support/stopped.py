"""Checks after a system has stopped: the store is consistent, and the logs have no errors."""

import subprocess
import sys
from pathlib import Path

from tests.support.program import ROOT
from tools.settings import CONTEXTS

_DOCTOR_SECONDS = 60


def check_store(url: str) -> None:
    """Runs the doctor on the store, which must find nothing."""
    doctor = subprocess.run(
        [sys.executable, "-m", "ops.doctor", url],
        cwd=ROOT, capture_output=True, text=True, timeout=_DOCTOR_SECONDS, check=False,
    )  # fmt: skip
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr


def check_logs(folder: Path) -> None:
    """Checks that the services' logs have no error and no traceback."""
    errors = [
        line
        for context in CONTEXTS
        for line in (folder / f"{context}.log").read_text().splitlines()
        if '"level": "error"' in line or line.startswith("Traceback")
    ]
    assert not errors, "\n".join(errors)
