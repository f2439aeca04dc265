"""Programs in TypeScript with the client of the product. `make typescript` builds it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import node

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "typescript"
SOURCES = ROOT / "tests" / "clients" / "typescript"
MODULES = CLIENT / "node_modules"
TOOLS = MODULES / ".bin"

NEEDED = [
    pytest.mark.skipif(node.folder() is None, reason=node.MISSING),
    pytest.mark.skipif(
        not (CLIENT / "dist" / "index.js").exists(),
        reason="the TypeScript client is not built: make typescript",
    ),
]
"""The marks of a test that needs them."""


def make_project(folder: Path) -> Path:
    """Copies the programs into a folder; returns it."""
    copy(folder, "*.json", "*.ts", "*.html")
    return folder


def copy(folder: Path, *patterns: str) -> None:
    """Copies some files into a folder, which gets the client and the packages, too."""
    for pattern in patterns:
        for source in SOURCES.glob(pattern):
            shutil.copy(source, folder)
    (folder / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    packages = folder / "node_modules"
    (packages / "@coditect").mkdir(parents=True)
    (packages / "@coditect" / "client").symlink_to(CLIENT)
    for package in MODULES.iterdir():
        (packages / package.name).symlink_to(package)


def run(folder: Path, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a program of the packages, or `node` or `npm`, in a folder."""
    place = node.folder()
    assert place is not None, "NEEDED says so"
    environ = node.environ(place)
    path = os.pathsep.join([str(TOOLS), environ["PATH"]])
    return subprocess.run(
        [shutil.which(program, path=path) or program, *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
