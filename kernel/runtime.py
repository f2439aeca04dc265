"""The dependencies that nearly every use case shares: store, clock, ids and seal keys."""

from dataclasses import dataclass

from kernel.clock import Clock
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Store


@dataclass(frozen=True, slots=True)
class Runtime:
    """The dependencies of a context's use cases, as one value."""

    store: Store
    clock: Clock
    ids: Ids
    seal: Seal
