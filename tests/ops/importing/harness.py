"""Runs an import over a store of its own, and reads what is in it."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import bcrypt

from kernel.storage import Read, Store, open_store
from ops.__main__ import main
from ops.doctor.__main__ import CLEAN
from ops.doctor.__main__ import main as doctor
from tests.support.store import rows_between

T = TypeVar("T")

PASSWORD = "correct horse battery staple"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
SEAL_KEY = "c2VhbC1rZXktc2VhbC1rZXktc2VhbC1rZXktc2VhbC0="


class Done(NamedTuple):
    """How an import ended.

    Attributes:
        code: The exit code.
        refused: The report, by number of the line: field and reason.
        output: All that was printed.
    """

    code: int
    refused: dict[int, tuple[str, str]]
    output: str


class Stage:
    """A store, and the files of imports into it.

    Args:
        folder: An empty folder.
        capture: Gives what was printed since it was asked last.
    """

    def __init__(self, folder: Path, capture: Callable[[], tuple[str, str]]) -> None:
        self.folder = folder
        self.url = f"lmdb://{folder}/store?map_size={1 << 30}"
        self._capture = capture
        self._files = 0
        self.create()

    def create(self) -> None:
        """Makes the store."""

        async def create(_: Store) -> None:
            pass

        self.use(create)

    def file(self, lines: Iterable[Mapping[str, Any] | bytes]) -> Path:
        """A file with lines: objects, or bytes as they are."""
        self._files += 1
        path = self.folder / f"{self._files}.ndjson"
        path.write_bytes(b"".join(map(_raw, lines)))
        return path

    def bring(self, *lines: Mapping[str, Any] | bytes, dry: bool = False) -> Done:
        """Imports lines."""
        return self.bring_file(self.file(lines), *(["--dry-run"] if dry else []))

    def bring_file(self, path: Path, *options: str) -> Done:
        """Imports a file."""
        self._capture()
        code = main(["import", str(path), "--store", self.url, *options])
        out, err = self._capture()
        found = [json.loads(line) for line in out.splitlines()]
        refused = {one["line"]: (one["field"], one["reason"]) for one in found}
        return Done(code, refused, out + err)

    def export(self, *options: str) -> list[dict[str, Any]]:
        """The lines of an export."""
        self._capture()
        assert main(["export", "--store", self.url, *options]) == 0
        return [json.loads(line) for line in self._capture()[0].splitlines()]

    def examine(self) -> None:
        """Has the doctor look at the store."""
        self._capture()
        code = doctor([self.url])
        assert code == CLEAN, self._capture()[0]

    def rows(self) -> list[tuple[bytes, bytes]]:
        """All rows."""
        return self.use(lambda store: rows_between(store, b"", b"\xfe"))

    def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Reads from the store."""
        return self.use(lambda store: store.read(fn))

    def use(self, fn: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
        """Opens the store for a moment."""

        async def use() -> T:
            store = open_store(self.url)
            try:
                return await fn(store)
            finally:
                await store.close()

        return asyncio.run(use())


def user(number: int = 1, **given: Any) -> dict[str, Any]:
    """A line about a user."""
    line = {"kind": "user", "email": f"user-{number}@example.com", "passwordHash": HASH}
    return {**line, **given}


def organization(**given: Any) -> dict[str, Any]:
    """A line about an organization that the first user owns."""
    line = {"kind": "organization", "externalId": "acme", "name": "Acme", "slug": "acme"}
    owner = {} if "ownerId" in given else {"ownerEmail": "user-1@example.com"}
    return {**line, **owner, **given}


def membership(number: int = 2, **given: Any) -> dict[str, Any]:
    """A line about a user in that organization."""
    line = {"kind": "membership", "role": "member"}
    if not any(name.startswith("organization") for name in given):
        line["organizationExternalId"] = "acme"
    if "userId" not in given:
        line["userEmail"] = f"user-{number}@example.com"
    return {**line, **given}


def _raw(line: Mapping[str, Any] | bytes) -> bytes:
    return line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n"
