"""The tokens that users make: created, listed, revoked, and ended by what ends an intruder."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    SecondFactorRequired,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Call, Role
from kernel.identity.scopes import ACCOUNT_READ, SESSIONS_READ
from services.auth.bearer_tokens.errors import ProgramsNotAllowed, TokenLifeTooLong
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.logins.model import LoginResult
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.model import Proof
from services.auth.personal_access_tokens.errors import TokenLimitReached, TokenNotFound
from services.auth.personal_access_tokens.model import NewPersonalAccessToken, RequestedToken
from services.auth.security_log.model import Event
from tests.services.auth.apps import confirm, enroll, equipped
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    keys_of,
    make_settings,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump

CALL = Call(None, METADATA)
REQUESTED = RequestedToken("CI", frozenset({ACCOUNT_READ, SESSIONS_READ}), None, None)


async def created(
    harness: AuthHarness, result: LoginResult, requested: RequestedToken = REQUESTED
) -> NewPersonalAccessToken:
    """A new token of a user."""
    return await harness.personal_access_tokens.create(harness.call(result), requested)


async def names(harness: AuthHarness, result: LoginResult) -> list[str]:
    """The names of a user's tokens."""
    tokens, _ = await harness.personal_access_tokens.list(harness.call(result), 50, "")
    return sorted(token.name for token in tokens)


async def test_a_token_is_shown_once_and_kept_as_a_digest(harness: AuthHarness) -> None:
    """A reader of the store cannot use it; the user hears of it, by the log and by email."""
    result = await harness.register_proved()
    new = await created(harness, result)
    assert new.text.encode() not in await dump(harness.store)
    assert new.token.expire_time == harness.clock.now() + timedelta(days=90)
    assert (await harness.events(result))[0] is Event.TOKEN_CREATED
    assert await harness.recipients(EmailKind.TOKEN_CREATED) == [EMAIL]
    assert await names(harness, result) == ["CI"]


async def test_a_token_is_for_the_active_tenant_or_a_given_one(harness: AuthHarness) -> None:
    """In which the user must be a member, and which must be active."""
    result = await harness.register()
    user_id = result.user.user_id
    tenant = harness.memberships.put(user_id, Role.MEMBER)
    assert (await created(harness, result)).token.tenant_id == harness.caller(result).tenant_id
    given = await created(harness, result, replace(REQUESTED, tenant_id=tenant.tenant_id))
    assert given.token.tenant_id == tenant.tenant_id
    with pytest.raises(TenantNotFound):
        await created(harness, result, replace(REQUESTED, tenant_id=uuid4()))
    harness.memberships.refusal = TenantSuspended()
    with pytest.raises(TenantSuspended):
        await created(harness, result, replace(REQUESTED, tenant_id=tenant.tenant_id))


async def test_the_policy_of_the_tenant(harness: AuthHarness) -> None:
    """No programs, a shorter life, and a second factor that the login has not shown."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, Role.MEMBER)
    key, requested = (
        (result.user.user_id, tenant.tenant_id),
        replace(REQUESTED, tenant_id=tenant.tenant_id),
    )
    harness.memberships.of[key] = replace(tenant, programs_allowed=False)
    with pytest.raises(ProgramsNotAllowed):
        await created(harness, result, requested)
    harness.memberships.of[key] = replace(tenant, longest_token_days=7)
    with pytest.raises(TokenLifeTooLong) as refused:
        await created(harness, result, replace(requested, days=8))
    assert refused.value.metadata == {"longestDays": "7"}
    new = await created(harness, result, requested)
    assert new.token.expire_time == harness.clock.now() + timedelta(days=7)
    harness.memberships.of[key] = replace(tenant, second_factor_required=True)
    with pytest.raises(SecondFactorRequired):
        await created(harness, result, requested)


async def test_the_longest_life_of_the_settings(harness: AuthHarness) -> None:
    """365 days, and not one more."""
    result = await harness.register()
    new = await created(harness, result, replace(REQUESTED, days=365))
    assert new.token.expire_time == harness.clock.now() + timedelta(days=365)
    with pytest.raises(TokenLifeTooLong):
        await created(harness, result, replace(REQUESTED, days=366))


async def test_the_limit_of_a_user(watched: WatchedStore, clock: FixedClock) -> None:
    """A token that is revoked or has expired makes room; another user's do not count."""
    harness = AuthHarness(watched, clock, make_settings(PERSONAL_TOKENS_PER_USER="2"))
    await harness.signing_keys.refresh()
    result, other = await harness.register(), await harness.register("other@example.com")
    await created(harness, other)
    first = await created(harness, result)
    await created(harness, result)
    with pytest.raises(TokenLimitReached):
        await created(harness, result)
    await harness.personal_access_tokens.revoke(harness.call(result), first.token.token_id)
    await created(harness, result, replace(REQUESTED, days=1))
    with pytest.raises(TokenLimitReached):
        await created(harness, result)
    call = harness.call(result)
    clock.advance(days=1)
    await harness.personal_access_tokens.create(call, REQUESTED)
    await harness.passwords.close()


