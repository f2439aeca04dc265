"""What counts as a failure, what forgets failures, and what a login costs."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kernel.errors import StorageFull
from kernel.storage import Write
from services.auth.keys import AUTH
from services.auth.logins.errors import BadCredentials
from services.auth.passwords.errors import HashingBusy, PasswordWrong
from services.auth.throttling.errors import TooManyAttempts
from services.auth.users.repository import USERS
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
)
from tests.services.auth.throttling.guesses import confirm, lanes, wrong
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore, rows_between


async def test_a_login_that_succeeds_at_once_costs_no_transaction_more(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """One read and one write, from a known and from an unknown device, and no row of the throttle."""
    known = (await harness.register()).device_token
    for device_token in ("", known):
        watched.reads = watched.writes = 0
        await harness.log_in(device_token=device_token)
        assert (watched.reads, watched.writes) == (1, 1)
    assert await lanes(harness.store) == 0


async def test_a_full_store_counts_on(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Guesses count in what is kept back, and an address without an account gets the same answer."""
    await harness.register()
    write = watched.write

    async def full(fn: Any, *, essential: bool = False) -> Any:
        if not essential:
            raise StorageFull
        return await write(fn, essential=True)

    watched.write = full  # type: ignore[method-assign]
    await wrong(harness, 10)
    await wrong(harness, 1, email="bob@example.com")
    watched.write = write  # type: ignore[method-assign]
    with pytest.raises(BadCredentials):
        await harness.log_in()
    clock.advance(seconds=60)
    await harness.log_in()


