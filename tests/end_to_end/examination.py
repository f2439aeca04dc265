"""The doctor, as an operator runs it over the store of a running system."""

import json
import subprocess
import sys
from typing import Any

from tools.programs import ROOT


def examined(url: str, *, empty: bool = False) -> list[dict[str, Any]]:
    """What the doctor prints about a store in which it finds nothing wrong, or that may be missing."""
    argv = [sys.executable, "-m", "ops.doctor", "--json", url]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if not (empty and "There is no store" in done.stderr):
        assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
