"""Tables: records of one kind together with what finds and counts them.

An index is declared with the function that makes its keys from a value. Writing a record and
removing it keep its indexes, counts and expiry entry right, and the doctor checks all three. It
follows from the declaration, as in FoundationDB's Record Layer.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from kernel.storage.families import COUNTER, EMPTY, AnyFamily, Family, Part, Value
from kernel.storage.keys import Subspace
from kernel.storage.limits import RANGE_ROWS, counted
from kernel.storage.port import Read, Write
from kernel.storage.recipes.expiry import Expiry, Time, milliseconds
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_there, parsed
from kernel.storage.recipes.paging import Page, filled, page

V = TypeVar("V")

Elements: TypeAlias = tuple[Any, ...]

_ID_BYTES = 16


class _Index(NamedTuple):
    """One index of a table.

    Attributes:
        family: Its rows.
        keys: Gives the elements of the keys that find a value.
        held: The parts of the record's key that a row's value holds, because its key does not.
        reassignable: Whether another record may have taken over a row.
    """

    family: AnyFamily
    keys: Callable[[Any], Iterable[Elements]]
    held: tuple[int, ...]
    reassignable: bool

    def rows(self, record_key: Elements, value: Any) -> dict[bytes, bytes]:
        """The rows that find a value, by their keys."""
        holds = b"".join(record_key[part].bytes for part in self.held)
        return {self.family.key(*elements): holds for elements in self.keys(value)}


class _Count(NamedTuple):
    family: AnyFamily
    keys: Callable[[Any], Iterable[Elements]]


class Table(Generic[V]):
    """The records of a family, as values of one type.

    Args:
        family: The records.
        message: The record's protobuf message.
        key: Gives the elements of a value's key.
        fill: Writes a value into a message; what a newer version has put into it stays.
        parse: Makes a value of a message.

    Attributes:
        family: As given.
    """

    def __init__(
        self,
        family: AnyFamily,
        message: type[Message],
        *,
        key: Callable[[V], Elements],
        fill: Callable[[Any, V], None],
        parse: Callable[[Any], V],
    ) -> None:
        self.family = family
        self._message = message
        self._key = key
        self._fill = fill
        self._parse = parse
        self._indexes: list[_Index] = []
        self._counts: list[_Count] = []
        self._expiry: tuple[Expiry, Callable[[V], Time]] | None = None

    # ── declaring ────────────────────────────────────────────────────────────────────────────

    def index(
        self,
        space: Subspace,
        *parts: Part | str,
        keys: Callable[[V], Iterable[Elements]],
        life: str,
        reassignable: bool = False,
    ) -> AnyFamily:
        """Declares an index, and gives the family of its rows.

        The parts of the record's key that the index's key lacks are ids, and stand in the value.

        Args:
            space: Where the rows are.
            parts: What their keys consist of.
            keys: Gives the elements of the keys that find a value: none, one or several.
            life: How long a row stays, in words.
            reassignable: Whether a row may lead to another record by the time that this one is
                removed: then it stays.
        """
        names = {part.name for part in parts if isinstance(part, Part)}
        held = tuple(at for at, part in enumerate(self.family.parts) if part.name not in names)
        of = [self.family.parts[at].name for at in held]
        value = Value(" and ".join(of), _ID_BYTES * len(held)) if held else EMPTY
        family: AnyFamily = Family(space, *parts, value=value, life=life, of=self.family)
        index = _Index(family, keys, held, reassignable)
        self._indexes.append(index)
        if space.keyspace is not None:
            space.keyspace.invariants.extend(self._invariants(index))
        return family

    def count(
        self,
        space: Subspace,
        *parts: Part | str,
        keys: Callable[[V], Iterable[Elements]],
        life: str,
        checked_at_once: int = 100,
    ) -> AnyFamily:
        """Declares counters of records, and gives their family. A counter of 0 has no row.

        What a counter counts is next to each other: the keys of the records, or of the rows of an
        index that is declared before, begin with the parts of its key, in any order.

        Args:
            space: Where the counters are.
            parts: What their keys consist of.
            keys: Gives the elements of the keys of the counters that count a value.
            life: How long a counter stays, in words.
            checked_at_once: How many counters the doctor checks in one transaction, which reads all
                that they count.
        """
        family: AnyFamily = Family(space, *parts, value=COUNTER, life=life, of=self.family)
        count = _Count(family, keys)
        self._counts.append(count)
        if space.keyspace is not None:
            space.keyspace.invariants.extend(self._count_invariants(count, checked_at_once))
        return family

    def expiry(self, space: Subspace, time: Callable[[V], Time]) -> Expiry:
        """Declares when records end, by the field `expire_time`, and gives the index of it."""
        expiry = Expiry(space, of=self.family)
        self._expiry = expiry, time
        return expiry

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def get(self, tx: Read, *elements: Any) -> V | None:
        """The value of that key."""
        value = await tx.get(self.family.key(*elements))
        return None if value is None else self.parse(value)

    async def get_many(self, tx: Read, elements: Iterable[Elements]) -> list[V]:
        """The values of those keys; keys without one are left out."""
        values = await tx.get_many([self.family.key(*one) for one in elements])
        return [self.parse(value) for value in values if value is not None]

    async def find(self, tx: Read, index: AnyFamily, *elements: Any) -> V | None:
        """The value that the row of an index leads to."""
        key = index.key(*elements)
        value = await tx.get(key)
        return None if value is None else await self.get(tx, *self.leads_to(index, key, value))

    async def due(self, tx: Read, index: AnyFamily, now: datetime, limit: int) -> list[V]:
        """At most `limit` values whose time in an index, its first part, is not after `now`, in order."""
        begin, end = index.range()[0], index.space.pack((milliseconds(now) + 1,))
        rows = await tx.get_range(begin, end, limit=limit)
        return await self.get_many(tx, [self.leads_to(index, *row) for row in rows])

    async def page(
        self,
        tx: Read,
        *first: Any,
        after: bytes | None,
        limit: int,
        only: Callable[[V], bool] = lambda _: True,
    ) -> Page[V]:
        """A page of the values whose keys begin with those elements.

        Args:
            tx: The transaction.
            first: The first elements.
            after: The last key of the previous page.
            limit: The values of a page.
            only: Chooses among them, see `filled`.

        Raises:
            PageTokenInvalid: The key `after` is outside of the list.
        """
        begin, end = self.family.range(*first)

        async def read(last_key: bytes | None, rows: int) -> Page[V]:
            found = await page(tx, begin, end, after=last_key, limit=rows)
            values = [self.parse(value) for _, value in found.items]
            return Page([value for value in values if only(value)], found.last_key)

        return await filled(read, after=after, limit=limit)

    def leads_to(self, index: AnyFamily, key: bytes, value: bytes) -> Elements:
        """The elements of the record's key behind a row of an index."""
        named = dict(zip((part.name for part in index.parts), index.unpack(key), strict=True))
        held = (value[at : at + _ID_BYTES] for at in range(0, len(value), _ID_BYTES))
        return tuple(
            named[part.name] if part.name in named else UUID(bytes=next(held, b""))
            for part in self.family.parts
        )

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    async def put(self, tx: Write, new: V) -> V | None:
        """Writes a record with everything that finds and counts it; returns the value before."""
        elements = self._key(new)
        stored = await tx.get(self.family.key(*elements))
        record = self._message.FromString(stored or b"")
        old = None if stored is None else self._parse(record)
        await self._write(tx, elements, record, old, new)
        return old

    async def update(self, tx: Write, *elements: Any, change: Callable[[V | None], V]) -> V:
        """Writes what `change` makes of the value of a key, and returns it: one read, not two.

        `change` gets None where there is no value, and may raise.
        """
        stored = await tx.get(self.family.key(*elements))
        record = self._message.FromString(stored or b"")
        old = None if stored is None else self._parse(record)
        new = change(old)
        await self._write(tx, elements, record, old, new)
        return new

    async def _write(
        self, tx: Write, elements: Elements, record: Any, old: V | None, new: V
    ) -> None:
        key = self.family.key(*elements)
        self._fill(record, new)
        tx.set(key, record.SerializeToString())
        for index in self._indexes:
            before = {} if old is None else index.rows(elements, old)
            rows = index.rows(elements, new)
            await self._clear_rows(tx, index, {k: v for k, v in before.items() if k not in rows})
            for row, holds in rows.items():
                if before.get(row) != holds:
                    tx.set(row, holds)
        if self._expiry is not None:
            expiry, time = self._expiry
            if old is not None:
                expiry.clear(tx, time(old), key)
            expiry.put(tx, time(new), key)
        if old is None:
            for count in self._counts:
                for counter in count.keys(new):
                    tx.add(count.family.key(*counter), 1)

    async def clear(self, tx: Write, old: V) -> None:
        """Removes a record and everything that `put` wrote with it."""
        elements = self._key(old)
        key = self.family.key(*elements)
        tx.clear(key)
        for index in self._indexes:
            await self._clear_rows(tx, index, index.rows(elements, old))
        if self._expiry is not None:
            expiry, time = self._expiry
            expiry.clear(tx, time(old), key)
        for count in self._counts:
            for counter in count.keys(old):
                await _count_down(tx, count.family.key(*counter))

    async def clear_some(self, tx: Write, *first: Any, limit: int) -> int:
        """Removes records whose keys begin with those elements, `limit` at most; says how many."""
        rows = await tx.get_range(*self.family.range(*first), limit=limit)
        for _, value in rows:
            await self.clear(tx, self.parse(value))
        return len(rows)

    def clear_all(self, tx: Write) -> None:
        """Removes all records and everything that `put` wrote with them.

        It reads nothing. A cluster does it at once, however many there are; the embedded store goes
        through the rows, and can raise `LimitExceeded` for hundreds of thousands.
        """
        families = [self.family, *(one.family for one in self._indexes)]
        families += [one.family for one in self._counts]
        if self._expiry is not None:
            families.append(self._expiry[0].entries)
        for family in families:
            tx.clear_range(*family.range())

    async def clear_expired(self, tx: Write, now: Time, limit: int) -> int:
        """Removes records that have expired, `limit` at most, and says how many."""
        assert self._expiry is not None, "only of records that expire"
        due = await self._expiry[0].due(tx, now, limit)
        for row in due:
            tx.clear(row.entry)
        for value in await tx.get_many([row.key for row in due]):
            if value is not None:
                await self.clear(tx, self.parse(value))
        return len(due)

    def parse(self, value: bytes) -> V:
        """The value of a record as it is stored."""
        return self._parse(self._message.FromString(value))

    async def _clear_rows(self, tx: Write, index: _Index, rows: dict[bytes, bytes]) -> None:
        for row, holds in rows.items():
            if not index.reassignable or await tx.get(row) == holds:
                tx.clear(row)

    def _invariants(self, index: _Index) -> tuple[Invariant, Invariant]:
        """That each record has its rows in an index, and each row its record."""

        def rows_of(row: Row) -> dict[bytes, bytes]:
            return index.rows(row.elements, self._parse(row.record))

        def has_its_rows(row: Row, values: Sequence[bytes | None]) -> bool:
            if index.reassignable:
                return None not in values
            return list(rows_of(row).values()) == list(values)

        def record_key(row: Row) -> list[bytes]:
            return [self.family.key(*self.leads_to(index.family, row.key, row.value))]

        def has_its_record(row: Row, values: Sequence[bytes | None]) -> bool:
            if values[0] is None:
                return False
            elements = self.leads_to(index.family, row.key, row.value)
            return row.key in index.rows(elements, self._parse(parsed(self.family, values[0])))

        return (
            agrees(
                self.family,
                f"has no row of its own in {index.family.name}",
                lambda row: list(rows_of(row)),
                has_its_rows,
            ),
            agrees(
                index.family,
                f"leads to no record of {self.family.name} that it finds",
                record_key,
                has_its_record,
            ),
        )

    def _count_invariants(self, count: _Count, at_once: int) -> tuple[Invariant, Invariant]:
        """That each record has its counters, and each counter the right number."""
        counters = count.family
        rows = next(
            family
            for family in (self.family, *(index.family for index in self._indexes))
            if _first_names(family, len(counters.parts)) == _names(counters.parts)
        )

        def counters_of(row: Row) -> list[bytes]:
            return [counters.key(*one) for one in count.keys(self._parse(row.record))]

        async def miscounted(tx: Read, found: Sequence[Row]) -> list[Row]:
            return [row for row in found if counted(row.value) != await number(tx, row)]

        async def number(tx: Read, row: Row) -> int:
            named = dict(zip((part.name for part in counters.parts), row.elements, strict=True))
            first = (named[part.name] for part in rows.parts[: len(named)])
            return await _number_of_rows(tx, *rows.range(*first))

        return (
            is_there(self.family, f"is not counted in {counters.name}", counters_of),
            Invariant(
                counters,
                f"is not the number of the rows of {rows.name} that it counts",
                miscounted,
                page_rows=at_once,
            ),
        )


def _names(parts: Iterable[Part]) -> set[str]:
    return {part.name for part in parts}


def _first_names(family: AnyFamily, number: int) -> set[str]:
    """The names of the first parts of a key, if there are others behind them."""
    return _names(family.parts[:number]) if number < len(family.parts) else set()


async def _number_of_rows(tx: Read, begin: bytes, end: bytes) -> int:
    number = 0
    while found := await tx.get_range(begin, end, limit=RANGE_ROWS):
        number += len(found)
        if len(found) < RANGE_ROWS:
            break
        begin = found[-1][0] + b"\x00"
    return number


async def _count_down(tx: Write, key: bytes) -> None:
    if counted(await tx.get(key)) > 1:
        tx.add(key, -1)
    else:
        tx.clear(key)
