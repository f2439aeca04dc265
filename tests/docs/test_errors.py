"""docs/errors.md lists what can really happen, no more and no less."""

import importlib
import re
from pathlib import Path

import pytest
from google.rpc.code_pb2 import Code

from gateway import replies
from kernel.errors import Kind, ServiceError

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \| (?:([A-Z_]+) \| )?", TEXT, re.MULTILINE)
MODULES = (
    "kernel.errors",
    "services.auth.errors",
    "services.tenants.errors",
    "services.sessions.errors",
)

# google.rpc.Code as the transcoder turns it into HTTP, and the one finer status of the envelope.
HTTP_OF = {
    Kind.INVALID: "400",
    Kind.UNAUTHENTICATED: "401",
    Kind.FORBIDDEN: "403",
    Kind.NOT_FOUND: "404",
    Kind.EXISTS: "409",
    Kind.PRECONDITION: "400",
    Kind.CONFLICT: "409",
    Kind.LIMITED: "429",
    Kind.UNAVAILABLE: "503",
    Kind.TIMEOUT: "504",
    Kind.INTERNAL: "500",
}
FINER = {"IDEMPOTENCY_KEY_REUSED": "422"}


def _errors() -> list[type[ServiceError]]:
    modules = [importlib.import_module(name) for name in MODULES]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceError) and hasattr(value, "reason")
    ]
    return sorted(set(found), key=lambda error: error.reason)


def test_every_reason_is_listed_once() -> None:
    """The tables have every reason of the services and the gateway, each in one row, and no other."""
    services = {error.reason for error in _errors()}
    gateway = {value.code for value in vars(replies).values() if isinstance(value, replies.Reply)}
    gateway |= {reply.code for reply in replies.BY_STATUS}
    listed = [code for code, _, _ in ROWS]

    assert sorted(set(listed)) == sorted(listed)
    assert services - set(listed) == set()
    assert set(listed) - services - gateway == set()
    assert {code for code in gateway if f"`{code}`" not in TEXT} == set()


@pytest.mark.parametrize("error", _errors(), ids=lambda error: error.reason)
def test_status_of_a_reason(error: type[ServiceError]) -> None:
    """The table has the gRPC code and the HTTP status that callers get."""
    ((http, grpc),) = [(http.strip(), grpc) for code, http, grpc in ROWS if code == error.reason]

    assert grpc == Code.Name(Code.Value(error.kind.value))
    assert http in {FINER.get(error.reason, HTTP_OF[error.kind]), "-"}


def test_reasons_are_unique() -> None:
    """No two errors share a reason."""
    reasons = [error.reason for error in _errors()]

    assert sorted(set(reasons)) == reasons


def test_codes_of_the_envelope_filter_are_listed() -> None:
    """Every code that the envelope filter can make by itself is in the document."""
    filter_text = (ROOT / "gateway" / "envelope.lua").read_text(encoding="utf-8")
    made = set(re.findall(r'\{"([A-Z_]+)", "', filter_text))

    assert {code for code in made if f"`{code}`" not in TEXT} == set()
