"""The keys of service accounts: made, used, revoked, and the notice before they end."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.identity.callers import Role
from services.auth.audit_events.repository import AUDIT_EVENTS
from services.auth.bearer_tokens.errors import TokenLifeTooLong
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.notifications.model import EmailKind
from services.auth.security_log.model import Event
from services.auth.service_accounts.errors import (
    ServiceAccountKeyLimitReached,
    ServiceAccountKeyNotFound,
)
from services.auth.service_accounts.repository import keys_of
from services.auth.sweeper import sweeper
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness, make_settings
from tests.services.auth.service_accounts.harness import SCOPES, organization
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump


async def test_a_key_calls_as_the_account(harness: AuthHarness) -> None:
    """The caller is no user, has the role of the account in its organization, and names the key."""
    acme = await organization(harness)
    account = await acme.account(Role.ADMIN)
    new = await acme.key(account)
    caller = await harness.exchanged(new.text)
    assert caller.is_service_account
    assert (caller.user_id, caller.tenant_id) == (account.account_id, acme.tenant.tenant_id)
    assert (caller.role, caller.scopes) == (Role.ADMIN, SCOPES)
    assert (caller.token_id, caller.login_id) == (new.key.key_id, account.grant_id)
    assert new.text.encode() not in await dump(harness.store)
    assert Event.SERVICE_ACCOUNT_KEY_CREATED in await harness.events(acme.login)


async def test_a_revoked_key_is_refused_at_once(harness: AuthHarness) -> None:
    """The other keys of the account are not."""
    acme = await organization(harness)
    account = await acme.account()
    first, second = [await acme.key(account) for _ in range(2)]
    for new in (first, second):
        await harness.exchanged(new.text)
    call, keys = await acme.call(), harness.service_account_keys
    await keys.revoke(call, account.account_id, first.key.key_id)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(first.text)
    await harness.exchanged(second.text)
    listed = await keys.list(call, account.account_id, 50, "")
    assert [key.key_id for key in listed.items] == [second.key.key_id]
    for key_id in (first.key.key_id, uuid4()):
        with pytest.raises(ServiceAccountKeyNotFound):
            await keys.revoke(call, account.account_id, key_id)
    assert Event.SERVICE_ACCOUNT_KEY_REVOKED in await harness.events(acme.login)


async def test_the_life_of_a_key(harness: AuthHarness, clock: FixedClock) -> None:
    """That of the policy at most, when it is made and when it is used."""
    acme = await organization(harness)
    account = await acme.account()
    with pytest.raises(TokenLifeTooLong):
        await acme.key(account, 366)
    new = await acme.key(account)
    assert new.key.expire_time == clock.now() + timedelta(days=90)
    key = acme.user_id, acme.tenant.tenant_id
    await harness.exchanged(new.text)
    clock.advance(days=2)
    harness.memberships.of[key] = replace(acme.tenant, longest_token_days=2)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)


async def test_the_limit_of_an_account(watched: WatchedStore, clock: FixedClock) -> None:
    """A key that is revoked or has expired makes room."""
    harness = AuthHarness(watched, clock, make_settings(SERVICE_ACCOUNT_KEYS="1"))
    await harness.signing_keys.refresh()
    acme = await organization(harness)
    account = await acme.account()
    new = await acme.key(account)
    with pytest.raises(ServiceAccountKeyLimitReached):
        await acme.key(account)
    call = await acme.call()
    await harness.service_account_keys.revoke(call, account.account_id, new.key.key_id)
    await acme.key(account, 1)
    with pytest.raises(ServiceAccountKeyLimitReached):
        await acme.key(account)
    clock.advance(days=1)
    await harness.service_account_keys.create(call, account.account_id, "Server", None)
    await harness.passwords.close()


async def test_the_use_of_a_key_is_noted(harness: AuthHarness, clock: FixedClock) -> None:
    """Once an hour, as that of a personal token."""
    acme = await organization(harness)
    account = await acme.account()
    new, used = await acme.key(account), clock.now()
    for _ in range(3):
        await harness.exchanged(new.text)
        await harness.exchange.note_uses()
        clock.advance(minutes=29)
    (stored,) = await harness.store.read(lambda tx: keys_of(tx, account.account_id))
    assert stored.last_used_time == used


async def test_a_deleted_maker_is_forgotten(harness: AuthHarness) -> None:
    """The key works on: it is the organization's. No row names the user any more."""
    acme = await organization(harness, Role.OWNER)
    new = await acme.key(await acme.account())
    user_id = acme.user_id
    state = harness.memberships.of[user_id, acme.tenant.tenant_id]
    await harness.deletion.delete(harness.call(acme.login), PASSWORD)
    harness.memberships.of[uuid4(), acme.tenant.tenant_id] = state
    await harness.exchanged(new.text)

    async def deliver(_: bytes) -> None:
        """Takes an event for the audit log, which names the user until then."""

    await AUDIT_EVENTS.drain(harness.store, deliver)
    rows = (await dump(harness.store)).split(b"\n")
    assert not [row for row in rows if b"service_account" in row and user_id.bytes in row]
    assert not [row for row in rows if b"service_account" in row and str(user_id).encode() in row]


async def test_the_maker_is_told_a_week_before(harness: AuthHarness, clock: FixedClock) -> None:
    """Once."""
    acme = await organization(harness)
    await acme.key(await acme.account(), 30)
    queue = [notices.queue_due for notices in harness.notices]
    sweep = sweeper(harness.store, clock, harness.settings, *queue).sweep
    clock.advance(days=22)
    await sweep()
    assert await harness.recipients(EmailKind.SERVICE_ACCOUNT_KEY_ENDS) == []
    for _ in range(3):
        clock.advance(days=1)
        await sweep()
    assert await harness.recipients(EmailKind.SERVICE_ACCOUNT_KEY_ENDS) == [EMAIL]
