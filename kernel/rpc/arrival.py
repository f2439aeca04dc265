"""The call that is being answered, as it arrived: its method and what came with it."""

from collections.abc import Mapping
from contextvars import ContextVar
from uuid import uuid4

_REQUEST_ID = "x-request-id"
_REQUEST_ID_LENGTH = 64


class Arrival:
    """A call as it arrived.

    Args:
        path: The method, `/package.Service/Method`.
        metadata: What came with the call, by lowercase names.

    Attributes:
        path: As given.
        metadata: As given.
    """

    __slots__ = ("_request_id", "metadata", "path")

    def __init__(self, path: str, metadata: Mapping[str, str]) -> None:
        self.path = path
        self.metadata = metadata
        self._request_id = ""

    @property
    def request_id(self) -> str:
        """The id of the request, cut to 64 characters; a new one if the caller gave none."""
        if not self._request_id:
            given = self.metadata.get(_REQUEST_ID, "")[:_REQUEST_ID_LENGTH]
            self._request_id = given or str(uuid4())
        return self._request_id


_current: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


def enter(arrival: Arrival) -> None:
    """Makes the call current until it is answered, also for the tasks that it starts."""
    _current.set(arrival)


def request_id() -> str | None:
    """The id of the request that is being answered; None outside of calls."""
    arrival = _current.get()
    return None if arrival is None else arrival.request_id


def log_fields() -> Mapping[str, str]:
    """The request and the method of the current call, as log lines have it; empty outside of calls."""
    arrival = _current.get()
    return {} if arrival is None else {"request_id": arrival.request_id, "method": arrival.path}
