"""How the doctor goes through a store: page by page, each in a transaction of its own."""

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
    """Some rows of one family, one behind the other."""

    family: AnyFamily | None
    size: int
    last_key: bytes
    findings: Sequence[Finding]


async def examine(store: Store, catalogue: Catalogue, report: Report) -> None:
    """Looks at every row and reports what does not hold.

    Raises:
        LimitExceeded: A single row and what it must agree with are too much for a transaction.
        ServiceError: The store cannot be read.
    """
    begin, limit = b"", 1
    while True:
        try:
            page = await _read(store, catalogue, begin, limit)
        except (LimitExceeded, StorageConflict, StorageUnavailable):  # maybe it took too long
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
    """The next rows, as far as they are of one family and as many as that one allows."""
    found = await tx.get_range(begin, FIRST_RESERVED, limit=limit)
    if not found:
        return None
    first_key, _ = found[0]
    family = catalogue.find(first_key)
    if family is None:
        return _Page(None, 1, first_key, [Finding.stray(first_key)])
    ours: list[tuple[bytes, tuple[Any, ...], bytes]] = []
    for key, value in found[: catalogue.page_rows(family)]:
        try:
            ours.append((key, family.unpack(key), value))
        except ValueError:  # begins the next page
            break
    whole, findings = _shaped(family, ours)
    for invariant in catalogue.of(family) if whole else ():
        for row in await invariant.broken(tx, whole):
            findings.append(Finding.of(family, row.elements, invariant.text))
    return _Page(family, len(ours), ours[-1][0], findings)


def _shaped(
    family: AnyFamily, found: Sequence[tuple[bytes, tuple[Any, ...], bytes]]
) -> tuple[list[Row], list[Finding]]:
    """The rows that are as declared, and what is found about the others."""
    whole: list[Row] = []
    findings: list[Finding] = []
    for key, elements, value in found:
        try:
            whole.append(rows.read(family, key, elements, value))
        except rows.Malformed as problem:
            findings.append(Finding.of(family, elements, str(problem)))
    return whole, findings
