"""Which events the flows of auth put into the security log, the operator's log and the metric."""

from collections.abc import Awaitable
from typing import Any

import pytest
from structlog.testing import capture_logs

from kernel.errors import PageTokenInvalid, ServiceError, StorageFull
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Role
from kernel.identity.devices import Device
from services.auth.keys import AUTH
from services.auth.logins.errors import BadCredentials
from services.auth.logins.model import LoginResult
from services.auth.security_log.model import SecurityEvent
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, rows_between


async def log_of(harness: AuthHarness, result: LoginResult) -> list[SecurityEvent]:
    """The security log of a user, the newest event first."""
    return (await harness.activity.list(harness.call(result), 1_000, "")).items


async def words(harness: AuthHarness, result: LoginResult) -> list[str]:
    """The events in a user's log, the oldest first."""
    return [str(one.event) for one in reversed(await log_of(harness, result))]


def counted(harness: AuthHarness, event: str, outcome: str = "success") -> float:
    """The events that the metric has counted."""
    labels = {"event": event, "outcome": outcome}
    found = harness.telemetry.registry.get_sample_value("coditect_auth_events_total", labels)
    assert found is not None, "no such event"
    return found


def refresh_token(result: LoginResult) -> str:
    """The refresh token of a login."""
    token = result.tokens.refresh_token
    assert token is not None
    return token


async def refused(action: Awaitable[object]) -> None:
    """Expects that an action fails."""
    with pytest.raises(ServiceError):
        await action


async def test_a_registration_and_a_login_are_logged(harness: AuthHarness) -> None:
    """The account, and each login with its id, device and address."""
    result = await harness.register()
    second = await harness.log_in()
    assert await words(harness, result) == ["account.created", "login.started", "login.started"]
    newest, older, created = await log_of(harness, result)
    assert newest.login_id == harness.caller(second).login_id
    assert older.login_id == harness.caller(result).login_id
    assert created.login_id is None
    assert (newest.device.user_agent, newest.device.address) == ("test", "192.0.2.1")
    assert counted(harness, "login.started") == 2


