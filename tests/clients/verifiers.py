"""The programs of docs/tokens.md that verify a token, run as they stand there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kernel.identity.signatures import Algorithm
from tests.support import node
from tests.support.documented import programs

GO = Path(__file__).parent / "go"
_ISSUER = "https://app.example.com"
_BOTH = tuple(Algorithm)
_SECONDS = 60
_PYTHON = """
def attempt(token):
    try:
        return verify(token)
    except Exception:
        return None


import sys
print(json.dumps([attempt(token) for token in sys.argv[1:]]))
"""
_NODE = """
const found = [];
for (const token of process.argv.slice(2)) found.push(await verify(token).catch(() => null));
console.log(JSON.stringify(found));
process.exit(0);
"""


@dataclass(frozen=True)
class Program:
    """A program that verifies tokens with a library that others wrote.

    Attributes:
        heading: The heading above it in the document.
        algorithms: Those that its library knows.
    """

    heading: str
    algorithms: Sequence[Algorithm] = _BOTH

    def verify(self, folder: Path, issuer: str, *tokens: str) -> list[dict[str, Any] | None]:
        """The claims of each token, or None where the program refuses it."""
        source = programs("tokens.md")[self.heading]
        assert _ISSUER in source
        command = self._command(folder, source.replace(_ISSUER, issuer))
        done = subprocess.run(
            [*command, *tokens],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env=os.environ | {"NO_PROXY": "*", "no_proxy": "*"},
        )
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any] | None] = json.loads(done.stdout)
        return found

    def _command(self, folder: Path, source: str) -> list[str]:
        """Writes the program, and returns what runs it."""
        if self.heading.startswith("Python"):
            (folder / "program.py").write_text(source + _PYTHON, encoding="utf-8")
            return [sys.executable, "program.py"]
        if self.heading.startswith("Node"):
            node.prepare(folder)
            (folder / "program.mjs").write_text(source + _NODE, encoding="utf-8")
            return ["node", "program.mjs"]
        for file in GO.iterdir():
            shutil.copy(file, folder)
        (folder / "verify.go").write_text(source, encoding="utf-8")
        built = subprocess.run(
            ["go", "build", "-o", "program", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={"GOFLAGS": "-mod=mod"} | os.environ,
        )
        if built.returncode and "verify.go" not in built.stderr:
            pytest.skip(f"its Go modules are not here: {built.stderr.strip()[-200:]}")
        assert built.returncode == 0, built.stderr
        return ["./program"]


PROGRAMS = [
    pytest.param(Program("Python: PyJWT"), id="PyJWT"),
    pytest.param(Program("Python: joserfc"), id="joserfc"),
    pytest.param(
        Program("Python: python-jose", (Algorithm.ES256,)),
        id="python-jose",
        marks=pytest.mark.skipif(find_spec("jose") is None, reason="python-jose is not installed"),
    ),
    pytest.param(Program("Node.js: jose"), id="jose", marks=node.NEEDED),
    pytest.param(
        Program("Node.js: jsonwebtoken and jwks-rsa", (Algorithm.ES256,)),
        id="jsonwebtoken",
        marks=node.NEEDED,
    ),
    pytest.param(
        Program("Go: golang-jwt and keyfunc"),
        id="golang-jwt",
        marks=pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed"),
    ),
]
"""Every program of the document."""
