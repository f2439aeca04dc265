"""What a device gets for its code, and when."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel.errors import AccessTokenRevoked, ServiceError, StorageUnavailable
from kernel.identity.callers import Call, Role
from services.auth.authorizations.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidGrant,
    InvalidScope,
    SlowDown,
    UnauthorizedClient,
)
from services.auth.device_login.errors import DeviceLoginNotFound, TooManyDeviceLogins
from services.auth.device_login.repository import (
    BY_NETWORK,
    BY_USER,
    BY_USER_CODE,
    DEVICE_LOGIN,
    DEVICE_LOGINS,
    NETWORK_COUNT,
)
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import Login, LoginResult, Method
from services.auth.notifications.model import EmailKind
from services.auth.security_log.model import Event
from services.auth.tokens import refresh as refresh_tokens
from tests.services.auth.apps import equipped
from tests.services.auth.device_login.harness import CLI, DEVICE, OTHER, SCOPES, WEB, Devices
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump, rows_between

ROWS = (DEVICE_LOGIN, BY_USER_CODE, BY_USER, BY_NETWORK, NETWORK_COUNT)


async def grants_of(harness: AuthHarness, who: LoginResult) -> list[Login]:
    """The grants of a user."""
    return [login for login in await harness.logins_of(who) if login.is_grant]


async def refused(devices: Devices, device: object) -> type[ServiceError]:
    """With what a device is refused."""
    with pytest.raises(ServiceError) as caught:
        await devices.ask(device)  # type: ignore[arg-type]
    return type(caught.value)


async def test_the_codes_of_a_device(devices: Devices) -> None:
    """They say where the user goes, and how long and how often the device asks."""
    device = await devices.start()
    assert (device.expires_in, device.interval) == (600, 5)
    assert len(device.user_code) == len("BCDF-GHJK")
    assert device.verification_uri == "https://coditect.local/oauth/device"
    complete = f"{device.verification_uri}?user_code={device.user_code}"
    assert device.verification_uri_complete == complete


async def test_a_device_that_is_let_in(devices: Devices, harness: AuthHarness) -> None:
    """Its grant is of its client and scopes, in the user's tenant, with the proof of the approving login."""
    ada = await harness.register()
    device = await devices.start(scope="sessions:read offline_access")
    harness.clock.advance(seconds=60)
    with pytest.raises(AuthorizationPending):
        await devices.ask(device)
    await devices.approve(ada, device)
    grant = await devices.ask(device)
    (stored,) = await grants_of(harness, ada)
    assert stored == grant.login
    assert stored.client_id == CLI.client_id
    assert stored.scopes == {"sessions:read", "offline_access"}
    assert (stored.tenant_id, stored.role) == (ada.tenant.tenant_id, Role.OWNER)
    assert stored.device.address == DEVICE["x-forwarded-for"]
    (own,) = [login for login in await harness.logins_of(ada) if not login.is_grant]
    assert (stored.auth_time, stored.methods) == (own.auth_time, own.methods)
    refreshed = await harness.refresh_login.refresh(
        refresh_tokens.write(grant.token, harness.seal), client_id=CLI.client_id
    )
    assert harness.caller(refreshed).scopes == stored.scopes


async def test_the_user_is_told(devices: Devices, harness: AuthHarness) -> None:
    """The security log has both ends, and the proved address gets a notice of each device.

    A stranger may have sent the user the code, for a program that the user knows.
    """
    ada = await harness.register_proved()
    for _ in range(2):
        device = await devices.start()
        await devices.approve(ada, device)
        await devices.ask(device)
    last = (await harness.events(ada))[:2]
    assert last == [Event.PROGRAM_AUTHORIZED, Event.DEVICE_LOGIN_APPROVED]
    assert await harness.recipients(EmailKind.PROGRAM_AUTHORIZED) == [EMAIL] * 2


