"""What a user sees of a device, and how wrong codes are counted."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel.clock import rest_of_day
from kernel.errors import (
    AccessTokenRevoked,
    ReauthenticationRequired,
    ServiceError,
    TenantNotFound,
)
from kernel.identity.callers import Call, Role
from services.auth.device_login.codes import user_codes
from services.auth.device_login.errors import DeviceLoginNotFound, TooManyUserCodes
from services.auth.device_login.wrong_codes import PER_NETWORK, PER_USER
from services.auth.logins.model import LoginLimits, LoginResult
from services.auth.security_log.model import Event
from tests.services.auth.device_login.harness import CLI, DEVICE, Devices
from tests.services.auth.harness import METADATA, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore

WRONG = "ZZZZ-ZZZZ"


async def look(
    devices: Devices, who: LoginResult, code: str, address: str = METADATA["x-forwarded-for"]
) -> type[ServiceError] | None:
    """With what a look at a code is refused; None if it is not."""
    caller = devices.auth.caller(who)
    try:
        await devices.answer.look(Call(caller, METADATA | {"x-forwarded-for": address}), code)
    except ServiceError as error:
        return type(error)
    return None


async def test_what_the_user_sees(devices: Devices, harness: AuthHarness) -> None:
    """Client, place, scopes, and that the device is elsewhere; twice the same, in any spelling."""
    ada = await harness.register()
    device = await devices.start(scope="sessions:read")
    for code in (device.user_code, device.user_code.lower().replace("-", " ")):
        seen = await devices.answer.look(harness.call(ada), code)
        assert (seen.client, seen.same_network) == (CLI, False)
        assert seen.device_login.device.address == DEVICE["x-forwarded-for"]
        assert seen.device_login.scopes == {"sessions:read"}


async def test_a_device_beside_the_user(devices: Devices, harness: AuthHarness) -> None:
    """It is in the same network."""
    ada = await harness.register()
    device = await devices.start(address="192.0.2.200")
    assert (await devices.answer.look(harness.call(ada), device.user_code)).same_network


async def test_a_right_code_costs_one_read(
    devices: Devices, harness: AuthHarness, watched: WatchedStore
) -> None:
    """Nothing is written."""
    ada = await harness.register()
    device, call = await devices.start(), harness.call(ada)
    before = watched.reads, watched.writes
    await devices.answer.look(call, device.user_code)
    assert (watched.reads - before[0], watched.writes - before[1]) == (1, 0)


async def test_a_code_is_answered_once(devices: Devices, harness: AuthHarness) -> None:
    """After that no user finds it: neither the one who has answered, nor another."""
    ada, eve = await harness.register(), await harness.register("eve@example.com")
    for answer in (devices.answer.approve, devices.answer.deny):
        device = await devices.start()
        await answer(harness.call(ada), device.user_code)
        for who in (ada, eve):
            assert await look(devices, who, device.user_code) is DeviceLoginNotFound
            with pytest.raises(DeviceLoginNotFound):
                await devices.answer.approve(harness.call(who), device.user_code)


async def test_a_tenants_limits_of_logins_hold_for_devices(
    devices: Devices, harness: AuthHarness
) -> None:
    """A login that is too old for the tenant lets no device into it; what refuses one needs no age."""
    ada = await harness.register()
    tenant = harness.memberships.put(ada.user.user_id, Role.MEMBER)
    harness.memberships.of[ada.user.user_id, tenant.tenant_id] = replace(
        tenant, limits=LoginLimits(life=3600)
    )
    device, call = await devices.start(), harness.call(ada)
    await devices.answer.approve(call, device.user_code, tenant.tenant_id)
    harness.clock.advance(seconds=3600)
    device = await devices.start()
    with pytest.raises(ReauthenticationRequired):
        await devices.answer.approve(call, device.user_code, tenant.tenant_id)
    await devices.answer.deny(call, device.user_code)


async def test_a_login_that_has_expired(devices: Devices, harness: AuthHarness) -> None:
    """It lets no device in, though its last access token may still be good."""
    ada = await harness.register()
    call = harness.call(ada)
    harness.clock.advance(seconds=make_settings().login_idle_seconds)
    device = await devices.start()
    for answer in (devices.answer.approve, devices.answer.deny):
        with pytest.raises(AccessTokenRevoked):
            await answer(call, device.user_code)


async def test_two_users_at_once(devices: Devices, harness: AuthHarness) -> None:
    """One of them answers; the grant is theirs."""
    users = [await harness.register(f"u{number}@example.com") for number in range(5)]
    device = await devices.start()
    answers = await asyncio.gather(
        *(devices.approve(user, device) for user in users), return_exceptions=True
    )
    (winner,) = [at for at, answer in enumerate(answers) if answer is None]
    assert {type(one) for one in answers if one is not None} == {DeviceLoginNotFound}
    assert (await devices.ask(device)).user.user_id == users[winner].user.user_id


async def test_wrong_codes_of_a_user(
    devices: Devices, harness: AuthHarness, clock: FixedClock
) -> None:
    """After the limit no code is looked up until the next day, and the answer says when that is."""
    ada, eve = await harness.register(), await harness.register("eve@example.com")
    device = await devices.start()
    for number in range(PER_USER):
        assert await look(devices, eve, WRONG, f"198.51.{number}.1") is DeviceLoginNotFound
    with pytest.raises(TooManyUserCodes) as caught:
        await devices.answer.look(Call(harness.caller(eve), METADATA), device.user_code)
    assert caught.value.retry_after == rest_of_day(clock.now()).total_seconds()
    assert await look(devices, ada, device.user_code) is None
    clock.advance(seconds=(rest_of_day(clock.now()) + timedelta(seconds=1)).total_seconds())
    assert (
        await look(devices, await harness.log_in("eve@example.com"), WRONG) is DeviceLoginNotFound
    )


async def test_wrong_codes_of_a_network(devices: Devices, harness: AuthHarness) -> None:
    """Many accounts of one network do not guess more."""
    guesses = 0
    while guesses < PER_NETWORK:
        who = await harness.register(f"u{guesses}@example.com")
        for _ in range(PER_USER):
            assert await look(devices, who, WRONG) is DeviceLoginNotFound
            guesses += 1
    who, device = await harness.register("last@example.com"), await devices.start()
    assert await look(devices, who, device.user_code, "192.0.2.77") is TooManyUserCodes
    assert await look(devices, who, device.user_code, "198.51.100.1") is None


async def test_the_count_is_exact(
    devices: Devices, harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """However many guesses come at once, over two replicas, none more is looked up."""
    ada = await harness.register()
    other = Devices(AuthHarness(watched, clock, make_settings(), seed=6))
    answers = await _flood(devices, other, harness.call(ada))
    assert answers.count(DeviceLoginNotFound) == PER_USER
    assert answers.count(TooManyUserCodes) == 2 * PER_USER
    await other.auth.passwords.close()


async def _flood(first: Devices, second: Devices, call: Call) -> list[type[ServiceError] | None]:

    async def one(devices: Devices) -> type[ServiceError] | None:
        try:
            await devices.answer.look(call, WRONG)
        except ServiceError as error:
            return type(error)
        return None

    return await asyncio.gather(*(one((first, second)[at % 2]) for at in range(3 * PER_USER)))


async def test_what_counts(devices: Devices, harness: AuthHarness) -> None:
    """Approving and denying count as looking does; a text that is no code counts for nothing."""
    ada = await harness.register()
    call = harness.call(ada)
    for _ in range(2 * PER_USER):
        assert await look(devices, ada, "hello") is DeviceLoginNotFound
    for _ in range(PER_USER // 2):
        for answer in (devices.answer.approve, devices.answer.deny):
            with pytest.raises(DeviceLoginNotFound):
                await answer(call, WRONG)
    with pytest.raises(TooManyUserCodes):
        await devices.answer.deny(call, WRONG)


async def test_wrong_codes_are_in_the_log(devices: Devices, harness: AuthHarness) -> None:
    """As one run that counts up."""
    ada = await harness.register()
    for _ in range(3):
        assert await look(devices, ada, WRONG) is DeviceLoginNotFound
    events, _ = await harness.activity.list(harness.call(ada), 10, "")
    assert (events[0].event, events[0].count) == (Event.DEVICE_CODE_WRONG, 3)


async def test_a_tenant_of_somebody_else(devices: Devices, harness: AuthHarness) -> None:
    """A user cannot let a device into a tenant that they do not belong to."""
    ada = await harness.register()
    device = await devices.start()
    stranger = harness.memberships.put(
        (await harness.register("eve@x.com")).user.user_id, Role.OWNER
    )
    with pytest.raises(TenantNotFound):
        await devices.answer.approve(harness.call(ada), device.user_code, stranger.tenant_id)


async def test_a_client_of_one_tenant(devices: Devices, harness: AuthHarness) -> None:
    """It gets tokens for that tenant alone, and only from its members."""
    ada, eve = await harness.register(), await harness.register("eve@example.com")
    tenant = harness.memberships.put(ada.user.user_id, Role.MEMBER)
    client = replace(CLI, client_id="own", tenant_id=tenant.tenant_id)
    devices.clients.of["own"] = client
    device = await devices.start(client)
    with pytest.raises(TenantNotFound):
        await devices.approve(eve, device)
    home = ada.tenant.tenant_id
    with pytest.raises(TenantNotFound):
        await devices.answer.approve(harness.call(ada), device.user_code, home)
    await devices.approve(ada, device)
    assert (await devices.ask(device, client)).login.tenant_id == tenant.tenant_id


async def test_user_codes_that_are_taken(devices: Devices, harness: AuthHarness) -> None:
    """Two devices never show the same code: each replica with the same random numbers takes another."""
    first = await devices.start()
    again = Devices(AuthHarness(harness.store, harness.clock, harness.settings))
    taken = {first.user_code}
    for _ in range(3):
        made = await again.start()
        assert made.user_code not in taken
        taken.add(made.user_code)
    assert len(user_codes(bytes(32))) == 4
    await again.auth.passwords.close()
