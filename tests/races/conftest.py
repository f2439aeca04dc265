"""Races: what several people do at once, on two replicas, in any order, RACES times over."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random, SystemRandom

import pytest

from kernel.storage import Store, open_store
from ops.doctor import across
from tests.ops.doctor.world import findings
from tests.races.contest import Contest
from tests.races.house import House
from tests.services.tenants.harness import TenantsHarness, make_settings
from tests.support import foundationdb
from tests.support.clock import FixedClock

ROUNDS = 20


@pytest.fixture
def contest(request: pytest.FixtureRequest) -> Contest:
    """As many rounds as RACES says, by a seed that a failure tells, and RACES_SEED gives again."""
    seed = int(os.environ.get("RACES_SEED") or SystemRandom().getrandbits(32))
    request.node.add_report_section("setup", "seed", f"RACES_SEED={seed}")
    return Contest(seed, int(os.environ.get("RACES") or ROUNDS))


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """A store as two replicas have it open; a file is open but once in a process."""
    if foundationdb.chosen():
        opened = [open_store(foundationdb.url(tmp_path)) for _ in range(2)]
    else:
        opened = [open_store(f"lmdb://{tmp_path}/store?map_size={4 << 30}")] * 2
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
def store(stores: list[Store]) -> Store:
    """The store, to look at."""
    return stores[0]


@pytest.fixture
def clock() -> FixedClock:
    """The clock of everything in the test."""
    return FixedClock()


class Teams:
    """Tenants, as several replicas."""

    def __init__(self, replicas: list[TenantsHarness], chance: Random) -> None:
        self._replicas = replicas
        self._chance = chance

    @property
    def any(self) -> TenantsHarness:
        """One of them, by chance."""
        return self._chance.choice(self._replicas)


Open = Callable[..., Teams]


@pytest.fixture
async def open_teams(
    stores: list[Store], clock: FixedClock, contest: Contest
) -> AsyncIterator[Open]:
    """Gives tenants with some settings; in the end nothing is wrong between its rows."""

    def opened(**environ: str) -> Teams:
        settings = make_settings(**environ)
        seeds = contest.chance.sample(range(1 << 32), len(stores))
        pairs = zip(stores, seeds, strict=True)
        return Teams(
            [TenantsHarness(store, clock, settings, seed) for store, seed in pairs], contest.chance
        )

    yield opened
    # Of the users in these races auth has never heard.
    beside = {(invariant.family.name, invariant.text) for invariant in across.INVARIANTS}
    found = await findings(stores[0])
    assert [one for one in found if (one.family, one.text) not in beside] == []


@pytest.fixture
def teams(open_teams: Open) -> Teams:
    """Tenants, as by default."""
    return open_teams()


@pytest.fixture
async def houses(
    stores: list[Store], clock: FixedClock, contest: Contest
) -> AsyncIterator[list[House]]:
    """All contexts, as two replicas; in the end nothing is wrong in the store."""
    seeds = contest.chance.sample(range(1 << 32), len(stores))
    opened = [House(store, clock, seed) for store, seed in zip(stores, seeds, strict=True)]
    for house in opened:
        await house.open()
    yield opened
    for house in opened:
        await house.close()
    assert await findings(stores[0]) == []
