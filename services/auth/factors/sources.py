"""The ports to the kinds of factors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.storage import Read, Write
from services.auth.factors.model import Factor, NewRecoveryCodes


class FactorSource(Protocol):
    """The factors of one kind."""

    is_authenticator: bool
    """Whether a user with one of them needs it at every login. Recovery codes only come with others."""

    async def is_set_up(self, tx: Read, user_id: UUID) -> bool:
        """Whether the user has one."""
        ...

    async def list(self, tx: Read, user_id: UUID) -> Sequence[Factor]:
        """The factors of a user."""
        ...

    async def rename(self, tx: Write, user_id: UUID, factor_id: UUID, name: str) -> Factor | None:
        """Renames a factor; returns None if it is not of this kind, or not of this user."""
        ...

    async def remove(self, tx: Write, user_id: UUID, factor_id: UUID) -> Factor | None:
        """Removes a factor and returns it; None if it is not of this kind, or not of this user."""
        ...

    async def clear(self, tx: Write, user_id: UUID) -> None:
        """Removes everything of a user."""
        ...


class RecoveryCodeSource(FactorSource, Protocol):
    """Recovery codes, which come with the first factor of a user."""

    def new(self, user_id: UUID, now: datetime) -> NewRecoveryCodes:
        """New recovery codes of a user."""
        ...

    async def put(self, tx: Write, new: NewRecoveryCodes) -> None:
        """Stores recovery codes; those of before are not good any more."""
        ...
