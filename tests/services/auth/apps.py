"""An authenticator app in tests, and users who have one."""

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

import pyotp

from services.auth.factors.model import Factor
from services.auth.logins.model import LoginResult
from services.auth.logins.second_factors import Answer
from services.auth.totp.model import STEP_SECONDS
from tests.services.auth.harness import EMAIL, AuthHarness
from tests.support.clock import FixedClock


class App:
    """An authenticator app with one secret, and the clock of the test."""

    def __init__(self, factor_id: UUID, secret: str, clock: FixedClock) -> None:
        self.factor_id = factor_id
        self._codes = pyotp.TOTP(secret)
        self._clock = clock

    def code(self, steps: int = 0) -> str:
        """The code that the app shows now, or some steps later."""
        return self._codes.at(self._clock.now(), counter_offset=steps)

    def answer(self, steps: int = 0) -> Answer:
        """The code as the answer to a challenge."""
        return Answer(code=self.code(steps))


class Equipped(NamedTuple):
    """A user with an authenticator app.

    Attributes:
        result: The login that has taken the place of the one in which the app was set up.
        app: The app.
        codes: The recovery codes, if it is the first one.
        factor: The factor that the app is.
    """

    result: LoginResult
    app: App
    codes: list[str]
    factor: Factor


async def enroll(harness: AuthHarness, result: LoginResult, name: str = "Phone") -> App:
    """A new app of a user, which is not yet confirmed."""
    enrolled = await harness.totp.enroll(harness.call(result), name)
    return App(enrolled.factor_id, enrolled.secret, harness.clock)


async def confirm(harness: AuthHarness, result: LoginResult, app: App) -> Equipped:
    """Confirms an app, and waits until its next code."""
    added = await harness.totp.confirm(harness.call(result), app.factor_id, app.code())
    harness.clock.advance(seconds=STEP_SECONDS)
    return Equipped(replace(result, tokens=added.tokens), app, added.recovery_codes, added.factor)


async def equipped(harness: AuthHarness, email: str = EMAIL) -> Equipped:
    """A new user whose address is proved and who has an authenticator app."""
    result = await harness.register_proved(email)
    return await confirm(harness, result, await enroll(harness, result))
