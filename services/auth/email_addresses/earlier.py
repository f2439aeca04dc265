"""The earlier addresses of a user, to which an account can still be taken back."""

from datetime import datetime
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Read
from services.auth.email_addresses.change import address_of
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Purpose


class EarlierAddresses:
    """Reads earlier addresses; `AddressBook` of the recovery of lost factors."""

    def __init__(self, runtime: Runtime) -> None:
        self._seal = runtime.seal

    async def of(self, tx: Read, user_id: UUID, now: datetime) -> set[str]:
        """The proved addresses whose change can still be undone."""
        found = set()
        for token in await one_time_tokens.of_user(tx, user_id):
            if token.purpose is Purpose.UNDO_EMAIL and token.expire_time > now:
                try:
                    found.add(address_of(token, self._seal))
                except OneTimeTokenInvalid:  # sealed with a key that is not listed any more
                    continue
        return found
