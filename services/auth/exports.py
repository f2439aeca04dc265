"""Everything that the product keeps of a user, for the user to take along."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from kernel.identity.callers import Caller
from services.auth.accounts import Accounts
from services.auth.logins.devices import Devices
from services.auth.logins.model import Login
from services.auth.users.model import User

_LOGINS_AT_ONCE = 100


class ExportSource(Protocol):
    """Another service that keeps things of users."""

    def export(self, user_id: UUID) -> AsyncIterator[list[str]]:
        """What it keeps of a user, line by line in pages. Raises a `ServiceError`."""
        ...


class ExportChunk(NamedTuple):
    """A piece of what is kept: what auth has itself, and lines from elsewhere."""

    users: Sequence[User] = ()
    logins: Sequence[Login] = ()
    lines: Sequence[str] = ()


class Exports:
    """The use case of an export."""

    def __init__(
        self, accounts: Accounts, devices: Devices, others: Sequence[ExportSource]
    ) -> None:
        self._accounts = accounts
        self._devices = devices
        self._others = others

    async def of(self, caller: Caller) -> AsyncIterator[ExportChunk]:
        """Everything of the caller, piece by piece; each as it is when it is read.

        Raises `TenantsUnavailable`, `SessionsUnavailable`.
        """
        yield ExportChunk(users=[await self._accounts.get(caller)])
        token, more = "", True
        while more:
            logins, token = await self._devices.list(caller, _LOGINS_AT_ONCE, token)
            yield ExportChunk(logins=logins)
            more = bool(token)
        for other in self._others:
            async for lines in other.export(caller.user_id):
                yield ExportChunk(lines=lines)
