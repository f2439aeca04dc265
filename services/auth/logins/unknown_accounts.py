"""What a login to an account that does not exist costs: as much as one to an account that does.

After a change of the hash settings, and after an import of accounts with hashes of other systems, older
accounts keep their hash until their next login, so the accounts of one store differ in cost. An unknown
address gets the settings of a hash in the store, chosen by a keyed digest of the address. So every
address has one cost, the costs are as frequent among unknown addresses as among accounts, and an address
goes over to the new settings once, as an account does.

The mixture is that of the accounts with the first ids: a random sample, because ids are random, and
the same one in every replica. What remains: replicas read it some minutes apart, and a new or deleted
account in the sample can move one address in a few hundred back. Where the other hashes are of several
kinds, and one kind logs in sooner than another, a few addresses move between the two. An import can
bring ids that are not random, such as those of UUIDv7: then the sample is of the oldest accounts.
"""

import asyncio

from kernel import log
from kernel.errors import ServiceError
from kernel.runtime import Runtime
from kernel.storage import Read
from services.auth.passwords.formats import StoredHash, parse
from services.auth.passwords.hashing import Passwords
from services.auth.users.repository import USERS

_SAMPLE = 256  # accounts
_REFRESH_SECONDS = 300

_logger = log.get(__name__)


class UnknownAccounts:
    """Gives each address the hash that is verified if it has no account.

    Args:
        runtime: The store with the accounts, and the key of the choice.
        passwords: The settings in force.
        refresh_seconds: The time between two looks at the accounts.
    """

    def __init__(
        self, runtime: Runtime, passwords: Passwords, refresh_seconds: float = _REFRESH_SECONDS
    ) -> None:
        self._runtime = runtime
        self._refresh_seconds = refresh_seconds
        self._current = passwords.decoy
        self._decoys = {self._current.settings: self._current.text}
        self._mixture = [self._current.settings]

    def hash_of(self, normalized_email: str) -> str:
        """A hash that matches no password; always of the same cost for an address."""
        digest = self._runtime.seal.mac("unknown account", normalized_email.encode())
        current = self._current.settings
        others = [one for one in self._mixture if one != current]
        # First whether it is the current one, whose share grows: it takes addresses over, and gives
        # none back. Then which other one, whose shares among each other hardly change.
        if _place(digest[:8], len(self._mixture)) >= len(others):
            return self._decoys[current]
        return self._decoys[others[_place(digest[8:16], len(others))]]

    async def run(self) -> None:
        """Keeps the mixture up to date, for ever."""
        while True:
            await asyncio.sleep(self._refresh_seconds)
            try:
                await self.refresh()
            except ServiceError as error:
                _logger.warning("hash settings not refreshed", reason=error.reason)

    async def refresh(self) -> None:
        """Reads the settings of the sample."""
        found = await self._runtime.store.read(_sampled) or [self._current]
        for one in found:
            self._decoys.setdefault(one.settings, one.decoy())
        self._mixture = sorted(one.settings for one in found)


async def _sampled(tx: Read) -> list[StoredHash]:
    page = await USERS.page(tx, after=None, limit=_SAMPLE)
    found = (parse(user.password_hash) for user in page.items)
    return [one for one in found if one is not None]


def _place(digest: bytes, places: int) -> int:
    """One of the places, by 8 bytes of a digest."""
    return int.from_bytes(digest, "big") * places >> 64
