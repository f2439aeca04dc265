"""What all lines of an import have in common, whichever context they are for."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from kernel.clock import datetime_of, timestamp
from kernel.fields import Fields

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)

Time = Annotated[AwareDatetime, Field(description="A time with its zone (RFC 3339).")]


class Line(BaseModel):
    """Names in lowerCamelCase, no others than those that are declared, and no conversions of types."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )


def checked_time(fields: Fields, field: str, time: datetime | None, now: datetime) -> datetime:
    """A time of a line in whole milliseconds; now if it says none.

    Notes one that is not between 1970 and now.
    """
    if time is None:
        return now
    if not _FIRST <= time <= now:
        fields.refuse(field, "OUT_OF_RANGE", "Must be between 1970 and now.")
        return now
    return datetime_of(timestamp(time.astimezone(UTC)))
