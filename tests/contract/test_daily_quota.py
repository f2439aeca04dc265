"""Limits of a day, on every backend: exact, however many take at once."""

import asyncio
from datetime import timedelta

from kernel.clock import day_of
from kernel.storage import Store, Subspace
from kernel.storage.recipes.daily_quota import DailyQuota
from tests.contract.store import rows_of
from tests.support.clock import START

QUOTA = DailyQuota(Subspace(("test", "quota")))
TODAY = day_of(START)


async def take(store: Store, subject: bytes, most: int = 5, day: int = TODAY) -> bool:
    """Takes one in a transaction of its own."""
    return await store.write(lambda tx: QUOTA.take(tx, day, "limit", subject, most))


async def test_takers_at_once_get_exactly_the_limit(store: Store) -> None:
    """Of 40 takers, five get one; another subject, limit or day is not affected."""
    taken = await asyncio.gather(*(take(store, b"ada") for _ in range(40)))
    assert taken.count(True) == 5
    assert await take(store, b"bob")
    assert await take(store, b"ada", day=TODAY + 1)
    assert await store.write(lambda tx: QUOTA.take(tx, TODAY, "other", b"ada", 1))


async def test_a_subject_cannot_be_read(store: Store) -> None:
    """Only its digest is stored."""
    await take(store, b"ada@example.com")
    assert b"ada" not in b"".join(
        key + value for key, value in await rows_of(store, *QUOTA.counts.range())
    )


async def test_a_sweep_keeps_yesterday(store: Store) -> None:
    """Another process may not have reached the new day."""
    for day in (TODAY - 2, TODAY - 1, TODAY):
        for subject in (b"ada", b"bob"):
            await take(store, subject, day=day)
    assert await store.write(lambda tx: QUOTA.sweep(tx, START, 1)) == 1
    assert await store.write(lambda tx: QUOTA.sweep(tx, START, 9)) == 1
    assert len(await rows_of(store, *QUOTA.counts.range())) == 4
    assert await store.write(lambda tx: QUOTA.sweep(tx, START + timedelta(days=2), 9)) == 4
