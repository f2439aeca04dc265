"""Clocks that are wrong for a while: no token that was revoked works again."""

from datetime import timedelta

import pytest

from kernel.errors import AccessTokenExpired, AccessTokenInvalid, AccessTokenRevoked
from kernel.identity.revocations import Revocations
from kernel.identity.tokens import Verifier
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.sweeper import sweeper
from tests.services.auth.harness import AuthHarness, make_settings
from tests.support.clock import FixedClock

AHEAD = timedelta(hours=5)


class Replica:
    """What auth's background tasks do in one process, and what another service knows of it."""

    def __init__(self, harness: AuthHarness) -> None:
        self._harness = harness
        self._clock = harness.clock
        self._sweeper = sweeper(harness.store, harness.clock, harness.settings)
        self._revocations = Revocations(5, harness.clock)
        self._cursor = b""

    async def run(self, **time: float) -> None:
        """Lets time pass, in which the process sweeps and follows the log once a minute."""
        for _ in range(int(timedelta(**time).total_seconds()) // 60):
            self._clock.advance(minutes=1)
            await self._sweeper.sweep()
            await self.follow()

    async def follow(self) -> None:
        """Takes over what is new in the log."""
        batch = await self._harness.log.after(self._cursor)
        self._cursor = batch.cursor
        self._revocations.add(batch.revocations)
        self._revocations.mark_fresh()

    def accepts(self, result: LoginResult, verifier: Verifier | None = None) -> bool:
        """Whether a service accepts an access token now."""
        if verifier is None:
            verifier = Verifier.of(self._harness.settings, self._clock)
        keys = {key.kid: key.public for key in self._harness.signing_keys.published}
        verifier.trust(keys)
        try:
            self._revocations.check(verifier.verify(result.tokens.access_token))
        except (AccessTokenExpired, AccessTokenInvalid, AccessTokenRevoked):
            return False
        return True


@pytest.fixture
async def replica(harness: AuthHarness) -> Replica:
    """A replica that has run for some hours."""
    replica = Replica(harness)
    await replica.run(hours=3)
    return replica


async def never_again(replica: Replica, result: LoginResult, hours: int) -> bool:
    """Whether a token is refused for so long, in the process that runs and in a new one."""
    for _ in range(hours * 12):
        other = Replica(replica._harness)
        await other.follow()
        if replica.accepts(result) or other.accepts(result):
            return False
        await replica.run(minutes=5)
    return True


async def test_a_token_of_a_clock_that_was_ahead_is_revoked_for_good(
    harness: AuthHarness, replica: Replica, clock: FixedClock
) -> None:
    """The clock was hours ahead; a logout after it was set right covers the tokens from before."""
    clock.set_ahead(hours=5)
    first = await harness.register()
    second = await harness.log_in()
    assert replica.accepts(first)
    clock.set_ahead(hours=-5)
    assert not replica.accepts(first)  # from the future
    clock.advance(seconds=1)
    current = await harness.refresh_login.refresh(first.tokens.refresh_token)
    assert replica.accepts(current)
    await harness.devices.end_all(harness.call(current))
    assert await never_again(replica, first, hours=7)
    assert not replica.accepts(second)


async def test_a_logout_while_the_clock_was_ahead_stays(
    harness: AuthHarness, replica: Replica, clock: FixedClock
) -> None:
    """The clock is an hour ahead for two hours, then set right: the logout stays in force."""
    clock.set_ahead(hours=1)
    result = await harness.register()
    await harness.devices.log_out(harness.call(result))
    await replica.run(hours=2)
    clock.set_ahead(hours=-1)
    assert await never_again(replica, result, hours=3)


async def test_a_clock_far_ahead_for_long_lets_nothing_in_when_it_is_set_right(
    harness: AuthHarness, replica: Replica, clock: FixedClock
) -> None:
    """The clock is five hours ahead until a logout is forgotten: the key that signed is gone."""
    clock.set_ahead(hours=5)
    await harness.signing_keys.refresh()
    result = await harness.register()
    await harness.devices.log_out(harness.call(result))
    await replica.run(hours=3)
    assert await harness.revoked() == []
    clock.set_ahead(hours=-5)
    await harness.signing_keys.refresh()
    assert await never_again(replica, result, hours=4)


async def test_a_clock_that_jumps_ahead_and_comes_back_forgets_no_logout(
    harness: AuthHarness, replica: Replica, clock: FixedClock
) -> None:
    """A jump of a day, during which the sweeper runs, removes no revocation from the log."""
    result = await harness.register()
    await harness.devices.log_out(harness.call(result))
    await replica.run(minutes=1)
    clock.set_ahead(days=1)
    await replica.run(minutes=2)
    clock.set_ahead(days=-1)
    assert await never_again(replica, result, hours=1)


async def test_a_clock_that_jumps_ahead_and_comes_back_keeps_logins(
    harness: AuthHarness, replica: Replica, clock: FixedClock
) -> None:
    """A jump of a year removes no login: it could no longer be logged out of."""
    result = await harness.register()
    clock.set_ahead(days=365)
    await replica.run(minutes=10)
    clock.set_ahead(days=-365)
    assert replica.accepts(result)
    await harness.devices.log_out(harness.call(result))
    await replica.follow()
    assert not replica.accepts(result)


@pytest.mark.parametrize("seconds", ["30", "900"])
async def test_a_smaller_token_life_brings_nothing_back(
    harness: AuthHarness, replica: Replica, clock: FixedClock, seconds: str
) -> None:
    """TOKEN_SECONDS falls, and later rises again: what was logged out stays so all the time."""
    harness.settings = make_settings(TOKEN_SECONDS="3600")
    harness.access_tokens._settings = harness.settings
    result = await harness.register()
    other = await harness.log_in()
    assert result.tokens.expires_in == 3600
    await harness.devices.log_out(harness.call(result))
    less = Verifier.of(make_settings(TOKEN_SECONDS=seconds), clock)
    await replica.follow()
    assert replica.accepts(other, less)
    await replica.run(minutes=50)
    # Good until min(exp, iat + TOKEN_SECONDS), at the service with the smaller setting.
    assert (replica.accepts(other, less), replica.accepts(other)) == (False, True)
    assert not replica.accepts(result)
    assert await never_again(replica, result, hours=1)


@pytest.mark.parametrize(("back", "good"), [(4, True), (6, False), (3600, False)])
async def test_a_spent_refresh_token_from_the_future_is_no_young_one(
    harness: AuthHarness, clock: FixedClock, back: int, good: bool
) -> None:
    """A token spent before the clock was set back by more than a skew ends the login."""
    first = await harness.register()
    clock.set_ahead(seconds=back)
    await harness.refresh_login.refresh(first.tokens.refresh_token)
    clock.set_ahead(seconds=-back)
    if good:
        await harness.refresh_login.refresh(first.tokens.refresh_token)
        return
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(first.tokens.refresh_token)
    assert await harness.logins_of(first) == []


async def test_the_last_use_of_a_login_never_goes_back(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """After a refresh by a clock that was set back, a login still names its latest token."""
    clock.set_ahead(hours=5)
    latest = clock.now()
    first = await harness.register()
    clock.set_ahead(hours=-5)
    second = await harness.refresh_login.refresh(first.tokens.refresh_token)
    (login,) = await harness.logins_of(second)
    assert (login.last_used_time, login.rotate_time) == (latest, latest - AHEAD)
    await harness.devices.log_out(harness.call(second))
    (revocation,) = await harness.revoked()
    assert revocation.revoke_time == latest
