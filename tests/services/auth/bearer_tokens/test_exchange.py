"""The exchange of bearer tokens: from memory, and never behind the revocations."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel.errors import (
    AccessTokenExpired,
    RevocationsStale,
    StorageUnavailable,
)
from kernel.identity.callers import Role
from kernel.identity.revocations import Revocation
from kernel.identity.scopes import SESSIONS_READ, TENANTS_READ
from kernel.seal import Seal
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.exchange import (
    LIFE,
    REFUSED_SECONDS,
    UNKNOWN_PER_SECOND,
    BearerTokenRefused,
    BearerTokens,
)
from services.auth.bearer_tokens.format import BearerKind
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import TenantsUnavailable
from services.auth.logins.model import LoginResult, LoginTenant
from services.auth.personal_access_tokens.model import (
    NewPersonalAccessToken,
    PersonalAccessToken,
    RequestedToken,
)
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS
from services.auth.personal_access_tokens.source import PersonalTokenSource
from tests.services.auth.harness import OTHER_SEAL_KEY, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore

SCOPES = frozenset({SESSIONS_READ, TENANTS_READ})


async def token_of(
    harness: AuthHarness, result: LoginResult, tenant: LoginTenant | None = None
) -> NewPersonalAccessToken:
    """A personal token for a tenant; without, for the self-tenant."""
    tenant_id = None if tenant is None else tenant.tenant_id
    requested = RequestedToken("CI", SCOPES, tenant_id, None)
    return await harness.personal_access_tokens.create(harness.call(result), requested)


async def test_a_token_becomes_an_access_token(harness: AuthHarness) -> None:
    """It acts for the user in its tenant, within its scopes, and names itself."""
    result = await harness.register()
    new = await token_of(harness, result)
    caller = await harness.exchanged(new.text)
    own = harness.caller(result)
    assert (caller.user_id, caller.tenant_id, caller.role) == (
        own.user_id,
        own.tenant_id,
        Role.OWNER,
    )
    assert caller.scopes == SCOPES
    assert caller.token_id == caller.login_id == new.token.token_id
    assert caller.is_program
    assert caller.expire_second - caller.issue_second == LIFE.total_seconds()


async def test_a_known_token_costs_no_read(harness: AuthHarness, watched: WatchedStore) -> None:
    """A hundred calls at once read the store once, and a hundred more not at all."""
    new = await token_of(harness, await harness.register())
    await harness.follow()
    watched.reads = 0
    first = await asyncio.gather(*[harness.exchange.exchange(new.text) for _ in range(100)])
    assert (len(set(first)), watched.reads) == (1, 1)
    await asyncio.gather(*[harness.exchange.exchange(new.text) for _ in range(100)])
    assert watched.reads == 1


async def test_noise_costs_no_read(harness: AuthHarness, watched: WatchedStore) -> None:
    """A text that has not the form of a token is refused without the store."""
    await harness.follow()
    watched.reads = 0
    for text in ("", "cdt_", "cdt_pat_", "cdt_pat_" + "0" * 60, "x" * 100_000):
        with pytest.raises(BearerTokenRefused):
            await harness.exchange.exchange(text)
    assert watched.reads == 0


async def test_a_flood_of_noise_costs_a_few_reads(
    harness: AuthHarness, clock: FixedClock, watched: WatchedStore
) -> None:
    """Whose checksums are right: twenty in a second, however many there are."""
    await harness.follow()
    watched.reads = 0
    other = Seal([OTHER_SEAL_KEY])
    for second in range(1, 3):
        for _ in range(100):
            text = form.new(BearerKind.PERSONAL, harness.runtime.ids, other).text
            with pytest.raises(BearerTokenRefused):
                await harness.exchange.exchange(text)
        assert watched.reads == second * UNKNOWN_PER_SECOND
        clock.advance(seconds=1)


async def test_a_token_survives_a_change_of_the_seal_keys(harness: AuthHarness) -> None:
    """Also when the key that made it is gone."""
    new = await token_of(harness, await harness.register())
    source = PersonalTokenSource(ActiveTenant(harness.memberships))
    later = BearerTokens(
        replace(harness.runtime, seal=Seal([OTHER_SEAL_KEY])),
        harness.access_tokens,
        harness.verifier,
        harness.revocations,
        source,
    )
    await harness.follow()
    caller = harness.verifier.verify((await later.exchange(new.text)).access_token)
    assert caller.token_id == new.token.token_id


async def test_an_unknown_token_costs_one_read_in_a_while(
    harness: AuthHarness, clock: FixedClock, watched: WatchedStore
) -> None:
    """One that this product made, but does not know, is remembered for a few seconds."""
    text = form.new(BearerKind.PERSONAL, harness.runtime.ids, harness.seal).text
    await harness.follow()
    watched.reads = 0
    for _ in range(10):
        with pytest.raises(BearerTokenRefused):
            await harness.exchange.exchange(text)
    assert watched.reads == 1
    clock.advance(seconds=REFUSED_SECONDS)
    with pytest.raises(BearerTokenRefused):
        await harness.exchange.exchange(text)
    assert watched.reads == 2


async def test_a_kind_without_a_source(harness: AuthHarness) -> None:
    """A token of a kind that nothing stands behind gives no access."""
    text = form.new(BearerKind.WORKSPACE, harness.runtime.ids, harness.seal).text
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(text)


async def test_another_secret_is_refused(harness: AuthHarness) -> None:
    """The id of a token is no secret: its digest decides."""
    new = await token_of(harness, await harness.register())
    other = replace(new.token, secret_hash=b"\0" * 32)
    await harness.store.write(lambda tx: PERSONAL_ACCESS_TOKENS.put(tx, other))
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)


async def test_a_revoked_token_is_refused_at_once(harness: AuthHarness) -> None:
    """The memory drops it with the revocation, without a look at the store."""
    result = await harness.register()
    new = await token_of(harness, result)
    await harness.exchanged(new.text)
    await harness.personal_access_tokens.revoke(harness.call(result), new.token.token_id)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)


async def test_the_end_of_the_user_ends_the_token(harness: AuthHarness) -> None:
    """A revocation of all tokens of a user counts for the memory as for every service."""
    result = await harness.register()
    new = await token_of(harness, result)
    await harness.exchanged(new.text)
    harness.revocations.add([Revocation(result.user.user_id, harness.clock.now())])
    with pytest.raises(BearerTokenRefused):
        await harness.exchange.exchange(new.text)


async def test_a_change_of_role_counts_at_once(harness: AuthHarness) -> None:
    """The revocation of the epoch makes another access token, with the role of now."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.ADMIN, epoch=4)
    new = await token_of(harness, result, tenant)
    assert (await harness.exchanged(new.text)).role is Role.ADMIN
    key = result.user.user_id, tenant.tenant_id
    harness.memberships.of[key] = replace(tenant, role="member", epoch=5)
    await harness.log.revoke_tenant_tokens(tenant.tenant_id, result.user.user_id, 5)
    caller = await harness.exchanged(new.text)
    assert (caller.role, caller.tenant_epoch) == (Role.MEMBER, 5)


