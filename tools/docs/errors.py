"""`python -m tools.docs.errors`: writes the tables of docs/errors.md.

They list the errors that the services declare, and the methods that give them, from the contract.
The rest of the document stays as it is. With `--check` it writes nothing, and fails if the tables
are out of date.
"""

import argparse
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from types import ModuleType

from gateway import contract
from gateway.contract import Contract, Method
from gateway.openapi.document import operation_id
from gateway.openapi.errors import DERIVED, ServiceReason
from kernel import errors
from kernel.errors import Kind, ServiceError
from tools.docs.tables import replace_table

DOCUMENT = Path("docs/errors.md")
CONTRACT = Path("build/contract.binpb")

SECTIONS = {
    "From every service": "kernel.errors",
    "From auth": "services.auth",
    "From tenants": "services.tenants",
    "From sessions": "services.sessions",
}
"""A module, or a package whose modules declare errors, by heading."""

# The HTTP statuses that the gateway's transcoder derives from a google.rpc.Code
# (google/rpc/code.proto), and those that its envelope filter replaces by more specific ones.
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
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.errors", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--contract", type=Path, default=CONTRACT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    old = options.output.read_text(encoding="utf-8")
    new = render(old, contract.load(options.contract))
    if not options.check:
        options.output.write_text(new, encoding="utf-8")
    elif new != old:
        sys.stderr.write(f"reasons: {options.output} is out of date: make errors\n")
        return 1
    return 0


def render(document: str, methods: Contract) -> str:
    """Returns the document with current tables. Raises `ValueError` if a heading is missing."""
    for heading, name in SECTIONS.items():
        document = replace_table(document, f"## {heading}", _table(name, methods))
    return document


def declared(name: str) -> list[type[ServiceError]]:
    """The errors that a module or package declares, in the order of declaration."""
    return [
        value
        for module in _modules(name)
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, ServiceError)
        and value.__module__ == module.__name__
        and hasattr(value, "reason")
    ]


def service_reasons() -> dict[str, ServiceReason]:
    """The HTTP status and message of each reason of the services."""
    return {
        error.reason: ServiceReason(_http_status(error), error.message)
        for name in SECTIONS.values()
        for error in declared(name)
    }


def given_by(reason: str, methods: Contract) -> list[str]:
    """The methods that return a reason: kinds of methods in words, others by operation."""
    kinds = [rule.methods for rule in DERIVED if reason in rule.reasons]
    named = [_name(method) for method in methods.methods if reason in method.reasons]
    return [*kinds, *named]


def _name(method: Method) -> str:
    return f"`{operation_id(method.name) if method.http else method.name}`"


def _http_status(error: type[ServiceError]) -> int:
    return _FINER.get(error.reason, _STATUS[error.kind])


def _modules(name: str) -> Iterator[ModuleType]:
    module = import_module(name)
    if not hasattr(module, "__path__"):
        yield module
        return
    for found in pkgutil.walk_packages(module.__path__, f"{name}."):
        if not found.name.endswith(".__main__"):
            yield import_module(found.name)


def _table(name: str, methods: Contract) -> Iterator[str]:
    yield "| code | HTTP | gRPC | when | from |"
    yield "|---|---|---|---|---|"
    for error in declared(name):
        http = "-" if error.internal else str(_http_status(error))
        when = " ".join((getdoc(error) or "").split())
        callers = ", ".join(given_by(error.reason, methods))
        yield f"| `{error.reason}` | {http} | {error.kind.value} | {when} | {callers} |"


if __name__ == "__main__":
    sys.exit(main())
