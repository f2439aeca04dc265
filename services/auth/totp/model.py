"""An authenticator app of a user, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

import pyotp

from services.auth.factors.model import Factor, FactorKind

STEP_SECONDS = 30
ENROLLMENT = timedelta(minutes=10)
"""How long a new secret waits for its first code."""
_STEPS = (0, -1, 1)
"""Which codes are good, counted from the present one: clocks differ, and people type slowly."""


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app, enrolled or confirmed."""

    factor_id: UUID
    user_id: UUID
    name: str
    sealed_secret: bytes
    """The secret in base32, sealed."""
    create_time: datetime
    confirm_time: datetime | None = None
    """None until the first code."""
    last_used_time: datetime | None = None
    """None if no code was used but the first one."""
    last_step: int = 0
    """The step of the last good code: a code is good once, and no older one after it."""

    @property
    def expire_time(self) -> datetime:
        """When the enrollment ends, unless it is confirmed."""
        return self.create_time + ENROLLMENT

    @property
    def factor(self) -> Factor:
        """The app as its user sees it."""
        return Factor(
            self.factor_id,
            FactorKind.TOTP,
            self.name,
            self.confirm_time or self.create_time,
            self.last_used_time,
        )

    def after(self, code: str, secret: str, now: datetime) -> "Totp | None":
        """The app after a good code was used; None if the code is not good.

        Args:
            code: Six digits.
            secret: The secret in base32.
            now: The time.
        """
        codes, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
        good = [
            present + step
            for step in _STEPS
            if compare_digest(codes.generate_otp(present + step), code)
        ]
        if not good or good[0] <= self.last_step:
            return None
        return replace(self, last_step=good[0], last_used_time=now)


def digits_of(text: str) -> str:
    """The code that a person typed, without blanks; ASCII, so that it can be compared."""
    return "".join(text[:20].split()).encode("ascii", "replace").decode()
