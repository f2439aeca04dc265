"""What the generated groups need of a client."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from coditect_client.operation import Operation
from coditect_client.pages import AsyncPages, Pages

Result = TypeVar("Result")
Item = TypeVar("Item")


class Caller(Protocol):
    """A client that calls operations."""

    def call(
        self,
        operation: Operation[Result],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Result:
        """Calls an operation."""

    def pages(
        self,
        operation: Operation[Pages[Item]],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Pages[Item]:
        """A list of an operation."""

    def download(
        self, operation: Operation[Any], *, path: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The objects of a download."""


class AsyncCaller(Protocol):
    """A client that calls operations, for programs with asyncio."""

    async def call(
        self,
        operation: Operation[Result],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Result:
        """Calls an operation."""

    def pages(
        self,
        operation: Operation[Pages[Item]],
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> AsyncPages[Item]:
        """A list of an operation."""

    def download(
        self, operation: Operation[Any], *, path: Mapping[str, str] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """The objects of a download."""
