"""The one mapper between `ServiceError` and `google.rpc.Status`, in both directions.

A status always carries `ErrorInfo` (AIP-193), `BadRequest` if fields are invalid, and `RetryInfo`
if there is a time to wait. The domain is the product's; reasons are unique within it.
"""

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from kernel.errors import FieldViolation, Internal, Kind, ServiceError

DOMAIN = "coditect"


class RemoteError(ServiceError):
    """An error that another service returned, unchanged."""

    # Other errors fix these as constants of the class; here they come over the wire.
    def __init__(
        self,
        kind: Kind,
        reason: str,
        message: str,
        metadata: dict[str, str] | None = None,
        violations: tuple[FieldViolation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        self.kind = kind  # type: ignore[misc]
        self.reason = reason  # type: ignore[misc]
        self.message = message  # type: ignore[misc]
        super().__init__(metadata, violations, retry_after)


def to_status(error: ServiceError) -> Status:
    """Converts an error to a status."""
    status = Status(code=Code.Value(error.kind.value), message=error.message)
    _add(status, ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata))
    if error.violations:
        _add(
            status,
            BadRequest(
                field_violations=[
                    BadRequest.FieldViolation(
                        field=violation.field,
                        reason=violation.reason,
                        description=violation.description,
                    )
                    for violation in error.violations
                ]
            ),
        )
    if error.retry_after is not None:
        retry = RetryInfo()
        retry.retry_delay.FromMilliseconds(round(error.retry_after * 1000))
        _add(status, retry)
    return status


def from_call(error: grpc.aio.AioRpcError) -> ServiceError:
    """The error behind a failed call: the callee's own, or one for gRPC's status code."""
    try:
        status = rpc_status.from_call(error)  # type: ignore[arg-type]
    except (ValueError, DecodeError):  # the trailer is damaged or does not fit the call's own code
        status = None
    if status is None:
        kind = _KINDS.get(error.code().name, Kind.INTERNAL)
        return RemoteError(kind, kind.value, _MESSAGES.get(kind, Internal.message))
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    for detail in status.details:
        for message in (info, bad, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    return RemoteError(
        _KINDS.get(Code.Name(status.code), Kind.INTERNAL),
        info.reason or Internal.reason,
        status.message,
        dict(info.metadata),
        tuple(FieldViolation(v.field, v.reason, v.description) for v in bad.field_violations),
        retry.retry_delay.ToMilliseconds() / 1000 if retry.HasField("retry_delay") else None,
    )


_KINDS = {kind.value: kind for kind in Kind}
_MESSAGES = {
    Kind.UNAVAILABLE: "The service is not available at the moment.",
    Kind.TIMEOUT: "The call did not finish in time.",
}


def _add(status: Status, detail: ErrorInfo | BadRequest | RetryInfo) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)
