"""The log and the notices of failures: the place at which other capabilities take part."""

from collections.abc import Sequence
from typing import Protocol

from kernel.storage import Write
from services.auth.throttling.model import Failure


class FailureLog(Protocol):
    """Takes part in the transaction that counts a failure."""

    async def append(self, tx: Write, failures: Sequence[Failure]) -> None:
        """Writes failures at one account down. The transaction may run more than once."""

    async def notify(self, tx: Write, failure: Failure) -> None:
        """Queues the notice that guesses are stopped; called once for each run of failures."""

    def report(self, failure: Failure, *, stopped: bool) -> None:
        """Says, after the commit, that there was a failure, and whether it stopped the guesses."""