async def test_a_device_that_is_refused(devices: Devices, harness: AuthHarness) -> None:
    """It is told once, and the code is gone then."""
    ada = await harness.register()
    device = await devices.start()
    await devices.answer.deny(harness.call(ada), device.user_code)
    assert await refused(devices, device) is AccessDenied
    assert await refused(devices, device) is InvalidGrant
    assert (await harness.events(ada))[0] is Event.DEVICE_LOGIN_DENIED
    assert await grants_of(harness, ada) == []


async def test_a_device_that_asks_too_often(devices: Devices, clock: FixedClock) -> None:
    """It must wait five seconds more each time (RFC 8628, section 3.5); a little too early is no fault."""
    device = await devices.start()
    for wait, error in (
        (0.0, AuthorizationPending),
        (4.6, AuthorizationPending),
        (4.0, SlowDown),
        (9.0, SlowDown),
        (14.9, AuthorizationPending),
        (14.0, SlowDown),
        (19.9, AuthorizationPending),
    ):
        clock.advance(seconds=wait)
        with pytest.raises(error):
            await devices.ask_now(device)


async def test_an_approval_is_answered_at_once(devices: Devices, harness: AuthHarness) -> None:
    """Also to a device that asks too early."""
    ada = await harness.register()
    device = await devices.start()
    with pytest.raises(AuthorizationPending):
        await devices.ask_now(device)
    await devices.approve(ada, device)
    assert (await devices.ask_now(device)).user.user_id == ada.user.user_id


async def test_codes_end(devices: Devices, harness: AuthHarness, clock: FixedClock) -> None:
    """After ten minutes the device is told so without a look at the store, and no user finds it."""
    ada = await harness.register()
    device = await devices.start()
    clock.advance(minutes=10)
    with pytest.raises(ExpiredToken):
        await devices.ask_now(device)
    with pytest.raises(DeviceLoginNotFound):
        await devices.approve(ada, device)


async def test_an_approval_ends_with_its_code(
    devices: Devices, harness: AuthHarness, clock: FixedClock
) -> None:
    """A device that comes too late begins no grant."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    clock.advance(minutes=10)
    with pytest.raises(ExpiredToken):
        await devices.ask_now(device)
    assert await grants_of(harness, ada) == []


async def test_a_code_is_good_once(devices: Devices, harness: AuthHarness) -> None:
    """A second use ends the grant, of which there may be a copy; the user is told, and it is in the log."""
    ada = await harness.register_proved()
    device = await devices.start()
    await devices.approve(ada, device)
    grant = await devices.ask(device)
    for _ in range(2):
        assert await refused(devices, device) is InvalidGrant
    assert await grants_of(harness, ada) == []
    revoked = await harness.revoked()
    assert [one.source_id for one in revoked] == [grant.login.login_id]
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(
            refresh_tokens.write(grant.token, harness.seal), client_id=CLI.client_id
        )
    assert (await harness.events(ada))[:2] == [Event.PROGRAM_REMOVED, Event.DEVICE_CODE_REUSED]
    assert await harness.recipients(EmailKind.AUTHORIZATION_CODE_REUSED) == [EMAIL]


async def test_a_second_use_while_the_store_is_full(
    devices: Devices, harness: AuthHarness, watched: WatchedStore
) -> None:
    """What is to be ended ends all the same."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    await devices.ask(device)
    watched.full = True
    assert await refused(devices, device) is InvalidGrant
    assert await grants_of(harness, ada) == []