async def test_a_caller_who_leaves_while_a_failure_is_written_has_failed(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """The end of a call takes back no failure, however late it comes."""
    await harness.register()
    write, begun, before = watched.write, asyncio.Event(), watched.writes

    async def slow(fn: Any, *, essential: bool = False) -> Any:
        begun.set()
        await asyncio.sleep(0.05)
        return await write(fn, essential=essential)

    watched.write = slow  # type: ignore[method-assign]
    guess = asyncio.create_task(harness.log_in(password=OTHER_PASSWORD))
    await begun.wait()
    guess.cancel()
    await asyncio.gather(guess, return_exceptions=True)
    await eventually(lambda: watched.writes > before)
    assert await lanes(harness.store) > 0


async def test_an_account_that_is_deleted_meanwhile_gets_no_notice(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The guess that stops the guesses leaves nothing about an account that is gone."""
    harness = AuthHarness(watched, clock, make_settings(GUESSES_FREE="1"))
    await harness.signing_keys.refresh()
    result = await harness.register()
    call = harness.call(result)
    async with harness.throttle.begin(call, "ada@example.com") as attempt:
        await harness.deletion.delete(call, PASSWORD)
        attempt.checked = True
        await attempt.failed()
    assert harness.failure_log.reported[-1][1], "it stops the guesses"
    assert await rows_between(watched, *AUTH["security_log"].range()) == []


async def test_ten_failures_pause_the_account_and_each_further_one_doubles_the_pause(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Without a pause there are ten guesses; then one after a minute, and one after two more."""
    await harness.register()
    await wrong(harness, 10)
    for pause in (60, 120, 240):
        clock.advance(seconds=pause - 1)
        before = len(harness.passwords.verified)
        with pytest.raises(BadCredentials):
            await harness.log_in()
        assert len(harness.passwords.verified) == before + 1, "as costly as a guess that is checked"
        clock.advance(seconds=1)
        if pause < 240:
            await wrong(harness, 1)
    await harness.log_in()


async def test_the_right_password_forgets_the_failures(harness: AuthHarness) -> None:
    """After a login the next run of failures begins at zero."""
    await harness.register()
    for _ in range(3):
        await wrong(harness, 9)
        await harness.log_in()


async def test_a_login_with_failures_on_record_costs_one_transaction_more(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """The guess is counted before it is checked; the login's own transaction clears it."""
    await harness.register()
    await wrong(harness, 1)
    watched.reads = watched.writes = 0
    await harness.log_in()
    assert (watched.reads, watched.writes) == (1, 2)


async def test_a_paused_account_costs_as_many_transactions_as_one_without_failures(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """A wrong password costs a read and a write, whether or not it is checked."""
    await harness.register()
    costs = set()
    for email in (EMAIL, "unknown@example.com"):
        for failures in (0, 10):
            await wrong(harness, failures, email=email)
            watched.reads = watched.writes = 0
            await wrong(harness, 1, email=email)
            costs.add((watched.reads, watched.writes))
    assert costs == {(1, 1)}


async def test_concurrent_right_passwords_all_log_in(harness: AuthHarness) -> None:
    """Twenty logins at once, also with failures on record: waiting ones are no failures."""
    await harness.register()
    await wrong(harness, 4)
    results = await asyncio.gather(*(harness.log_in() for _ in range(20)))
    assert len({result.tokens.refresh_token for result in results}) == 20


async def test_confirmations_count_for_the_device_of_the_login(harness: AuthHarness) -> None:
    """Ten wrong confirmations stop confirmations and logins of that device, and no others."""
    result = await harness.register()
    other = await harness.log_in()
    for _ in range(10):
        with pytest.raises(PasswordWrong):
            await confirm(harness, result, OTHER_PASSWORD)
    with pytest.raises(PasswordWrong):
        await confirm(harness, result, PASSWORD)
    with pytest.raises(BadCredentials):
        await harness.log_in(device_token=result.device_token)
    again = await harness.log_in(device_token=other.device_token)
    await confirm(harness, again, PASSWORD)


async def test_confirmations_that_are_right_are_no_failures(harness: AuthHarness) -> None:
    """A right confirmation forgets the wrong ones."""
    result = await harness.register()
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(PasswordWrong):
                await confirm(harness, result, OTHER_PASSWORD)
        await confirm(harness, result, PASSWORD)
    assert await lanes(harness.store) == 0


async def test_an_account_without_a_password_is_checked_against_the_decoy(
    harness: AuthHarness,
) -> None:
    """No password logs in, and the answer costs a hash."""
    result = await harness.register()

    async def remove(tx: Write) -> None:
        await USERS.put(tx, replace(result.user, password_hash=""))

    await harness.store.write(remove)
    hashes = harness.passwords.hashes
    for password in ("", PASSWORD):
        with pytest.raises(BadCredentials):
            await harness.log_in(password=password)
    assert harness.passwords.hashes == hashes + 2
    with pytest.raises(PasswordWrong):
        await confirm(harness, result, PASSWORD)


async def test_a_busy_pool_is_no_failure(harness: AuthHarness) -> None:
    """A guess that was not checked gives back what was counted ahead."""
    await harness.register()
    await wrong(harness, 9)

    async def busy() -> None:
        raise HashingBusy

    for _ in range(3):
        harness.passwords.meanwhile = busy
        with pytest.raises(HashingBusy):
            await harness.log_in()
    await harness.log_in()


async def test_a_guess_whose_caller_leaves_counts(harness: AuthHarness) -> None:
    """Cancelled calls give no further guesses."""
    await harness.register()
    for _ in range(10):
        started = asyncio.Event()

        async def hang(started: asyncio.Event = started) -> None:
            started.set()
            await asyncio.sleep(60)

        harness.passwords.meanwhile = hang
        login = asyncio.create_task(harness.log_in(password=OTHER_PASSWORD))
        await started.wait()
        login.cancel()
        with pytest.raises(asyncio.CancelledError):
            await login
    with pytest.raises(BadCredentials):
        await harness.log_in()


async def test_the_user_gets_one_notice(harness: AuthHarness, clock: FixedClock) -> None:
    """The tenth failure of a run says so, not the ones after it; the next run says so again."""
    await harness.register()
    for _ in range(2):
        await wrong(harness, 10)
        clock.advance(hours=1)
        await wrong(harness, 3)
        clock.advance(hours=1)
        await harness.log_in()
    told = [stopped for _, stopped in harness.failure_log.reported]
    assert told == ([False] * 9 + [True] + [False] * 3) * 2
    assert len(harness.failure_log.noticed) == 2


async def test_an_address_without_an_account_gets_no_notice(harness: AuthHarness) -> None:
    """Its failures are counted and reported without a user."""
    await wrong(harness, 12)
    assert harness.failure_log.noticed == []
    assert {failure.user for failure, _ in harness.failure_log.reported} == {None}


async def test_a_network_says_when_it_may_go_on(harness: AuthHarness, clock: FixedClock) -> None:
    """The error names the rest of the hour; it costs no hash and no write."""
    for number in range(100):
        await wrong(harness, 1, email=f"{number}@example.com")
    hashes = harness.passwords.hashes
    with pytest.raises(TooManyAttempts) as error:
        await harness.log_in()
    assert error.value.retry_after == timedelta(minutes=55, seconds=55).total_seconds()
    assert harness.passwords.hashes == hashes
    clock.advance(seconds=error.value.retry_after)
    await wrong(harness, 1)


async def test_a_deletion_removes_the_lanes_of_the_account(harness: AuthHarness) -> None:
    """Those of its address and of its devices; the network's counter goes with the sweep."""
    result = await harness.register()
    other = await harness.log_in()
    await wrong(harness, 3)
    await wrong(harness, 3, device_token=other.device_token)
    assert await lanes(harness.store) == 5
    await harness.deletion.delete(harness.call(result), PASSWORD)
    assert await lanes(harness.store) == 1


async def test_a_failure_after_a_deletion_leaves_no_lane_of_a_device(
    harness: AuthHarness,
) -> None:
    """The guess was being checked when the account was deleted."""
    result = await harness.register()

    async def delete() -> None:
        await harness.deletion.delete(harness.call(result), PASSWORD)

    harness.passwords.meanwhile = delete
    await wrong(harness, 1, device_token=result.device_token)
    assert await lanes(harness.store) == 0


async def test_a_registration_forgets_failures_from_before(harness: AuthHarness) -> None:
    """Guesses at an address that had no account say nothing about its new password."""
    await wrong(harness, 10)
    await harness.register()
    await harness.log_in()


async def test_failures_are_forgotten_after_a_month(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Also before they are swept."""
    await harness.register()
    await wrong(harness, 9)
    clock.advance(days=30)
    await wrong(harness, 9)
    await harness.log_in()


async def test_the_limits_are_settings(watched: WatchedStore, clock: FixedClock) -> None:
    """Their smallest values: one guess, then a pause of a second, then no more."""
    settings = make_settings(
        GUESSES_FREE="1", GUESSES_MOST="2", GUESS_PAUSE_SECONDS="1", GUESSES_PER_NETWORK="3"
    )
    harness = AuthHarness(watched, clock, settings)
    await harness.signing_keys.refresh()
    await harness.register()
    await wrong(harness, 1)
    clock.advance(seconds=1)
    await wrong(harness, 1)
    clock.advance(days=1)
    with pytest.raises(BadCredentials):
        await harness.log_in()
    await wrong(harness, 2, email="unknown@example.com")
    with pytest.raises(TooManyAttempts):
        await harness.log_in()
    await harness.passwords.close()
