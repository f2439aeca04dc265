"""One operation of the API, as the generated code declares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Result]):
    """An operation that answers with a `Result`.

    Attributes:
        method: The HTTP method.
        path: The path, with the names of its parameters in braces.
        authorized: Whether it takes an access token.
        takes_key: Whether it takes an `Idempotency-Key`, with which it can be repeated.
        enveloped: Whether its answer has the envelope of the API.
        form: Whether its body is a form, not JSON.
        gives_tokens: Whether its answer may bring the tokens of a login.
        ends_login: Whether the login of the caller is over after it.
        items: For a list in pages: the field of a page that has its items.
    """

    method: str
    path: str
    authorized: bool = False
    takes_key: bool = False
    enveloped: bool = True
    form: bool = False
    gives_tokens: bool = False
    ends_login: bool = False
    items: str = ""

    def url(self, parameters: Mapping[str, str]) -> str:
        """The path with its parameters, of which none can become another path.

        Raises:
            ValueError: A parameter is empty or only dots, so it would name another resource.
        """
        for name, value in parameters.items():
            if not value.strip("."):
                raise ValueError(f"{name} is no id: {value!r}")
        return self.path.format_map(
            {name: quote(value, safe="") for name, value in parameters.items()}
        )


def given(**parameters: Any) -> dict[str, Any]:
    """The parameters of a query that have a value."""
    return {name: value for name, value in parameters.items() if value is not None}


class Lines:
    """Puts the lines of a download together from its pieces."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def add(self, piece: bytes) -> list[bytes]:
        """The lines that are complete with this piece."""
        first, *others = piece.split(b"\n")
        self._rest.append(first)
        if not others:
            return []
        whole = [b"".join(self._rest), *others[:-1]]
        self._rest = [others[-1]]
        return whole

    def end(self) -> list[bytes]:
        """The last line, if it has no newline."""
        rest = b"".join(self._rest)
        return [rest] if rest else []
