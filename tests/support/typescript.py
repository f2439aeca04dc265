"""Programs in TypeScript with types generated from the OpenAPI document.

`make typescript` installs what they need.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "clients" / "typescript"
DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
MODULES = SOURCES / "node_modules"
TOOLS = MODULES / ".bin"

NEEDED = [
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed"),
    pytest.mark.skipif(
        not (TOOLS / "tsc").exists(), reason="its npm packages are not installed: make typescript"
    ),
]
"""The marks of a test that needs them."""


def make_project(folder: Path) -> Path:
    """Copies the programs into a folder, and generates their types there; returns it."""
    copy(folder, "*.json", "*.ts", "*.html")
    generated = run(folder, "openapi-typescript", str(DOCUMENT), "--output", "schema.ts")
    assert generated.returncode == 0, generated.stdout + generated.stderr
    return folder


def copy(folder: Path, *patterns: str) -> None:
    """Copies some files into a folder, which gets the packages, too."""
    for pattern in patterns:
        for source in SOURCES.glob(pattern):
            shutil.copy(source, folder)
    (folder / "node_modules").symlink_to(MODULES)


def run(folder: Path, tool: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a tool of the packages in a folder."""
    return subprocess.run(
        [TOOLS / tool, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
