"""Every call that ends tokens answers once the services enforce it, and not before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

import pytest

from kernel.storage import Store
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.revocations.log import Subscriber
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock

Prepare: TypeAlias = Callable[[AuthHarness, LoginResult], Awaitable[Coroutine[Any, Any, Any]]]


async def _log_out(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    return harness.devices.log_out(harness.call(mine))


async def _end_a_login(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    other = harness.caller(await harness.log_in())
    return harness.devices.end(harness.call(mine), other.login_id)


async def _log_out_everywhere(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    return harness.devices.end_all(harness.call(mine))


async def _change_password(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    await harness.log_in()
    return harness.password_change.change(harness.call(mine), PASSWORD, OTHER_PASSWORD)


async def _delete_the_account(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    return harness.deletion.delete(harness.call(mine), PASSWORD)


async def _use_a_stolen_token(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    stolen = mine.tokens.refresh_token
    assert stolen is not None
    second = (await harness.refresh_login.refresh(stolen)).tokens.refresh_token
    assert second is not None
    await harness.refresh_login.refresh(second)

    async def refresh() -> None:
        with suppress(RefreshTokenInvalid):
            await harness.refresh_login.refresh(stolen)

    return refresh()


async def _revoke_in_a_tenant(harness: AuthHarness, mine: LoginResult) -> Coroutine[Any, Any, Any]:
    return harness.log.revoke_tenant_tokens(mine.tenant.tenant_id, mine.user.user_id, 4)


CALLS: dict[str, Prepare] = {
    "logout": _log_out,
    "end of another login": _end_a_login,
    "logout of all logins": _log_out_everywhere,
    "change of the password": _change_password,
    "deletion of the account": _delete_the_account,
    "refresh with a spent token": _use_a_stolen_token,
    "revocation by tenants": _revoke_in_a_tenant,
}


@pytest.fixture(name="patient")
async def _patient(store: Store, clock: FixedClock) -> AsyncIterator[AuthHarness]:
    """Auth that waits for its subscribers longer than the test does."""
    settings = make_settings().model_copy(update={"settle_seconds": 60.0})
    harness = AuthHarness(store, clock, settings)
    harness.log._subscribers.clear()  # the log does not run in this test
    await harness.signing_keys.refresh()
    yield harness
    await harness.passwords.close()


async def _revoked(harness: AuthHarness) -> None:
    """Waits until the revocation is committed."""
    async with asyncio.timeout(30):
        while not await harness.revoked():  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.005)


async def _acknowledge(harness: AuthHarness, service: Subscriber) -> None:
    """Lets the service learn everything that is committed."""
    harness.log.acknowledge(service, (await harness.log.after(b"")).cursor)


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_waits_for_a_late_service(patient: AuthHarness, name: str) -> None:
    """The call is not over while a service does not know of the revocation, and ends when it does."""
    mine = await patient.register()
    with patient.log.subscriber(b"") as service:
        call = asyncio.create_task(await CALLS[name](patient, mine))
        await _revoked(patient)
        await asyncio.sleep(0.1)
        assert not call.done()
        await _acknowledge(patient, service)
        await asyncio.wait_for(call, 30)
