"""A second factor, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.auth.logins.model import Tokens

MOST_OF_A_KIND = 10
"""The second factors of one kind that a user has at most."""


class FactorKind(StrEnum):
    """What a factor is. The contract uses these words."""

    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODES = "recovery_codes"


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor, as its user sees it."""

    factor_id: UUID
    kind: FactorKind
    name: str
    create_time: datetime
    last_used_time: datetime | None = None
    """None if it was never used."""
    codes_left: int | None = None
    """How many recovery codes are left; None for other kinds."""


class FactorOverview(NamedTuple):
    """All second factors of a user.

    Attributes:
        factors: The factors, the oldest first.
        recovery_time: When they can be removed, if a recovery is under way.
    """

    factors: list[Factor]
    recovery_time: datetime | None


class AddedFactor(NamedTuple):
    """A new factor.

    Attributes:
        factor: The factor.
        recovery_codes: The recovery codes of the user, if it is the first one; else none.
        tokens: The tokens of the login that has taken the place of the caller's.
    """

    factor: Factor
    recovery_codes: list[str]
    tokens: Tokens


class NewRecoveryCodes(NamedTuple):
    """Recovery codes that are not yet stored.

    Attributes:
        factor_id: The id of the factor that they are together.
        user_id: The user.
        texts: The codes, as their user reads them.
        create_time: When they were made.
    """

    factor_id: UUID
    user_id: UUID
    texts: list[str]
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery of lost factors, from the proof of the address on."""

    user_id: UUID
    create_time: datetime
    recovery_time: datetime
    """When the factors can be removed by another proof of the address."""
    expire_time: datetime
    """When it ends unused."""
