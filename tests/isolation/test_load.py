"""Isolation under load: many organizations at once, and each has what it made, all of it, alone."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable

import pytest

from tests.isolation.conftest import LINE
from tests.isolation.crowd import Crowd
from tests.isolation.team import Team
from tests.support.stopped import check_logs, check_store
from tools.laptop import Laptop

TEAMS = 50
SECONDS = float(os.environ.get("ISOLATION_SECONDS", "5"))
"""How long they work."""


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_organizations_at_work(
    laptop: Laptop, record_property: Callable[[str, object], None]
) -> None:
    """Nobody is told anything of others, and at the end everything is as its owner remembers it."""
    record_property(LINE, asyncio.run(_work(laptop.settings.url)))
    laptop.check()
    laptop.stop()
    check_store(laptop.settings.store)
    check_logs(laptop.settings.data / "log")


async def _work(url: str) -> str:
    async with Crowd(url) as crowd:
        teams = [Team(crowd, number) for number in range(TEAMS)]
        await _all(team.found() for team in teams)
        before, until = crowd.calls.total(), time.monotonic() + SECONDS
        await _all(_work_until(until, team, teams) for team in teams)
        line = _line(crowd, crowd.calls.total() - before)
        await _all(team.verify() for team in teams)
    return line


async def _all(works: Iterable[Coroutine[None, None, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)


async def _work_until(until: float, team: Team, teams: list[Team]) -> None:
    others = [one for one in teams if one is not team]
    while time.monotonic() < until:
        await team.work(others)


def _line(crowd: Crowd, calls: int) -> str:
    return (
        f"load: {TEAMS} organizations, {calls:,} calls in {SECONDS:g} s, {crowd.foreign:,} of them "
        f"with ids of others, longest {crowd.longest:.1f} s: none was told anything of another"
    )
