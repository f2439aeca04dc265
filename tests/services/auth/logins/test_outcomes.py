"""What attempts to log in are counted as."""

from collections import Counter
from contextlib import nullcontext

import pytest

from kernel.errors import StorageUnavailable
from kernel.telemetry import Telemetry
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.logins.errors import (
    BadCredentials,
    EmailNotVerified,
    PasskeyInvalid,
    SecondFactorWrong,
)
from services.auth.logins.outcomes import LoginMethod, LoginOutcome, LoginOutcomes
from services.auth.passwords.errors import HashingBusy
from services.auth.throttling.errors import TooManyAttempts
from tests.services.auth.harness import OTHER_PASSWORD, AuthHarness


def counts(telemetry: Telemetry) -> Counter[tuple[str, str]]:
    """The attempts that were counted, by method and outcome."""
    read = telemetry.registry.get_sample_value
    labels = [
        {"method": str(method), "outcome": str(outcome)}
        for method in LoginMethod
        for outcome in LoginOutcome
    ]
    values = {
        (each["method"], each["outcome"]): int(read("coditect_logins_total", each) or 0)
        for each in labels
    }
    return Counter(values)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "success"),
        (BadCredentials(), "wrong"),
        (SecondFactorWrong(), "wrong"),
        (PasskeyInvalid(), "wrong"),
        (TooManyAttempts(retry_after=1), "stopped"),
        (HashingBusy(retry_after=1), "busy"),
        (EmailNotVerified(), "refused"),
        (ChallengeInvalid(), "refused"),
        (StorageUnavailable(), "failed"),
        (RuntimeError(), "failed"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_an_outcome_follows_from_the_error(error: Exception | None, outcome: str) -> None:
    """What the caller did wrong is told from what went wrong with us, and passed on in any case."""
    telemetry = Telemetry()
    raises = nullcontext() if error is None else pytest.raises(type(error))
    with raises, LoginOutcomes(telemetry).counting(LoginMethod.PASSKEY):
        _fail(error)
    assert +counts(telemetry) == Counter({("passkey", outcome): 1})


def _fail(error: Exception | None) -> None:
    if error is not None:
        raise error


async def test_logins_are_counted(harness: AuthHarness) -> None:
    """A right and a wrong password count once each, as attempts with a password."""
    await harness.register()
    await harness.log_in()
    with pytest.raises(BadCredentials):
        await harness.log_in(password=OTHER_PASSWORD)
    assert +counts(harness.telemetry) == Counter(
        {("password", "success"): 1, ("password", "wrong"): 1}
    )
