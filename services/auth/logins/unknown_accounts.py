"""What a login to an account that does not exist costs: as much as one to an account that does.

After a change of the hash settings, older accounts keep their hash until their next login, so the
accounts of one store differ in cost. An unknown address gets the settings of a hash in the store, chosen
by a keyed digest of the address. So every address has one cost, the costs are as frequent among unknown
addresses as among accounts, and an address goes over to the new settings once, as an account does.

The mixture is that of the accounts with the first ids: a random sample, because ids are random, and
the same one in every replica. What remains: replicas read it some minutes apart, and a new or deleted
account in the sample can move one address in a few hundred back.
"""

import asyncio
import os
from base64 import b64encode

from kernel import log
from kernel.errors import ServiceError
from kernel.runtime import Runtime
from kernel.storage import Read
from services.auth.passwords.hashing import Passwords, settings_of
from services.auth.users.repository import USERS

_SAMPLE = 256  # accounts
_REFRESH_SECONDS = 300
_SALT_BYTES, _DIGEST_BYTES = 16, 32

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
        self._current = passwords.settings
        self._settings = [self._current]
        # Never matches: a random digest is that of no password.
        self._ending = f"${_base64(_SALT_BYTES)}${_base64(_DIGEST_BYTES)}"

    def hash_of(self, normalized_email: str) -> str:
        """A hash that matches no password; always of the same cost for an address."""
        digest = self._runtime.seal.mac("unknown account", normalized_email.encode())
        place = int.from_bytes(digest[:8], "big") * len(self._settings) >> 64
        return self._settings[place] + self._ending

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
        found = await self._runtime.store.read(_sampled)
        # Sorted: with two settings, the share that grows takes addresses over, and gives none back.
        self._settings = sorted(found) or [self._current]


async def _sampled(tx: Read) -> list[str]:
    page = await USERS.page(tx, after=None, limit=_SAMPLE)
    settings = (settings_of(user.password_hash) for user in page.items)
    return [one for one in settings if one is not None]


def _base64(size: int) -> str:
    return b64encode(os.urandom(size)).decode().rstrip("=")
