"""Codes that people present, under the throttle of guesses."""

import time

import pytest

from kernel.identity.callers import Call
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import Proof, Secrets
from services.auth.settings import AuthSettings
from tests.services.auth.harness import METADATA, OTHER_PASSWORD, AuthHarness, make_settings

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


async def test_every_refusal_of_a_code_takes_the_same_time(harness: AuthHarness) -> None:
    """Whether an address has no account, an account, or guesses that are stopped."""
    at_least = 0.1

    async def refused(times: int) -> None:
        begun = time.monotonic()
        await wrong(harness, times)
        assert time.monotonic() - begun >= at_least * times

    await refused(1)
    await forgotten(harness)
    await refused(harness.settings.guesses_free)
    await refused(1)