async def test_a_change_of_role_while_tenants_answers(harness: AuthHarness) -> None:
    """An answer from before the revocation is asked for again."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.ADMIN, epoch=4)
    new = await token_of(harness, result, tenant)
    key = result.user.user_id, tenant.tenant_id

    async def demote() -> None:
        harness.memberships.of[key] = replace(tenant, role="member", epoch=5)
        await harness.log.revoke_tenant_tokens(tenant.tenant_id, result.user.user_id, 5)
        await harness.follow()

    harness.memberships.meanwhile = demote
    assert (await harness.exchanged(new.text)).role is Role.MEMBER


async def test_a_lost_tenant_refuses(harness: AuthHarness, clock: FixedClock) -> None:
    """A membership that ended ends the token's access; one that comes back gives it back."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER, epoch=4)
    new = await token_of(harness, result, tenant)
    await harness.exchanged(new.text)
    del harness.memberships.of[result.user.user_id, tenant.tenant_id]
    await harness.log.revoke_tenant_tokens(tenant.tenant_id, result.user.user_id, 5)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)
    harness.memberships.of[result.user.user_id, tenant.tenant_id] = replace(tenant, epoch=6)
    clock.advance(seconds=REFUSED_SECONDS)
    assert (await harness.exchanged(new.text)).tenant_epoch == 6


