"""`python -m tools.python_client`: writes the generated part of clients/python.

With `--check` it writes nothing, and fails if a file is out of date.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.python_client import errors, models, operations
from tools.python_client.document import Document

PACKAGE = Path("clients/python/src/coditect_client")
DOCUMENT = Path("docs/openapi.yaml")
RUFF = Path(sys.executable).parent / "ruff"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.python_client", description=__doc__)
    parser.add_argument("--package", type=Path, default=PACKAGE)
    parser.add_argument("--document", type=Path, default=DOCUMENT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    late = 0
    for name, content in render(Document(options.document)).items():
        path = options.package / name
        if path.exists() and path.read_text("utf-8") == content:
            continue
        if options.check:
            late = 1
            sys.stderr.write(f"{path} is out of date: make python-client\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    return late


def render(document: Document) -> dict[str, str]:
    """The generated files, by path in the package."""
    made = {f"models/{name}": content for name, content in models.files(document).items()}
    made["errors.py"] = errors.file(document)
    made["api/__init__.py"] = '"""The operations of the API, generated from docs/openapi.yaml."""\n'
    made["api/operations.py"] = operations.declarations(document)
    made["api/sync.py"] = operations.groups(document, operations.SYNC)
    made["api/asynchronous.py"] = operations.groups(document, operations.ASYNC)
    return {name: _formatted(content) for name, content in made.items()}


def _formatted(content: str) -> str:
    command = [str(RUFF), "format", "--stdin-filename", "generated.py", "-"]
    done = subprocess.run(command, input=content, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
