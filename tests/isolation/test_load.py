"""Isolation under load: many organizations work at once, and each sees exactly its own data."""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine, Iterable

import pytest

from tests.isolation.clients import Clients
from tests.isolation.conftest import LINE
from tests.isolation.load import Organization
from tests.support.promises import LONG
from tests.support.stopped import check_logs, check_store
from tools.laptop import Laptop

pytestmark = pytest.mark.drill

ORGANIZATIONS = 50
SECONDS = float(os.environ.get("ISOLATION_SECONDS", "5" if LONG else "2"))
"""The duration of the load in seconds."""


@pytest.mark.timeout(120 + 4 * SECONDS)
def test_organizations_at_work(
    laptop: Laptop, record_property: Callable[[str, object], None]
) -> None:
    """No answer contains another organization's data, and all end in the expected state."""
    record_property(LINE, asyncio.run(_work(laptop.settings.url)))
    laptop.check()
    laptop.stop()
    check_store(laptop.settings.store)
    check_logs(laptop.settings.data / "log")


async def _work(url: str) -> str:
    async with Clients(url) as clients:
        organizations = [Organization(clients, number) for number in range(ORGANIZATIONS)]
        await _all(organization.found() for organization in organizations)
        before, until = clients.calls.total(), time.monotonic() + SECONDS
        await _all(
            _work_until(until, organization, organizations) for organization in organizations
        )
        line = _line(clients, clients.calls.total() - before)
        await _all(organization.verify() for organization in organizations)
    return line


async def _all(works: Iterable[Coroutine[None, None, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)


async def _work_until(
    until: float, organization: Organization, organizations: list[Organization]
) -> None:
    others = [one for one in organizations if one is not organization]
    while time.monotonic() < until:
        await organization.work(others)


def _line(clients: Clients, calls: int) -> str:
    return (
        f"load: {ORGANIZATIONS} organizations, {calls:,} calls in {SECONDS:g} s, {clients.foreign:,} of them "
        f"with ids of others, longest {clients.longest:.1f} s: no answer had data of another"
    )
