"""Whether a cluster still moves data."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from bench.cluster import Movement

HEALTHY = {"name": "healthy", "healthy": True}
MOVING = {"name": "healthy_rebalancing", "healthy": True}


@dataclass
class Told:
    """What `fdbcli` prints about a cluster."""

    data: dict[str, Any]

    def command(self, _: str) -> str:
        """The output of `status json`, with a line in front of it."""
        return "WARNING: something\n" + json.dumps({"cluster": {"data": self.data}})


def _moving(in_flight: int, in_queue: int) -> dict[str, int]:
    return {"in_flight_bytes": in_flight, "in_queue_bytes": in_queue}


def test_still() -> None:
    """A cluster is still if it is healthy and moves nothing, now or soon."""
    told = Told({"state": HEALTHY, "moving_data": _moving(0, 0)})
    assert Movement.read(told).none  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        {"state": HEALTHY, "moving_data": _moving(1, 0)},
        {"state": HEALTHY, "moving_data": _moving(0, 1)},
        {"state": MOVING, "moving_data": _moving(0, 0)},
        {},
    ],
    ids=["in flight", "in queue", "about to move", "nothing known"],
)
def test_moving(data: dict[str, Any]) -> None:
    """Otherwise it is not, also if it says nothing."""
    assert not Movement.read(Told(data)).none  # type: ignore[arg-type]
