"""`python -m tools.docs.errors`: writes the tables of docs/errors.md from the errors declared.

The rest of the document stays as it is. With `--check` it writes nothing, and fails if the tables
are out of date.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from kernel import errors
from kernel.errors import Kind, ServiceError
from services import auth, sessions, tenants

DOCUMENT = Path("docs/errors.md")

SECTIONS: dict[str, ModuleType] = {
    "From every service": errors,
    "From auth": auth,
    "From tenants": tenants,
    "From sessions": sessions,
}

# What the gateway's transcoder makes of a google.rpc.Code (google/rpc/code.proto), and the statuses
# that its envelope filter makes finer.
_STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.EXISTS: 409,
    Kind.PRECONDITION: 400,
    Kind.CONFLICT: 409,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.TIMEOUT: 504,
    Kind.INTERNAL: 500,
}
_FINER = {errors.IdempotencyKeyReused.reason: 422}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.errors", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    old = options.output.read_text(encoding="utf-8")
    new = render(old)
    if not options.check:
        options.output.write_text(new, encoding="utf-8")
    elif new != old:
        sys.stderr.write(f"reasons: {options.output} is out of date: make errors\n")
        return 1
    return 0


def render(document: str) -> str:
    """Gives the document with its tables as they should be. Raises `ValueError` without a place."""
    for heading, module in SECTIONS.items():
        table = "".join(f"{row}\n" for row in _table(module))
        begin = document.find(f"## {heading}\n\n")
        if begin < 0:
            raise ValueError(f"the document needs a heading {heading!r}")
        begin += len(f"## {heading}\n\n")
        old = re.compile(r"(\|.*\n)*").match(document, begin)
        assert old is not None, "it may be empty"
        document = document[:begin] + table + document[old.end() :]
    return document


def declared(module: ModuleType) -> list[type[ServiceError]]:
    """The errors that a module or, module by module, a package declares, in their order there."""
    return [
        value
        for one in _modules(module)
        for value in vars(one).values()
        if isinstance(value, type)
        and issubclass(value, ServiceError)
        and value.__module__ == one.__name__
        and hasattr(value, "reason")
    ]


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for found in walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        if not found.name.endswith(".__main__"):
            yield import_module(found.name)


def _table(module: ModuleType) -> Iterator[str]:
    yield "| code | HTTP | gRPC | when |"
    yield "|---|---|---|---|"
    for error in declared(module):
        status = _FINER.get(error.reason, _STATUS[error.kind])
        http = "-" if error.internal else str(status)
        when = " ".join((getdoc(error) or "").split())
        yield f"| `{error.reason}` | {http} | {error.kind.value} | {when} |"


if __name__ == "__main__":
    sys.exit(main())
