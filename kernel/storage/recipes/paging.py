"""Lists in pages (AIP-158): a page continues after the last key of the previous one.

A page token is that key, sealed. It grants no access: its bearer must be allowed to read the list
anyway, and it is valid only for its own list.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from cryptography.fernet import InvalidToken, MultiFernet
from google.protobuf.message import DecodeError

from coditect.storage.v1 import storage_pb2
from kernel import base64url
from kernel.errors import FieldViolation, InvalidRequest, PageTokenInvalid
from kernel.storage.port import Read, Store

T = TypeVar("T")
U = TypeVar("U")

DEFAULT_SIZE = 50
MAX_SIZE = 1000
PASSED_OVER = 1_000  # rows that a page leaves out at most, so that its time is bounded
TOKEN_CHARS = 1024  # a key of 500 bytes makes one of 848


def page_size(requested: int) -> int:
    """Returns the size of a page for the requested one: 0 is the default, too many are capped."""
    if requested < 0:
        raise InvalidRequest(
            violations=[
                FieldViolation("pageSize", "PAGE_SIZE_NEGATIVE", "The page size is not negative.")
            ]
        )
    return min(requested or DEFAULT_SIZE, MAX_SIZE)


def list_name(*parts: str) -> bytes:
    """Returns the name that binds tokens to a list: whose it is, and how it is filtered.

    No two sequences of parts have the same name.
    """
    digest = sha256()
    for part in parts:
        text = part.encode()
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, as a repository reads them.

    Attributes:
        items: The items in their order.
        last_key: The key after which the next page begins; None if this is the last one.
    """

    items: list[T]
    last_key: bytes | None

    def map(self, make: Callable[[T], U]) -> "Page[U]":
        """The page with `make` applied to each item."""
        return Page([make(item) for item in self.items], self.last_key)


class Listing(NamedTuple, Generic[T]):
    """A page of a list, as the caller gets it.

    Attributes:
        items: The items in their order.
        next_page_token: The token of the next page; empty on the last one.
    """

    items: list[T]
    next_page_token: str


Rows: TypeAlias = "Page[tuple[bytes, bytes]]"
"""A page of keys and values."""


class PageTokens:
    """Makes and reads page tokens.

    Args:
        seal: The keys; the first seals, all of them open.
    """

    def __init__(self, seal: MultiFernet) -> None:
        self._seal = seal

    def make(self, last_key: bytes | None, *, name: bytes) -> str:
        """Returns the token of the next page; the empty one if there is no `last_key`.

        Args:
            last_key: The last key of the page.
            name: The list, see `list_name`.
        """
        if last_key is None:
            return ""
        position = storage_pb2.PagePosition(last_key=last_key, list=name)
        return self._seal.encrypt(position.SerializeToString()).decode("ascii")

    def read(self, token: str, *, name: bytes) -> bytes | None:
        """Returns the key after which the page begins; None for the empty token.

        Raises:
            PageTokenInvalid: The token was not made here, or belongs to another list.
        """
        if not token:
            return None
        position = self._open(token)
        if position.list != name or not position.last_key:
            raise PageTokenInvalid
        return position.last_key

    async def list(
        self,
        store: Store,
        name: bytes,
        token: str,
        read: Callable[[Read, bytes | None], Coroutine[Any, Any, Page[T]]],
    ) -> Listing[T]:
        """Returns the page of a list that a token asks for.

        Args:
            store: Where the list is.
            name: The list, see `list_name`.
            token: The token of the page; the empty one asks for the first.
            read: Reads the page after a key in a transaction; None asks for the first page.

        Raises:
            PageTokenInvalid: The token was not made here, or belongs to another list.
        """
        after = self.read(token, name=name)
        page = await store.read(lambda tx: read(tx, after))
        return Listing(page.items, self.make(page.last_key, name=name))

    def _open(self, token: str) -> storage_pb2.PagePosition:
        if len(token) > TOKEN_CHARS:
            raise PageTokenInvalid
        try:
            base64url.check_padded(token)  # Fernet's decoder skips over what is none
            return storage_pb2.PagePosition.FromString(self._seal.decrypt(token))
        except (InvalidToken, DecodeError, ValueError) as error:
            raise PageTokenInvalid from error


async def page(
    tx: Read,
    begin: bytes,
    end: bytes,
    *,
    after: bytes | None,
    limit: int,
    reverse: bool = False,
) -> Rows:
    """Reads one page of the rows with `begin` <= key < `end`.

    Args:
        tx: The transaction.
        begin: The first key of the list.
        end: The key after its last one.
        after: The last key of the previous page, from `PageTokens.read`.
        limit: The rows of a page, see `page_size`.
        reverse: Whether the list begins with the last row.

    Raises:
        PageTokenInvalid: The key `after` is outside of the list.
    """
    if after is not None:
        if not begin <= after < end:
            raise PageTokenInvalid
        begin, end = (begin, after) if reverse else (after + b"\x00", end)
    rows = await tx.get_range(begin, end, limit=limit + 1, reverse=reverse)
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, rows[-1][0] if more else None)


async def filled(
    read: Callable[[bytes | None, int], Coroutine[Any, Any, Page[T]]],
    *,
    after: bytes | None,
    limit: int,
) -> Page[T]:
    """Reads a page of a list from which some rows are left out, such as expired ones.

    The page has fewer than `limit` items, and is not the last one, only where `PASSED_OVER` rows
    were left out.

    Args:
        read: Returns the items behind a key, of at most so many rows.
        after: The last key of the previous page.
        limit: The items of a page.
    """
    items: list[T] = []
    left = limit + PASSED_OVER
    while True:
        rows = min(limit - len(items), left)
        piece = await read(after, rows)
        items += piece.items
        after, left = piece.last_key, left - rows
        if after is None or len(items) == limit or not left:
            return Page(items, after)
