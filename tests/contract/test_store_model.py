"""The conformance suite of the storage port: the store behaves like a plain dictionary."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kernel.storage import RANGE_ROWS, Read, Store, Subspace, Write
from tests.contract.store import Backend, Clock, rows_of

Model = dict[bytes, bytes]

# Few keys, so that they collide: prefixes of each other, zeros, the limits of the key space.
KEYS = st.sampled_from(
    [b"a", b"a\x00", b"a\x00\x00", b"a\xff", b"a\xff\xff", b"b", b"\x00", b"\xfd\xff", b"b" * 500]
)
ENDS = KEYS | st.just(b"") | st.just(b"\xfe")
VALUES = st.binary(max_size=12)
DELTAS = st.integers(-(2**63), 2**63 - 1)
LIMITS = st.integers(1, 4) | st.just(RANGE_ROWS)


@dataclass(frozen=True)
class Set:
    """Sets a key."""

    key: bytes
    value: bytes

    async def run(self, tx: Write, model: Model) -> None:
        """On both."""
        tx.set(self.key, self.value)
        model[self.key] = self.value


@dataclass(frozen=True)
class Clear:
    """Clears a key."""

    key: bytes

    async def run(self, tx: Write, model: Model) -> None:
        """On both."""
        tx.clear(self.key)
        model.pop(self.key, None)


@dataclass(frozen=True)
class ClearRange:
    """Clears a range, whose ends may be in the wrong order."""

    begin: bytes
    end: bytes

    async def run(self, tx: Write, model: Model) -> None:
        """On both."""
        tx.clear_range(self.begin, self.end)
        for key in [key for key in model if self.begin <= key < self.end]:
            del model[key]


@dataclass(frozen=True)
class Add:
    """Adds to a key, whatever its value."""

    key: bytes
    delta: int

    async def run(self, tx: Write, model: Model) -> None:
        """On both."""
        tx.add(self.key, self.delta)
        old = int.from_bytes(model.get(self.key, b"")[:8], "little")
        model[self.key] = ((old + self.delta) % 2**64).to_bytes(8, "little")


@dataclass(frozen=True)
class Get:
    """Reads keys, one and many."""

    keys: tuple[bytes, ...]

    async def run(self, tx: Read, model: Model) -> None:
        """On both, and compares."""
        expected = [model.get(key) for key in self.keys]
        assert await tx.get_many(self.keys) == expected
        assert [await tx.get(key) for key in self.keys] == expected


@dataclass(frozen=True)
class GetRange:
    """Reads a range."""

    begin: bytes
    end: bytes
    limit: int
    reverse: bool

    async def run(self, tx: Read, model: Model) -> None:
        """On both, and compares."""
        rows = sorted(row for row in model.items() if self.begin <= row[0] < self.end)
        rows = rows[::-1] if self.reverse else rows
        found = await tx.get_range(self.begin, self.end, limit=self.limit, reverse=self.reverse)
        assert found == rows[: self.limit]


READS = st.builds(Get, st.lists(KEYS, max_size=4).map(tuple)) | st.builds(
    GetRange, ENDS, ENDS, LIMITS, st.booleans()
)
STEPS = (
    st.builds(Set, KEYS, VALUES)
    | st.builds(Clear, KEYS)
    | st.builds(ClearRange, ENDS, ENDS)
    | st.builds(Add, KEYS, DELTAS)
    | READS
)


_LOG = Subspace(("log",))


class _Undo(Exception):
    """Aborts a transaction, which must write nothing."""


class Machine(RuleBasedStateMachine):
    """A store and a dictionary, side by side.

    Args:
        open_store: Opens the store, the same one each time.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._open = open_store
        self._model: Model = {}
        self._last = _LOG.range()[0]
        self._store = self._run(self._opened())

    def _run(self, coroutine: Any) -> Any:
        return self._loop.run(coroutine)

    async def _opened(self) -> Store:
        return self._open()

    @rule(steps=st.lists(STEPS, min_size=1, max_size=8), undo=st.booleans())
    def write(self, steps: list[Any], undo: bool) -> None:
        """Runs a transaction of some steps, and commits or aborts it."""

        async def transaction(tx: Write) -> Model:
            model = dict(self._model)  # it may run again
            for step in steps:
                await step.run(tx, model)
            if undo:
                raise _Undo
            return model

        try:
            self._model = self._run(self._store.write(transaction))
        except _Undo:
            assert undo

    @rule(steps=st.lists(READS, min_size=1, max_size=4))
    def read(self, steps: list[Any]) -> None:
        """Runs a read transaction."""

        async def transaction(tx: Read) -> None:
            for step in steps:
                await step.run(tx, self._model)

        self._run(self._store.read(transaction))

    @rule(count=st.integers(1, 3))
    def append(self, count: int) -> None:
        """Appends stamped rows, which must sort after all earlier ones."""
        labels = [b"%d" % number for number in range(count)]

        async def transaction(tx: Write) -> None:
            for label in labels:
                tx.set_versionstamped_key(_LOG.prefix, label)

        self._run(self._store.write(transaction))
        rows = self._run(rows_of(self._store, self._last + b"\x00", _LOG.range()[1]))
        assert [value for _, value in rows] == labels
        self._model.update(rows)
        self._last = rows[-1][0]

    @rule()
    def reopen(self) -> None:
        """Reopens the store; nothing may be lost."""
        self._run(self._store.close())
        self._store = self._run(self._opened())

    @invariant()
    def all_rows_agree(self) -> None:
        """The whole store equals the dictionary."""
        rows = self._run(rows_of(self._store, b"", b"\xfe", limit=RANGE_ROWS))
        assert rows == sorted(self._model.items())

    def teardown(self) -> None:
        """Closes the store."""
        self._run(self._store.close())
        self._loop.close()


def test_the_store_behaves_like_a_dictionary(backend: Backend, tmp_path: Path) -> None:
    """After any generated sequence of transactions, store and dictionary are equal."""

    def machine() -> Machine:
        folder = tmp_path / uuid4().hex
        return Machine(lambda: backend.open(folder, Clock()))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=12,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