async def test_the_policy_of_the_tenant_counts_at_use(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Programs that are not allowed any more, and a life that has become shorter."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER, epoch=1)
    new, key = await token_of(harness, result, tenant), (result.user.user_id, tenant.tenant_id)
    stricter = (
        replace(tenant, programs_allowed=False, epoch=2),
        replace(tenant, longest_token_days=1, epoch=3),
    )
    clock.advance(days=2)
    for policy in stricter:
        await harness.exchanged(new.text)
        harness.memberships.of[key] = policy
        await harness.log.revoke_tenant_tokens(tenant.tenant_id, None, policy.epoch)
        with pytest.raises(BearerTokenRefused):
            await harness.exchanged(new.text)
        harness.memberships.of[key] = replace(tenant, epoch=policy.epoch)
        clock.advance(seconds=REFUSED_SECONDS)


async def test_an_expired_token_is_refused(harness: AuthHarness, clock: FixedClock) -> None:
    """At its end, and no access token lives longer."""
    new = await token_of(harness, await harness.register())
    clock.advance(days=90, seconds=-10)
    caller = await harness.exchanged(new.text)
    assert caller.expire_second == new.token.expire_time.timestamp()
    clock.advance(seconds=10)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)


async def test_an_access_token_is_renewed_before_it_ends(
    harness: AuthHarness, clock: FixedClock, watched: WatchedStore
) -> None:
    """In the background, so no call waits for it."""
    new = await token_of(harness, await harness.register())
    first = await harness.exchanged(new.text)
    clock.advance(seconds=LIFE.total_seconds() / 2)
    watched.reads = 0
    assert await harness.exchanged(new.text) == first
    async with asyncio.timeout(30):
        while (renewed := await harness.exchanged(new.text)) == first:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    assert renewed.issue_second == first.issue_second + LIFE.total_seconds() / 2


