"""Our errors cross a call unchanged, and no other information does."""

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from google.rpc.code_pb2 import Code
from grpc_status import rpc_status

from kernel import errors
from kernel.errors import FieldViolation, InvalidRequest, Kind, ServiceError
from kernel.rpc.errors import DOMAIN, RemoteError, from_call, to_status

METHOD = "/test.Service/Fail"
OURS = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ServiceError) and value is not ServiceError
]


class Failing:
    """A real server without interceptors, whose only method fails as the test decides."""

    def __init__(self) -> None:
        self.error: ServiceError | None = None
        self.server = grpc.aio.server()
        handler = grpc.unary_unary_rpc_method_handler(self._answer)  # type: ignore[arg-type]
        self.server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("test.Service", {"Fail": handler})]
        )
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    async def _answer(self, _: bytes, context: Any) -> bytes:
        if self.error is None:
            await context.abort(grpc.StatusCode.DATA_LOSS, "not one of ours")
        assert self.error is not None
        await context.abort_with_status(rpc_status.to_status(to_status(self.error)))
        return b""

    async def call(self, error: ServiceError | None) -> ServiceError:
        """Makes the method fail, and returns the error that arrives."""
        self.error = error
        async with grpc.aio.insecure_channel(f"127.0.0.1:{self.port}") as channel:
            try:
                await channel.unary_unary(METHOD)(b"")
            except grpc.aio.AioRpcError as failed:
                return from_call(failed)
        raise AssertionError


@pytest.fixture
async def failing() -> AsyncIterator[Failing]:
    """The server, running."""
    failing = Failing()
    await failing.server.start()
    yield failing
    await failing.server.stop(0)


def same(first: ServiceError, second: ServiceError) -> bool:
    """Whether two errors are equal."""
    return all(
        getattr(first, name) == getattr(second, name)
        for name in ("kind", "reason", "message", "metadata", "violations", "retry_after")
    )


@pytest.mark.parametrize("error", OURS)
async def test_every_error_crosses_a_call_unchanged(
    failing: Failing, error: type[ServiceError]
) -> None:
    """Kind, reason and text of the kernel's errors arrive unchanged."""
    assert same(await failing.call(error()), error())


async def test_all_parts_of_an_error_cross_a_call(failing: Failing) -> None:
    """Bad fields in order, metadata and the retry delay arrive, too."""
    error = InvalidRequest(
        metadata={"limit": "100", "unit": "größe"},
        violations=[
            FieldViolation("firstName", "REQUIRED", "Must not be empty."),
            FieldViolation("email", "NOT_AN_EMAIL", "Must be an email address."),
        ],
        retry_after=1.25,
    )
    assert same(await failing.call(error), error)


async def test_an_error_can_be_raised_again(failing: Failing) -> None:
    """An error of another service can be raised again unchanged."""
    first = await failing.call(InvalidRequest(metadata={"a": "b"}, retry_after=0))
    assert isinstance(first, RemoteError)
    assert same(await failing.call(first), first)


async def test_a_foreign_status(failing: Failing) -> None:
    """A status without our details becomes INTERNAL, without its text."""
    error = await failing.call(None)
    assert (error.kind, error.reason) == (Kind.INTERNAL, "INTERNAL")
    assert error.message == errors.Internal.message


async def test_an_unreachable_callee() -> None:
    """A refused connection becomes UNAVAILABLE with our own text."""
    async with grpc.aio.insecure_channel("127.0.0.1:9") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(METHOD)(b"")
    error = from_call(failed.value)
    assert (error.kind, error.reason) == (Kind.UNAVAILABLE, "UNAVAILABLE")
    assert "127.0.0.1" not in error.message


def test_details_that_are_unknown_are_skipped() -> None:
    """An unknown detail, from a newer version for example, is ignored."""
    status = to_status(InvalidRequest())
    status.details.add().Pack(Struct())
    call = grpc.aio.AioRpcError(
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString())),
        details=status.message,
    )
    assert from_call(call).reason == "INVALID_REQUEST"


@pytest.mark.parametrize("status", [b"\xff", b"", to_status(InvalidRequest()).SerializeToString()])
def test_details_that_do_not_fit_are_ignored(status: bytes) -> None:
    """A damaged detail, or one with a different code than the call's, is ignored."""
    call = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(("grpc-status-details-bin", status)),
        details="",
    )
    assert from_call(call).kind == Kind.UNAVAILABLE


def test_every_kind_is_a_code() -> None:
    """Every kind has the name of a gRPC code."""
    assert all(Code.Value(kind.value) for kind in Kind)
    assert len({Code.Value(kind.value) for kind in Kind}) == len(Kind)


def test_every_status_has_error_info() -> None:
    """The first detail has the reason in the product's domain (AIP-193)."""
    (detail,) = to_status(errors.RoleMissing()).details
    assert detail.type_url == "type.googleapis.com/google.rpc.ErrorInfo"
    assert DOMAIN.encode() in detail.value
    assert b"ROLE_MISSING" in detail.value


def _reasons() -> list[tuple[str, str]]:
    """Every constant `reason` in the source, with its class."""
    found = []
    root = Path(errors.__file__).parents[1]
    for path in [*root.glob("kernel/**/*.py"), *root.glob("services/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found += [
                    (node.name, statement.value.value)
                    for statement in node.body
                    if isinstance(statement, ast.Assign)
                    and isinstance(statement.value, ast.Constant)
                    and [ast.unparse(target) for target in statement.targets] == ["reason"]
                ]
    return found


def test_reasons_are_unique_in_the_product() -> None:
    """No two errors share a reason, and each is UPPER_SNAKE with at most 63 characters."""
    reasons = [reason for _, reason in _reasons()]
    assert len(reasons) > 20
    assert sorted(reasons) == sorted(set(reasons))
    assert all(
        reason.replace("_", "").isalnum() and reason.isupper() and len(reason) <= 63
        for reason in reasons
    )
