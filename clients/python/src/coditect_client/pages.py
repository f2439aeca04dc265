"""Lists that come in pages, read one by one as a program goes on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """The items of one page, and the token of the next one: empty after the last."""

    items: list[Item]
    next_page_token: str


class Pages(Generic[Item]):
    """A list of the API. Iterating gives its items, page by page.

        for session in client.sessions.list_sessions():

    Every iteration asks the server anew.
    """

    def __init__(self, read: Callable[[str | None], Answer], field: str, first: str | None) -> None:
        self._read = read
        self._field = field
        self._first = first

    def __iter__(self) -> Iterator[Item]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[Item]]:
        """The pages. A later list can go on from the `next_page_token` of one."""
        token = self._first
        while True:
            page: Page[Item] = _page(self._read(token), self._field)
            yield page
            token = page.next_page_token
            if not token:
                return


class AsyncPages(Generic[Item]):
    """A list of the API. Iterating gives its items, page by page.

        async for session in client.sessions.list_sessions():

    Every iteration asks the server anew.
    """

    def __init__(
        self, read: Callable[[str | None], Awaitable[Answer]], field: str, first: str | None
    ) -> None:
        self._read = read
        self._field = field
        self._first = first

    async def __aiter__(self) -> AsyncIterator[Item]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def pages(self) -> AsyncIterator[Page[Item]]:
        """The pages. A later list can go on from the `next_page_token` of one."""
        token = self._first
        while True:
            page: Page[Item] = _page(await self._read(token), self._field)
            yield page
            token = page.next_page_token
            if not token:
                return


def _page(answer: Answer, field: str) -> Page[Any]:
    return Page(list(answer[field]), str(answer.get("nextPageToken", "")))
