"""Races: several users act concurrently on two replicas, in random order, RACES times each."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random, SystemRandom

import pytest

from kernel.storage import Store
from ops.doctor import across
from tests.ops.doctor.environment import findings
from tests.races.race import Race
from tests.services.tenants.harness import TenantsHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.in_process import InProcessSystem
from tests.support.store import opened_twice

ROUNDS = 20


@pytest.fixture
def race(request: pytest.FixtureRequest) -> Race:
    """A race of RACES rounds. A failure reports the seed; RACES_SEED repeats it."""
    seed = int(os.environ.get("RACES_SEED") or SystemRandom().getrandbits(32))
    request.node.add_report_section("setup", "seed", f"RACES_SEED={seed}")
    return Race(seed, int(os.environ.get("RACES") or ROUNDS))


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """One store, opened by two replicas; a file can be opened only once in a process."""
    async with opened_twice(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(stores: list[Store]) -> Store:
    """The store, for checks."""
    return stores[0]


@pytest.fixture
def clock() -> FixedClock:
    """The clock that everything in the test uses."""
    return FixedClock()


class Teams:
    """Several replicas of the tenants service, in this process."""

    def __init__(self, replicas: list[TenantsHarness], random: Random) -> None:
        self._replicas = replicas
        self._random = random

    @property
    def any(self) -> TenantsHarness:
        """A random replica."""
        return self._random.choice(self._replicas)


Open = Callable[..., Teams]


@pytest.fixture
async def open_teams(stores: list[Store], clock: FixedClock, race: Race) -> AsyncIterator[Open]:
    """Opens tenants with the given settings; afterwards the doctor finds nothing wrong."""

    def opened(**environ: str) -> Teams:
        settings = make_settings(**environ)
        seeds = race.random.sample(range(1 << 32), len(stores))
        pairs = zip(stores, seeds, strict=True)
        return Teams(
            [TenantsHarness(store, clock, settings, seed) for store, seed in pairs], race.random
        )

    yield opened
    # Auth does not know the users of these races.
    ignored = {(invariant.family.name, invariant.text) for invariant in across.INVARIANTS}
    found = await findings(stores[0])
    assert [one for one in found if (one.family, one.text) not in ignored] == []


@pytest.fixture
def teams(open_teams: Open) -> Teams:
    """Tenants with the default settings."""
    return open_teams()


@pytest.fixture
async def systems(
    stores: list[Store], clock: FixedClock, race: Race
) -> AsyncIterator[list[InProcessSystem]]:
    """Two replicas of all contexts; afterwards the doctor finds nothing wrong in the store."""
    seeds = race.random.sample(range(1 << 32), len(stores))
    opened = [
        InProcessSystem(store, clock, seed) for store, seed in zip(stores, seeds, strict=True)
    ]
    for system in opened:
        await system.open()
    yield opened
    for system in opened:
        await system.close()
    assert await findings(stores[0]) == []
