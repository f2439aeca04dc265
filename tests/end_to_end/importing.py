"""Runs the tools of import, export and conversion over the store of a running system."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.folder import seal_keys
from tools.laptop import Laptop
from tools.programs import ROOT


def operate(laptop: Laptop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m ops` with the store and the seal keys of a system; it may refuse lines."""
    keys = (laptop.settings.data / "keys.env").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in keys if "=" in line)
    environ = {
        **laptop.settings.environ,
        "STORE_URL": laptop.settings.store,
        "SEAL_KEYS": named[seal_keys("auth")],
    }
    argv = [sys.executable, "-m", "ops", *arguments]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, env=environ)
    assert done.returncode in {0, 1}, done.stderr
    return done


def bring(laptop: Laptop, folder: Path, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Imports lines into a running system, and returns the report of refused ones."""
    file = folder / "import.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    done = operate(laptop, "import", str(file))
    return [json.loads(line) for line in done.stdout.splitlines()]
