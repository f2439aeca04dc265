"""Waits until a FoundationDB cluster does nothing but serve.

For some time after many rows were written, the cluster splits their ranges and moves them between its
processes, which costs processor time that a measurement would count as that of a call.
"""

import json
import time
from dataclasses import dataclass
from typing import Any

from tests.support.cluster import Cluster

CALM_SECONDS = 5
"""For how long nothing may move: a split is followed by moves, with pauses."""
_MOST_SECONDS = 900
_EVERY_SECONDS = 0.5


@dataclass(frozen=True)
class Movement:
    """What a cluster says about its data in `status json`.

    Attributes:
        state: `healthy` if all copies exist and none is about to move.
        moving_bytes: How much is moved now, or waits for it.
    """

    state: str
    moving_bytes: int

    @classmethod
    def read(cls, cluster: Cluster) -> "Movement":
        """Asks a cluster."""
        text = cluster.command("status json")
        data: dict[str, Any] = json.loads(text[text.index("{") :])["cluster"].get("data", {})
        moving = data.get("moving_data", {})
        waiting = moving.get("in_flight_bytes", 0) + moving.get("in_queue_bytes", 0)
        return cls(data.get("state", {}).get("name", "unknown"), waiting)

    @property
    def none(self) -> bool:
        """Whether all copies are where they belong."""
        return self.state == "healthy" and not self.moving_bytes


def wait_until_still(cluster: Cluster) -> tuple[float, Movement]:
    """Waits until nothing has moved for a while; returns the seconds, and what it says at the end."""
    began = calm_since = time.monotonic()
    while True:
        movement, now = Movement.read(cluster), time.monotonic()
        if not movement.none:
            calm_since = now
        if now - calm_since >= CALM_SECONDS or now - began >= _MOST_SECONDS:
            return now - began, movement
        time.sleep(_EVERY_SECONDS)
