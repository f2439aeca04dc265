"""Devices that the account knows: their failures count apart from those of others."""

import pytest

from services.auth.logins.errors import BadCredentials
from tests.services.auth.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
)
from tests.services.auth.throttling.guesses import wrong
from tests.support.clock import FixedClock


async def test_a_known_device_has_a_lane_of_its_own(harness: AuthHarness) -> None:
    """Failures of strangers do not count for it, nor its own for others."""
    known = (await harness.register()).device_token
    await wrong(harness, 20)
    await harness.log_in(device_token=known)
    await wrong(harness, 20, device_token=known)
    with pytest.raises(BadCredentials):
        await harness.log_in(device_token=known)


async def test_a_login_of_a_known_device_leaves_the_failures_of_others(
    harness: AuthHarness,
) -> None:
    """The owner's logins give a stranger no further guesses."""
    known = (await harness.register()).device_token
    await wrong(harness, 10)
    await harness.log_in(device_token=known)
    with pytest.raises(BadCredentials):
        await harness.log_in()


async def test_a_known_device_keeps_its_id(harness: AuthHarness) -> None:
    """A login from a known device is of that device; another one is of a new device."""
    result = await harness.register()
    again = await harness.log_in(device_token=result.device_token)
    assert again.device_token == result.device_token
    await harness.log_in()
    devices = {login.device_id for login in await harness.logins_of(result)}
    assert len(devices) == 2
    assert harness.caller(result).login_id in devices


async def test_another_password_makes_devices_unknown(harness: AuthHarness) -> None:
    """A device token is void after a change of the password; a login gives a new one."""
    result = await harness.register()
    await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)
    for _ in range(10):
        with pytest.raises(BadCredentials):
            await harness.log_in()
    with pytest.raises(BadCredentials):
        await harness.log_in(password=OTHER_PASSWORD, device_token=result.device_token)


@pytest.mark.parametrize("forged", ["", "x", "A" * 64, "é", "\0", "A" * 10_000])
async def test_a_forged_device_token_is_an_unknown_device(
    harness: AuthHarness, forged: str
) -> None:
    """It neither helps nor hinders a login."""
    await harness.register()
    await harness.log_in(device_token=forged)
    await wrong(harness, 10, device_token=forged)
    with pytest.raises(BadCredentials):
        await harness.log_in(device_token=forged)


async def test_a_device_token_of_another_account_is_an_unknown_device(
    harness: AuthHarness,
) -> None:
    """A person with accounts gets no lanes at the accounts of others."""
    await harness.register()
    other = await harness.register("other@example.com")
    await wrong(harness, 10, device_token=other.device_token)
    with pytest.raises(BadCredentials):
        await harness.log_in(device_token=other.device_token)


async def test_a_device_with_a_hundred_failures_counts_as_unknown(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Then it takes part in the lane of the account."""
    known = (await harness.register()).device_token
    for _ in range(100):
        await wrong(harness, 1, device_token=known)
        clock.advance(hours=2)
    await wrong(harness, 10, device_token=known)
    with pytest.raises(BadCredentials):
        await harness.log_in()
