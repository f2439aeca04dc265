"""The simulation finds every fault that is put into the product on purpose."""

import pytest

from tests.simulation.faults import FAULTS, broken
from tests.simulation.runs import simulate
from tests.support.promises import LONG

_MOST_SEEDS = 60


@pytest.mark.skipif(not LONG, reason="takes minutes: make test-long")
@pytest.mark.parametrize("fault", [name for name in FAULTS if name])
def test_each_fault_is_found(fault: str) -> None:
    """Some of the first seeds break a promise if the product is broken in this way."""
    with broken(fault):
        assert any(simulate(seed).problems for seed in range(_MOST_SEEDS))