async def test_many_questions_at_once(devices: Devices, harness: AuthHarness) -> None:
    """One of them begins the grant, and there is never a second one."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    answers = await asyncio.gather(
        *(devices.ask_now(device) for _ in range(20)), return_exceptions=True
    )
    begun = [one for one in answers if not isinstance(one, BaseException)]
    assert len(begun) == 1
    assert {type(one) for one in answers if isinstance(one, BaseException)} == {InvalidGrant}
    assert await grants_of(harness, ada) == [], "the others looked like copies"


async def test_another_client(devices: Devices, harness: AuthHarness) -> None:
    """It learns nothing of a code, and changes nothing, before and after the approval."""
    ada = await harness.register()
    device = await devices.start()
    with pytest.raises(InvalidGrant):
        await devices.ask(device, OTHER)
    await devices.approve(ada, device)
    with pytest.raises(InvalidGrant):
        await devices.ask(device, OTHER)
    grant = await devices.ask(device)
    with pytest.raises(InvalidGrant):
        await devices.ask(device, OTHER)
    assert await grants_of(harness, ada) == [grant.login]


async def test_a_client_without_its_scopes(devices: Devices, harness: AuthHarness) -> None:
    """One that has lost all that was approved gets no grant."""
    ada, device = await harness.register(), await devices.start()
    await devices.approve(ada, device)
    with pytest.raises(InvalidGrant):
        await devices.ask(device, replace(CLI, scopes=frozenset({"tenants:read"})))
    assert await grants_of(harness, ada) == []


@pytest.mark.parametrize("code", ["", "x", "A" * 96])
async def test_noise(devices: Devices, watched: WatchedStore, code: str) -> None:
    """It is refused without a look at the store."""
    before = watched.reads + watched.writes
    with pytest.raises(InvalidGrant):
        await devices.ask_now(code)
    assert watched.reads + watched.writes == before


@pytest.mark.parametrize("scope", ["unknown", "account:read", "openid  profile", "login"])
async def test_scopes_that_a_client_cannot_have(devices: Devices, scope: str) -> None:
    """They are refused before a user sees them."""
    with pytest.raises(InvalidScope):
        await devices.start(scope=scope)


async def test_no_scope_means_all_of_the_client(devices: Devices, harness: AuthHarness) -> None:
    """The client gets what it is registered for."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    assert (await devices.ask(device)).login.scopes == SCOPES


async def test_a_client_without_the_grant_type(devices: Devices) -> None:
    """It gets no codes."""
    with pytest.raises(UnauthorizedClient):
        await devices.start(WEB)


async def test_the_approving_login_ends_first(devices: Devices, harness: AuthHarness) -> None:
    """Logging out, here or everywhere, takes the approval back until the device has its tokens."""
    ada = await harness.register()
    device, again = await devices.start(), await harness.log_in()
    await devices.approve(again, device)
    await harness.devices.log_out(harness.call(again))
    assert await refused(devices, device) is AccessDenied
    other = await devices.start()
    await devices.approve(ada, other)
    await harness.devices.end_all(harness.call(ada))
    assert await refused(devices, other) is AccessDenied
    assert await harness.logins_of(ada) == []


async def test_a_login_that_has_ended_approves_nothing(
    devices: Devices, harness: AuthHarness
) -> None:
    """Its token is trusted for a moment longer."""
    ada = await harness.register()
    call = harness.call(ada)
    device = await devices.start()
    await harness.devices.log_out(call)
    for answer in (devices.answer.approve, devices.answer.deny):
        with pytest.raises(AccessTokenRevoked):
            await answer(call, device.user_code)


