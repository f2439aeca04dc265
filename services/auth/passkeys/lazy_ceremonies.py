"""The ceremonies of passkeys, whose library is imported at the first use.

The library and the parsers of certificates below it take 6 MB and a tenth of a second, which a
deployment without passkeys need not spend.
"""

import asyncio
from typing import TYPE_CHECKING

from services.auth.passkeys.relying_party import RelyingParty

if TYPE_CHECKING:
    from services.auth.passkeys.ceremonies import Ceremonies


class LazyCeremonies:
    """Gives the ceremonies of a relying party."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party
        self._made: Ceremonies | None = None

    async def prepare(self) -> None:
        """Imports the library in a thread, so that no call waits for it in `get`."""
        if self._made is None:
            await asyncio.to_thread(self.get)

    def get(self) -> "Ceremonies":
        """The ceremonies."""
        if self._made is None:
            from services.auth.passkeys.ceremonies import Ceremonies  # noqa: PLC0415

            self._made = Ceremonies(self._party)
        return self._made
