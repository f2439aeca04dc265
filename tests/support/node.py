"""Programs in Node.js with libraries that others wrote. `make node` installs them."""

import shutil
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "clients" / "node"
MODULES = SOURCES / "node_modules"


def _missing() -> str:
    """What is missing to run them; empty if nothing is."""
    if shutil.which("node") is None:
        return "Node.js is not installed"
    return "" if MODULES.exists() else "its npm packages are not installed: make node"


NEEDED = pytest.mark.skipif(bool(_missing()), reason=_missing())
"""The mark of a test that needs them."""


def prepare(folder: Path) -> Path:
    """Gives the programs in a folder the libraries; returns it."""
    (folder / "node_modules").symlink_to(MODULES)
    return folder