async def test_a_login_takes_no_further_transaction(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """A login is one read and one write, with its event."""
    await harness.register()
    watched.reads = watched.writes = 0
    await harness.log_in()
    assert (watched.reads, watched.writes) == (1, 1)


async def test_a_repeated_registration_is_logged_once(harness: AuthHarness) -> None:
    """A repeat with the same idempotency key is no event."""
    request = IdempotentRequest("", "Register", "key", b"digest")
    result = await harness.register(idempotency=request)
    await harness.register(idempotency=request)
    assert await words(harness, result) == ["account.created", "login.started"]
    assert counted(harness, "account.created") == 1


async def test_the_end_of_a_login_is_logged(harness: AuthHarness) -> None:
    """With the id of the login that ends; a second end is none."""
    result, other = await harness.register(), await harness.log_in()
    await harness.devices.end(harness.call(result), harness.caller(other).login_id)
    await harness.devices.log_out(harness.call(other))
    newest, *_ = await log_of(harness, result)
    assert (newest.event, newest.login_id) == ("login.ended", harness.caller(other).login_id)
    assert counted(harness, "login.ended") == 1
    await harness.devices.log_out(harness.call(result))
    newest, *_ = await log_of(harness, result)
    assert (newest.event, newest.login_id) == ("login.ended", harness.caller(result).login_id)


async def test_the_end_of_all_logins_is_one_event(harness: AuthHarness) -> None:
    """With the id of the login that did it."""
    result = await harness.register()
    await harness.log_in()
    await harness.devices.end_all(harness.call(result))
    assert (await words(harness, result))[3:] == ["logins.ended"]
    assert counted(harness, "logins.ended") == 1


async def test_a_login_over_the_limit_logs_the_end_of_another(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The least recently used login ends, and the event names it."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="1"))
    await harness.signing_keys.refresh()
    first = await harness.register()
    second = await harness.log_in()
    assert (await words(harness, second))[2:] == ["login.started", "login.ended"]
    newest, *_ = await log_of(harness, second)
    assert newest.login_id == harness.caller(first).login_id
    assert counted(harness, "login.ended") == 1
    await harness.passwords.close()


THIEF = Device("thief", "203.0.113.9")


async def test_a_spent_refresh_token_is_logged_with_the_end_of_its_login(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Both events name the login and the thief's device; the operator gets a warning, once."""
    first = await harness.register()
    stolen = refresh_token(first)
    await harness.refresh_login.refresh(stolen)
    clock.advance(minutes=1)
    with capture_logs() as lines:
        for _ in range(2):
            await refused(harness.refresh_login.refresh(stolen, None, THIEF))
    assert [line["log_level"] for line in lines] == ["warning", "info"]
    assert (await words(harness, first))[2:] == ["refresh_token.reused", "login.ended"]
    end, reuse, *_ = await log_of(harness, first)
    assert (end.login_id, reuse.login_id) == (harness.caller(first).login_id,) * 2
    assert (end.device, reuse.device) == (THIEF, THIEF)
    assert counted(harness, "refresh_token.reused", "failure") == 1


async def test_a_token_that_is_spent_meanwhile_is_logged(harness: AuthHarness) -> None:
    """The events are those of a token that was spent before, also where the exchange notices."""
    first = await harness.register()
    acme = harness.memberships.put(first.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(first), acme.tenant_id)

    async def spend() -> None:
        successor = await harness.refresh_login.refresh(refresh_token(first))
        await harness.refresh_login.refresh(refresh_token(successor))

    harness.memberships.meanwhile = spend
    await refused(harness.refresh_login.refresh(refresh_token(first)))
    assert (await words(harness, first))[3:] == ["refresh_token.reused", "login.ended"]
    assert counted(harness, "login.ended") == 1


async def test_an_expired_refresh_token_is_no_event(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A login that has expired has not been stolen."""
    first = await harness.register()
    clock.advance(days=100)
    await refused(harness.refresh_login.refresh(refresh_token(first)))
    assert counted(harness, "refresh_token.reused", "failure") == 0


async def test_a_password_change_is_logged(harness: AuthHarness) -> None:
    """One event, also for the other logins that end with it; a wrong password is a failure."""
    result = await harness.register()
    await harness.log_in()
    call = harness.call(result)
    await refused(harness.password_change.change(call, OTHER_PASSWORD, PASSWORD))
    await harness.password_change.change(call, PASSWORD, OTHER_PASSWORD)
    assert (await words(harness, result))[3:] == ["login.failed", "password.changed"]
    assert counted(harness, "password.changed") == 1


async def test_a_switch_is_logged(harness: AuthHarness, watched: WatchedStore) -> None:
    """In a full store, too, a user can switch: then the event is reported, and not stored."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    assert (await words(harness, result))[2:] == ["tenant.switched"]
    read = watched.read

    async def read_then_full(fn: Any) -> Any:
        found = await read(fn)
        watched.error, watched.failures = StorageFull, 1
        return found

    watched.read = read_then_full  # type: ignore[method-assign]
    await harness.switch_tenant.switch(harness.call(result), result.tenant.tenant_id)
    watched.read, watched.failures = read, 0  # type: ignore[method-assign]
    assert (await words(harness, result))[2:] == ["tenant.switched"]
    assert counted(harness, "tenant.switched") == 2


async def test_an_export_is_logged(harness: AuthHarness, watched: WatchedStore) -> None:
    """In a full store the event is reported, and not stored."""
    result = await harness.register()
    await harness.activity.log_export(harness.call(result))
    watched.error, watched.failures = StorageFull, 1
    await harness.activity.log_export(harness.call(result))
    assert (await words(harness, result))[2:] == ["account.exported"]
    assert counted(harness, "account.exported") == 2


async def test_a_deletion_is_reported_and_erases_the_log(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """The log line names the account, and no row of its log is left."""
    result = await harness.register()
    with capture_logs() as lines:
        await harness.deletion.delete(harness.call(result), PASSWORD)
    (line,) = [one for one in lines if one["event"] == "security event"]
    assert (line["what"], line["user_id"]) == ("account.deleted", str(result.user.user_id))
    rows = await rows_between(watched, *AUTH.range())
    assert not [key for key, _ in rows if b"security_log" in key]
    assert counted(harness, "account.deleted") == 1


async def test_a_failed_login_names_the_account_in_the_operators_log(harness: AuthHarness) -> None:
    """A line and a count for each; an unknown address is a keyed digest, never as typed."""
    result = await harness.register()
    typed = "MyPassword@Example.com"
    with capture_logs() as lines:
        for email in (EMAIL, typed, typed, "other@example.com"):
            with pytest.raises(BadCredentials):
                await harness.log_in(email, OTHER_PASSWORD)
    known, unknown, again, other = lines
    assert (known["what"], known["outcome"]) == ("login.failed", "failure")
    assert (known["user_id"], known["address"]) == (str(result.user.user_id), "192.0.2.1")
    assert "unknown_account" not in known
    assert unknown == again != other
    assert "user_id" not in unknown
    assert len(unknown["unknown_account"]) == 32
    assert "mypassword" not in repr(lines).lower()
    assert counted(harness, "login.failed", "failure") == 4
    assert await words(harness, result) == ["account.created", "login.started", "login.failed"]


async def test_a_login_to_an_account_that_is_deleted_meanwhile_failed(harness: AuthHarness) -> None:
    """The password was right, but no login began."""
    result = await harness.register()

    async def delete() -> None:
        await harness.deletion.delete(harness.call(result), PASSWORD)

    harness.passwords.meanwhile = delete
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert counted(harness, "login.failed", "failure") == 1
    assert counted(harness, "login.started") == 1


async def test_a_user_reads_only_the_own_log(harness: AuthHarness) -> None:
    """Another user's page token is refused, and the other log has nothing of the first."""
    ada = await harness.register()
    bob = await harness.register("bob@example.com")
    page = await harness.activity.list(harness.call(ada), 1, "")
    with pytest.raises(PageTokenInvalid):
        await harness.activity.list(harness.call(bob), 1, page.next_page_token)
    assert {one.user_id for one in await log_of(harness, bob)} == {bob.user.user_id}
    rest = await harness.activity.list(harness.call(ada), 1, page.next_page_token)
    assert ([str(one.event) for one in rest.items], rest.next_page_token) == (
        ["account.created"], "",
    )  # fmt: skip
