"""Faults that are put in on purpose are found by the histories of their scenario."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.histories.observation import SCENARIOS, observe
from tests.histories.sabotage import FAULTS
from tests.histories.system import READY_SECONDS, Replicas, laptop

SECONDS = 150.0
SEED = 1


@pytest.mark.skipif(
    "HISTORIES_FAULTS" not in os.environ, reason="takes minutes: make histories-faults"
)
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", FAULTS)
async def test_faults(
    tmp_path: Path, name: str, record_property: Callable[[str, object], None]
) -> None:
    """A history of the scenario is not linearizable."""
    replicas = Replicas(name)
    with laptop(tmp_path / "data", replicas) as running:
        running.wait_until_ready(READY_SECONDS)
        wanted = {FAULTS[name].scenario: SCENARIOS[FAULTS[name].scenario]}
        found = await observe(
            running, replicas, SECONDS, SEED, scenarios=wanted, kills=False, until_found=True
        )
        running.check()
    record_property("histories", f"{name}: {found}")
    assert found.violations, f"{name} was not found: {found}"
