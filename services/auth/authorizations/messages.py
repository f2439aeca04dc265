"""The parameters of a request of OAuth, as messages have them and as values."""

from dataclasses import Field, fields
from typing import Any, ClassVar, Protocol, TypeVar


class _Parameters(Protocol):
    """A dataclass whose values are texts, and tuples of texts."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_P = TypeVar("_P", bound=_Parameters)


def parameters_of(message: object, kind: type[_P]) -> _P:
    """The parameters that a message has by the same names as a kind of value."""
    found = {field.name: getattr(message, field.name) for field in fields(kind)}
    return kind(
        **{name: one if isinstance(one, str) else tuple(one) for name, one in found.items()}
    )