async def test_an_outage_goes_unnoticed_while_the_access_token_lives(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Then the reason is given, and not a refusal."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER)
    new = await token_of(harness, result, tenant)
    first = await harness.exchanged(new.text)
    harness.memberships.refusal = TenantsUnavailable()
    for _ in range(4):
        clock.advance(seconds=LIFE.total_seconds() / 4 - 1)
        assert await harness.exchanged(new.text) == first
        await asyncio.sleep(0.01)
    clock.advance(seconds=4)
    with pytest.raises(TenantsUnavailable):
        await harness.exchanged(new.text)
    harness.memberships.refusal = None
    await harness.exchanged(new.text)


async def test_a_store_that_does_not_answer(harness: AuthHarness, watched: WatchedStore) -> None:
    """It is no refusal, and nothing of it is remembered."""
    new = await token_of(harness, await harness.register())
    await harness.follow()
    watched.failures = 1
    with pytest.raises(StorageUnavailable):
        await harness.exchange.exchange(new.text)
    await harness.exchange.exchange(new.text)


async def test_a_stale_feed_lets_no_token_through(harness: AuthHarness, clock: FixedClock) -> None:
    """Without the revocations no token is trusted, as in every service."""
    new = await token_of(harness, await harness.register())
    await harness.exchanged(new.text)
    clock.advance(seconds=harness.settings.feed_stale_seconds + 1)
    with pytest.raises(RevocationsStale):
        await harness.exchange.exchange(new.text)


async def test_uses_are_noted_once_an_hour(
    harness: AuthHarness, clock: FixedClock, watched: WatchedStore
) -> None:
    """A thousand calls write one row; those of the next hour another one."""
    result = await harness.register()
    new, used = await token_of(harness, result), clock.now()
    for _ in range(1000):
        await harness.exchanged(new.text)
    watched.writes = 0
    await harness.exchange.note_uses()
    await harness.exchange.note_uses()
    assert watched.writes == 1
    assert (await stored(harness, result)).last_used_time == used
    clock.advance(minutes=59)
    await harness.exchanged(new.text)
    await harness.exchange.note_uses()
    assert (await stored(harness, result)).last_used_time == used
    clock.advance(minutes=1)
    await harness.exchanged(new.text)
    await harness.exchange.note_uses()
    assert (await stored(harness, result)).last_used_time == clock.now()


async def test_a_use_that_cannot_be_noted(harness: AuthHarness, watched: WatchedStore) -> None:
    """A store that takes no write costs the note, and not the call; nor does a token that is gone."""
    result = await harness.register()
    new = await token_of(harness, result)
    await harness.exchanged(new.text)
    watched.failures = 1
    await harness.exchange.note_uses()
    other = await token_of(harness, result)
    await harness.exchanged(other.text)
    await harness.personal_access_tokens.revoke(harness.call(result), other.token.token_id)
    await harness.exchange.note_uses()
    assert (await stored(harness, result)).last_used_time is None


async def test_the_second_factor_of_a_token_is_that_of_its_login(harness: AuthHarness) -> None:
    """A tenant that asks for one refuses tokens of logins without."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER)
    new, key = await token_of(harness, result, tenant), (result.user.user_id, tenant.tenant_id)
    harness.memberships.of[key] = replace(tenant, second_factor_required=True, epoch=2)
    await harness.log.revoke_tenant_tokens(tenant.tenant_id, None, 2)
    assert (await harness.exchanged(new.text)).second_factor_required


async def test_the_access_token_ends_like_any_other(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A thief has it for five minutes at most."""
    new = await token_of(harness, await harness.register())
    await harness.follow()
    access_token = (await harness.exchange.exchange(new.text)).access_token
    clock.advance(seconds=LIFE.total_seconds())
    with pytest.raises(AccessTokenExpired):
        harness.verifier.verify(access_token)


async def test_the_gateway_may_keep_what_lives_longer(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """It remembers an access token for a second, so auth forbids that for one that is about to end."""
    new = await token_of(harness, await harness.register())
    await harness.follow()
    first = await harness.exchange.exchange(new.text)
    assert first.may_be_kept
    clock.advance(seconds=LIFE.total_seconds() - 2)
    await harness.follow()
    last = await harness.exchange.exchange(new.text)
    assert last == (first.access_token, False)
    async with asyncio.timeout(30):
        while (renewed := await harness.exchange.exchange(new.text)) == last:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    assert renewed.access_token != first.access_token
    assert renewed.may_be_kept


async def test_closing_ends_what_is_under_way(harness: AuthHarness) -> None:
    """A process that stops waits for no answer of tenants."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER)
    new = await token_of(harness, result, tenant)
    await harness.follow()

    asked = asyncio.Event()

    async def never() -> None:
        asked.set()
        await asyncio.sleep(timedelta(days=1).total_seconds())

    harness.memberships.meanwhile = never
    waiting = asyncio.create_task(harness.exchange.exchange(new.text))
    await asyncio.wait_for(asked.wait(), 30)
    await harness.exchange.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def stored(harness: AuthHarness, result: LoginResult) -> PersonalAccessToken:
    """The first token of a user, as stored."""
    user_id = result.user.user_id
    page = await harness.store.read(
        lambda tx: PERSONAL_ACCESS_TOKENS.page(tx, user_id, after=None, limit=1)
    )
    return page.items[0]
