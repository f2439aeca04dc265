"""Traces of calls and of background work (OpenTelemetry), sent to a collector over OTLP.

Off until `start`: then nothing of OpenTelemetry is imported, `active` is None, and no call has a wrapper.
The process has one `Spans`, as OpenTelemetry itself has one provider.

A span says what was done, how long it took and how it ended. It has names of methods, codes and counts,
and never what a person typed, an address or an id of a user: log lines have the trace's id beside those.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias

from kernel.settings import TracingSettings

if TYPE_CHECKING:
    from kernel.tracing.spans import Spans as Spans
else:
    Spans = Any  # for annotations elsewhere

Attributes: TypeAlias = Mapping[str, str | int | float | bool]

_NOTHING: AbstractContextManager[None] = nullcontext()
_active: Spans | None = None


def start(service: str, settings: TracingSettings) -> None:
    """Begins to record spans and to send them, if the settings name a collector.

    Args:
        service: The name of the service.
        settings: Where the spans go, and how many of the traces.
    """
    global _active  # noqa: PLW0603 - of the process, as the provider of OpenTelemetry
    if settings.otel_exporter_otlp_endpoint:
        # Loading it takes a tenth of a second and 15 MB.
        from kernel.tracing import spans  # noqa: PLC0415

        _active = spans.Spans(service, settings)


async def stop() -> None:
    """Sends what is left, for a few seconds at most, and ends the recording."""
    global _active
    spans, _active = _active, None
    if spans is not None:
        await spans.stop()


def active() -> Spans | None:
    """The recorder of spans; None while it is off. What is wired asks once, when it is made."""
    return _active


def span(name: str, attributes: Attributes | None = None) -> AbstractContextManager[object]:
    """A span around a step of a call; nothing if the call is not recorded.

    Args:
        name: A constant that says what the step does.
        attributes: What else it says; see above for what it must not say.
    """
    return _NOTHING if _active is None else _active.step(name, attributes)


def log_fields() -> Mapping[str, str]:
    """The trace that the current call or work belongs to, as log lines have it; empty without one."""
    return {} if _active is None else _active.log_fields()