async def test_a_login_that_has_ended_makes_no_token(harness: AuthHarness) -> None:
    """Its access token is trusted for a moment longer."""
    result = await harness.register()
    await harness.devices.end_all(harness.call(result))
    with pytest.raises(AccessTokenRevoked):
        await created(harness, result)


async def test_tokens_of_others_are_not_found(harness: AuthHarness) -> None:
    """They are neither listed nor revoked; the answer is that for an unknown one."""
    result, other = await harness.register(), await harness.register("other@example.com")
    new = await created(harness, result)
    assert await names(harness, other) == []
    for token_id in (new.token.token_id, uuid4()):
        with pytest.raises(TokenNotFound):
            await harness.personal_access_tokens.revoke(harness.call(other), token_id)
    await harness.exchanged(new.text)


async def test_a_token_is_revoked_once(harness: AuthHarness, clock: FixedClock) -> None:
    """Then it is not there, and neither is one that has expired."""
    result = await harness.register()
    new, short = (
        await created(harness, result),
        await created(harness, result, replace(REQUESTED, days=1)),
    )
    await harness.personal_access_tokens.revoke(harness.call(result), new.token.token_id)
    assert (await harness.events(result))[0] is Event.TOKEN_REVOKED
    clock.advance(days=1)
    result = await harness.log_in()
    for token in (new.token, short.token):
        with pytest.raises(TokenNotFound):
            await harness.personal_access_tokens.revoke(harness.call(result), token.token_id)
    assert await names(harness, result) == []


async def test_the_log_names_the_token(harness: AuthHarness) -> None:
    """The events say which token was made and revoked, and which program has revoked it."""
    result = await harness.register()
    new = await created(harness, result)
    call = harness.call(replace(harness.caller(result), client_id="coditect-cli"))
    await harness.personal_access_tokens.revoke(call, new.token.token_id)
    (revoked, made, *_), _ = await harness.activity.list(harness.call(result), 100, "")
    assert (made.program.client_id, made.program.token_id) == ("", new.token.token_id)
    assert (revoked.program.client_id, revoked.program.token_id) == (
        "coditect-cli", new.token.token_id,
    )  # fmt: skip


async def refused(harness: AuthHarness, new: NewPersonalAccessToken) -> bool:
    """Whether a token gives no access any more."""
    try:
        await harness.exchanged(new.text)
    except BearerTokenRefused:
        return True
    return False


async def test_a_reset_of_the_password_ends_tokens(harness: AuthHarness) -> None:
    """An intruder may have made them."""
    result = await harness.register_proved()
    new = await created(harness, result)
    await harness.exchanged(new.text)
    await harness.forgot.ask(CALL, EMAIL)
    secrets = (await harness.mailed(EmailKind.RESET_PASSWORD))[-1]
    await harness.reset.reset(CALL, Proof(secrets.token), OTHER_PASSWORD)
    assert await refused(harness, new)


async def test_the_first_second_factor_ends_tokens(harness: AuthHarness) -> None:
    """They may be those of a person who knows only the password; later ones stay."""
    result = await harness.register_proved()
    new = await created(harness, result)
    await harness.exchanged(new.text)
    user = await equipped(harness, "other@example.com")
    theirs = await created(harness, user.result)
    await confirm(harness, result, await enroll(harness, result))
    assert await refused(harness, new)
    assert not await refused(harness, theirs)


async def test_undoing_the_first_factor_ends_tokens(harness: AuthHarness) -> None:
    """Those that were made since, too."""
    user = await equipped(harness)
    new = await created(harness, user.result)
    (notice,) = await harness.mailed(EmailKind.SECOND_FACTOR_ON)
    await harness.undo_factor.undo(CALL, notice.token)
    assert await refused(harness, new)


async def test_undoing_a_change_of_address_ends_tokens(harness: AuthHarness) -> None:
    """The intruder who asked for it may have made them."""
    result = await harness.register_proved()
    new = await created(harness, result)
    await harness.change.ask(harness.call(result), "eve@example.org")
    back = (await harness.mailed(EmailKind.CHANGE_REQUESTED))[-1]
    await harness.undo.undo(CALL, back.token)
    assert await refused(harness, new)


async def test_the_deletion_of_the_account_erases_tokens(harness: AuthHarness) -> None:
    """No row is left of them."""
    result = await harness.register()
    new = await created(harness, result)
    await harness.exchanged(new.text)
    await harness.deletion.delete(harness.call(result), PASSWORD)
    assert await refused(harness, new)
    assert not [key for key in await keys_of(harness.store) if b"personal_access_token" in key]


async def test_logouts_and_a_new_password_leave_tokens(harness: AuthHarness) -> None:
    """A script works on while its user logs out everywhere, or changes the password."""
    result = await harness.register()
    new = await created(harness, result)
    await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)
    await harness.devices.end_all(harness.call(result))
    assert not await refused(harness, new)
