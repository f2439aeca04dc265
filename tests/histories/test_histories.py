"""What concurrent clients see of the running system is what some order of their calls explains."""

import os
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom

import pytest

from tests.end_to_end.examination import examined
from tests.histories.observation import SCENARIOS, observe
from tests.histories.system import READY_SECONDS, Replicas, laptop

LONG = "HISTORIES_SECONDS" in os.environ
SECONDS = float(os.environ.get("HISTORIES_SECONDS") or 3)
WANTED = os.environ.get("HISTORIES", " ".join(SCENARIOS)).split()


@pytest.mark.drill
@pytest.mark.timeout(SECONDS + 300)
async def test_histories(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Histories are linearizable although clients leave early and replicas are killed."""
    seed = int(os.environ.get("HISTORIES_SEED") or SystemRandom().getrandbits(32))
    replicas = Replicas()
    with laptop(tmp_path / "data", replicas) as running:
        running.wait_until_ready(READY_SECONDS)
        wanted = {name: SCENARIOS[name] for name in WANTED}
        found = await observe(running, replicas, SECONDS, seed, scenarios=wanted)
        running.check()
        store = running.settings.store
    more = f"\n{found.coverage()}" if LONG else ""
    record_property("histories", f"histories: {found}, HISTORIES_SEED={seed}{more}")
    assert found.violations == [], "\n\n".join(found.violations)
    assert found.undecided == []
    assert found.histories.keys() == set(WANTED)
    examined(store)