async def test_logout_everywhere_ends_the_grant(devices: Devices, harness: AuthHarness) -> None:
    """A grant is a login of a program."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    await devices.ask(device)
    await harness.devices.end_all(harness.call(ada))
    assert await grants_of(harness, ada) == []


async def test_the_tenant_of_the_grant(devices: Devices, harness: AuthHarness) -> None:
    """The user chooses it; the role is that of the moment at which the device gets its tokens."""
    ada = await harness.register()
    tenant = harness.memberships.put(ada.user.user_id, Role.ADMIN)
    device = await devices.start()
    await devices.answer.approve(harness.call(ada), device.user_code, tenant.tenant_id)
    grant = await devices.ask(device)
    assert (grant.login.tenant_id, grant.login.role) == (tenant.tenant_id, Role.ADMIN)


async def test_a_tenant_that_the_user_has_left(devices: Devices, harness: AuthHarness) -> None:
    """The device gets no tokens for it."""
    ada = await harness.register()
    tenant = harness.memberships.put(ada.user.user_id, Role.ADMIN)
    device = await devices.start()
    await devices.answer.approve(harness.call(ada), device.user_code, tenant.tenant_id)
    harness.memberships.of.clear()
    assert await refused(devices, device) is InvalidGrant
    assert await grants_of(harness, ada) == []


async def test_tenants_does_not_answer(devices: Devices, harness: AuthHarness) -> None:
    """The device may ask again, and gets its tokens then."""
    ada = await harness.register()
    tenant = harness.memberships.put(ada.user.user_id, Role.ADMIN)
    device = await devices.start()
    await devices.answer.approve(harness.call(ada), device.user_code, tenant.tenant_id)
    harness.memberships.refusal = StorageUnavailable()
    with pytest.raises(StorageUnavailable):
        await devices.ask(device)
    harness.memberships.refusal = None
    assert (await devices.ask(device)).login.tenant_id == tenant.tenant_id


async def test_a_store_that_fails_loses_no_approval(
    devices: Devices, harness: AuthHarness, watched: WatchedStore
) -> None:
    """What was not answered can be asked for again."""
    ada = await harness.register()
    device = await devices.start()
    await devices.approve(ada, device)
    watched.failures = 1
    with pytest.raises(StorageUnavailable):
        await devices.ask(device)
    assert (await devices.ask(device)).user.user_id == ada.user.user_id


async def test_two_factors_of_the_approver(devices: Devices, harness: AuthHarness) -> None:
    """The grant has them, too, so it can be refreshed."""
    user = await equipped(harness)
    device = await devices.start()
    await devices.approve(user.result, device)
    grant = await devices.ask(device)
    assert Method.TWO_FACTORS in grant.login.methods
    token = refresh_tokens.write(grant.token, harness.seal)
    await harness.refresh_login.refresh(token, client_id=CLI.client_id)


async def test_deletion(devices: Devices, harness: AuthHarness) -> None:
    """No row of a deleted user stays, whether the device has its tokens or not."""
    ada = await harness.register()
    for ask in (True, False):
        device = await devices.start()
        await devices.approve(ada, device)
        if ask:
            await devices.ask(device)
    await harness.deletion.delete(harness.call(ada), PASSWORD)
    for family in ROWS:
        assert await rows_between(harness.store, *family.range()) == []


async def test_the_store_shows_no_code(devices: Devices, harness: AuthHarness) -> None:
    """Neither of the two can be read from it."""
    device = await devices.start()
    stored = await dump(harness.store)
    for code in (device.device_code, device.user_code, device.user_code.replace("-", "")):
        assert code.encode() not in stored


async def test_the_sweep(devices: Devices, harness: AuthHarness, clock: FixedClock) -> None:
    """It removes what has ended, with all that finds and counts it."""
    ada = await harness.register()
    await devices.approve(ada, await devices.start())
    await devices.start()
    clock.advance(minutes=10)
    now = clock.now()
    assert await harness.store.write(lambda tx: DEVICE_LOGINS.clear_expired(tx, now, 10)) == 2
    for family in ROWS:
        assert await rows_between(harness.store, *family.range()) == []


async def test_too_many_devices_of_a_network(watched: WatchedStore, clock: FixedClock) -> None:
    """Another network still gets codes, and so does this one when the first have ended."""
    few = AuthHarness(watched, clock, make_settings(DEVICE_LOGINS_PER_NETWORK="3"))
    devices = Devices(few)
    for _ in range(3):
        await devices.start()
    with pytest.raises(TooManyDeviceLogins):
        await devices.start(address="203.0.113.99")
    await devices.start(address="203.0.114.7")
    clock.advance(seconds=timedelta(minutes=10).total_seconds())
    await watched.write(lambda tx: DEVICE_LOGINS.clear_expired(tx, clock.now(), 10))
    await devices.start()
    await few.passwords.close()


async def test_a_call_without_an_address(devices: Devices, harness: AuthHarness) -> None:
    """It works, and is never taken for one of the same network."""
    ada = await harness.register()
    device = await devices.start(address="")
    call = Call(harness.caller(ada), {})
    assert not (await devices.answer.look(call, device.user_code)).same_network
