"""What nearly every use case needs from outside: the store, the time, chance and the keys."""

from dataclasses import dataclass

from kernel.clock import Clock
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Store


@dataclass(frozen=True, slots=True)
class Runtime:
    """The surroundings of a context's use cases, as one value."""

    store: Store
    clock: Clock
    ids: Ids
    seal: Seal
