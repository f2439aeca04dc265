"""Scans a store page by page, each page in its own transaction."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import LimitExceeded, Read, Store
from kernel.storage.families import AnyFamily
from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.recipes.invariants import Row
from ops.doctor import rows
from ops.doctor.catalogue import Catalogue
from ops.doctor.report import Finding, Report


class _Page(NamedTuple):
    """Consecutive rows of one family."""

    family: AnyFamily | None
    size: int
    last_key: bytes
    findings: Sequence[Finding]


async def examine(store: Store, catalogue: Catalogue, report: Report) -> None:
    """Checks every row and reports broken invariants.

    Raises:
        LimitExceeded: A single row and its related rows are too much for a transaction.
        ServiceError: The store cannot be read.
    """
    begin, limit = b"", 1
    while True:
        try:
            page = await _read(store, catalogue, begin, limit)
        except (LimitExceeded, StorageConflict, StorageUnavailable):  # it may have taken too long
            if limit == 1:
                raise
            limit //= 2
            continue
        if page is None:
            return
        report.add(page.family, page.size, page.findings)
        begin = page.last_key + b"\x00"
        limit = min(2 * limit, catalogue.page_rows(page.family))


async def _read(store: Store, catalogue: Catalogue, begin: bytes, limit: int) -> _Page | None:
    async def read(tx: Read) -> _Page | None:
        return await _page(tx, catalogue, begin, limit)

    return await store.read(read)


async def _page(tx: Read, catalogue: Catalogue, begin: bytes, limit: int) -> _Page | None:
    """The next rows of one family, at most as many as the family allows."""
    found = await tx.get_range(begin, FIRST_RESERVED, limit=limit)
    if not found:
        return None
    first_key, _ = found[0]
    family = catalogue.find(first_key)
    if family is None:
        return _Page(None, 1, first_key, [Finding.stray(first_key)])
    entries: list[tuple[bytes, tuple[Any, ...], bytes]] = []
    for key, value in found[: catalogue.page_rows(family)]:
        try:
            entries.append((key, family.unpack(key), value))
        except ValueError:  # the next page begins with it
            break
    parsed, findings = _parse(family, entries)
    for invariant in catalogue.of(family) if parsed else ():
        for row in await invariant.broken(tx, parsed):
            findings.append(Finding.of(family, row.elements, invariant.text))
    return _Page(family, len(entries), entries[-1][0], findings)


def _parse(
    family: AnyFamily, found: Sequence[tuple[bytes, tuple[Any, ...], bytes]]
) -> tuple[list[Row], list[Finding]]:
    """The well-formed rows, and the findings about the others."""
    parsed: list[Row] = []
    findings: list[Finding] = []
    for key, elements, value in found:
        try:
            parsed.append(rows.read(family, key, elements, value))
        except rows.Malformed as problem:
            findings.append(Finding.of(family, elements, str(problem)))
    return parsed, findings
