"""What the client raises: an error of the API, or no answer at all.

Every code of the API has a class of its own in `coditect_client.errors`, a subclass of `ApiError`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


class CoditectError(Exception):
    """The base of everything that this package raises by itself."""


class NetworkError(CoditectError):
    """The server cannot be reached, did not answer in time, or broke off an answer.

    The server may have carried out the call all the same. The client has repeated it if a repeat
    does no harm.
    """


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """An invalid field of a request: its path in JSON spelling, a constant, and a sentence."""

    field: str
    reason: str
    description: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answer says.

    `status` is the HTTP status; over gRPC it is the one that the gateway gives for the gRPC code.
    `retry_after` is in seconds, None where the server names no time.
    """

    code: str
    message: str
    status: int
    request_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    violations: Sequence[FieldViolation] = ()
    retry_after: float | None = None


class ApiError(CoditectError):
    """The server refused a call. Of this very class are errors with a code that the client does not know.

    Attributes:
        code: The constant that programs decide by; its meaning never changes.
        message: A constant sentence for people.
        status: The HTTP status.
        request_id: Finds the call in the log of the server.
        metadata: The figures of the error, such as `limit`, by name.
        violations: The invalid fields.
        retry_after: Seconds after which a repeat may succeed, or None.
    """

    CODE: ClassVar[str] = ""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.code = refusal.code
        self.message = refusal.message
        self.status = refusal.status
        self.request_id = refusal.request_id
        self.metadata = dict(refusal.metadata)
        self.violations = tuple(refusal.violations)
        self.retry_after = refusal.retry_after
        super().__init__(refusal)

    def __str__(self) -> str:
        """The sentence, the fields and figures that it is about, the code and the request id."""
        about = [f"{one.field}: {one.reason}" for one in self.violations]
        about += [f"{name}: {value}" for name, value in self.metadata.items()]
        shown = f" ({', '.join(about)})" if about else ""
        found_by = f", {self.request_id}" if self.request_id else ""
        return f"{self.message}{shown} [{self.code}{found_by}]"
