"""Ids that are the same in every run."""

import random
from uuid import UUID


class FixedIds:
    """Implements `kernel.ids.Ids` with random values from a seed."""

    def __init__(self, seed: int = 5) -> None:
        self._random = random.Random(seed)

    def uuid(self) -> UUID:
        """The next UUIDv4."""
        return UUID(bytes=self._random.randbytes(16), version=4)

    def secret(self) -> bytes:
        """The next 32 bytes."""
        return self._random.randbytes(32)
