"""Logs: one JSON object a line on stdout, with the request id, without secrets, never very long.

A line has what our own code names. What libraries and exceptions say may quote a caller, so their
data is left out: of a library's message its constant text is logged, of an exception its type and
where it was raised.
"""

import asyncio
import logging
import sys
import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from kernel.third_party import structlog
from kernel.tracebacks import traceback_of

TIME = "time"
"""The field with the time of a line, as in the logs of the gateway and the sidecars."""
LINE_BYTES = 8192
"""The limit of a line, with its end."""
_SECRET_WORDS = ("password", "token", "authorization", "secret", "cookie", "key")
_REDACTED = "[redacted]"
_CUT = "[...]"
_KEPT_BYTES = 160  # of a field that is cut, at least
# gRPC logs every value of a header that is not UTF-8, with a traceback.
_OF_CLIENTS = "Invalid encoding"

_json: Callable[..., Any] = structlog.processors.JSONRenderer()  # it takes any value
Event = MutableMapping[str, Any]
Fields: TypeAlias = Callable[[], Mapping[str, str]]
"""What every line has in addition, by name; what the line itself says goes before it."""


def redact(_: Any, __: str, event: Event) -> Event:
    """Redacts every value whose name suggests a secret. The id of one is none."""
    for name in event:
        if not name.endswith("_id") and any(word in name.lower() for word in _SECRET_WORDS):
            event[name] = _REDACTED
    return event


def render(_: Any, __: str, event: Event) -> str:
    """Renders a line as JSON. If it is too long, the longest fields lose what is in their middle."""
    line = _text(event)
    if len(line) < LINE_BYTES:
        return line
    event = {
        name: value if isinstance(value, str) or _size(value) < _KEPT_BYTES else _text(value)
        for name, value in event.items()
    }
    sizes = {name: _size(value) for name, value in event.items()}
    excess = len(_text(event)) + 1 - LINE_BYTES
    for name in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if excess > 0 and isinstance(event[name], str):
            event[name] = _cut(event[name], max(_KEPT_BYTES, sizes[name] - excess))
            excess -= sizes[name] - _size(event[name])
    return _text(event)


def configure(service: str, level: str, *fields: Fields) -> None:
    """Sends structlog, the standard library's loggers and unexpected errors to stdout as JSON.

    Args:
        service: The name of the service, which every line has.
        level: The least level of lines.
        fields: What else a line has, asked when it is written: so a call without a line costs nothing.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        partial(_add_fields, fields),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key=TIME),
        _add_traceback,
        redact,
    ]
    handler = _Handler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            use_get_message=False,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    _log_unexpected_errors()


def get(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; events are short constants, variable data goes into keyword arguments."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger


def log_loop_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The exception handler of an event loop; asyncio's own writes objects with their data."""
    get(__name__).error(
        "unexpected error", what=context["message"], exc_info=context.get("exception")
    )


class _Handler(logging.StreamHandler[Any]):
    """Writes lines, except what libraries say in detail or about a client."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "_logger"):
            return True  # one of ours
        return record.levelno >= logging.WARNING and not str(record.msg).startswith(_OF_CLIENTS)

    def handleError(self, _: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Loses a line that cannot be written; the library would print its data to stderr."""


def _first_line(_: Any, __: str, event: Event) -> Event:
    """Leaves out objects: asyncio writes them into further lines, gRPC in place of a message."""
    message = event["_record"].msg
    text = message if isinstance(message, str) else type(message).__name__
    event["event"] = text.partition("\n")[0]
    return event


def _add_fields(sources: Sequence[Fields], _: Any, __: str, event: Event) -> Event:
    for source in sources:
        for name, value in source().items():
            event.setdefault(name, value)
    return event


def _add_traceback(_: Any, __: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exception()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = traceback_of(error)
    return event


def _log_unexpected_errors() -> None:
    """Logs what would end a thread, or is raised where no code can catch it."""

    def log(what: str, error: BaseException | None) -> None:
        get(__name__).error("unexpected error", what=what, exc_info=error)

    def not_caught(_: type[BaseException], error: BaseException, __: object) -> None:
        log("not caught", error)

    sys.excepthook = not_caught
    threading.excepthook = lambda args: log("not caught in a thread", args.exc_value)
    sys.unraisablehook = lambda args: log("could not be raised", args.exc_value)


def _text(value: object) -> str:
    return str(_json(None, "", value))


def _size(value: object) -> int:
    return len(_text(value))


def _cut(text: str, size: int) -> str:
    """The beginning and the end of a text, in at most so many bytes of JSON."""

    def shortened(kept: int) -> str:
        return text[: (kept + 1) // 2] + _CUT + text[len(text) - kept // 2 :]

    # The greatest number of characters that fit; each takes from one byte to twelve.
    too_many = bisect_right(
        range(min(size, len(text))), size, key=lambda kept: _size(shortened(kept))
    )
    return shortened(too_many - 1)
