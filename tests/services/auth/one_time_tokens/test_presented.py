"""Codes that people present, under the throttle of guesses."""

import pytest

from kernel.identity.callers import Call
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.settings import AuthSettings
from tests.services.auth.harness import METADATA, OTHER_PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore

ADDRESS = "ada@example.com"
CALL = Call(None, METADATA)


@pytest.fixture
def settings() -> AuthSettings:
    """Settings with which emails are queued."""
    return make_settings(MAIL_URL="file:///no")


async def forgotten(harness: AuthHarness) -> Secrets:
    """The secrets of an email that resets the password of a new account."""
    await harness.register()
    await harness.forgot.ask(CALL, ADDRESS)
    return (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]


async def present(harness: AuthHarness, code: str, token: str = "") -> None:
    """Presents a code or a token."""
    await harness.reset.reset(CALL, Proof(token, ADDRESS, code), OTHER_PASSWORD)


async def wrong(harness: AuthHarness, times: int) -> None:
    """Presents a wrong code some times."""
    for _ in range(times):
        with pytest.raises(OneTimeTokenInvalid):
            await present(harness, "00000000")


async def test_wrong_codes_stop_guesses(harness: AuthHarness) -> None:
    """They count like wrong passwords; the link stays good."""
    secrets = await forgotten(harness)
    await wrong(harness, harness.settings.guesses_free)
    await harness.forgot.ask(CALL, ADDRESS)
    fresh = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
    with pytest.raises(OneTimeTokenInvalid):
        await present(harness, fresh.code)
    await present(harness, "", secrets.token)


async def test_a_right_code_forgets_wrong_ones(harness: AuthHarness) -> None:
    """Four wrong codes, and then the right one."""
    secrets = await forgotten(harness)
    await wrong(harness, 4)
    await present(harness, secrets.code)
    assert harness.failure_log.reported
    assert (await harness.log_in(password=OTHER_PASSWORD)).user.email_verified


async def test_a_stopped_code_costs_what_a_wrong_one_does(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The number of transactions does not tell that guesses are stopped."""
    costs = []
    for _ in range(harness.settings.guesses_free + 3):
        watched.writes = 0
        await wrong(harness, 1)
        costs.append(watched.writes)
        clock.advance(seconds=1)
    assert costs[0] == costs[-1]
