"""The grant of a program is a login with a client: what that changes, and what it does not."""

import pytest

from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Write
from services.auth.logins.errors import LoginNotFound, RefreshTokenInvalid
from services.auth.logins.model import Login, LoginResult, LoginTenant
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken
from tests.services.auth.harness import AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore

CLIENT = "coditect-cli"
SCOPES = frozenset({"sessions:read", "offline_access"})


async def grant(
    harness: AuthHarness, user: LoginResult, client_id: str = CLIENT
) -> tuple[Login, str]:
    """A new grant of a program for a user, and its refresh token."""
    ids, now = harness.runtime.ids, harness.clock.now()
    token = RefreshToken(user.user.user_id, ids.uuid(), ids.secret())
    tenant = LoginTenant.self_tenant(user.user.user_id, now)
    device = harness.call(user).device
    login = harness.start.new(token, tenant, device, now, client_id=client_id, scopes=SCOPES)

    async def put(tx: Write) -> None:
        await harness.start.put(tx, login)

    await harness.store.write(put)
    return login, refresh_tokens.write(token, harness.seal)


async def test_a_program_gets_its_scopes_and_nothing_else(harness: AuthHarness) -> None:
    """The access token names client and scopes, after each refresh too."""
    _, token = await grant(harness, user := await harness.register())
    for _ in range(2):
        result = await harness.refresh_login.refresh(token, client_id=CLIENT)
        caller = harness.caller(result)
        assert (caller.client_id, caller.scopes) == (CLIENT, SCOPES)
        assert (caller.user_id, caller.role) == (user.user.user_id, Role.OWNER)
        assert caller.tenant_id == self_tenant_id(user.user.user_id)
        assert caller.is_program
        assert not harness.caller(user).is_program
        token = result.tokens.refresh_token or ""


@pytest.mark.parametrize(
    "other", ["coditect", "coditect-ide", "6af79b48-04a7-579a-9a14-b91092a3db3f"]
)
async def test_a_refresh_token_is_good_for_its_client_alone(
    harness: AuthHarness, other: str
) -> None:
    """Another client gets the error of an unknown token, and the grant goes on."""
    _, token = await grant(harness, await harness.register())
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(token, client_id=other)
    assert await harness.revoked() == []
    await harness.refresh_login.refresh(token, client_id=CLIENT)


async def test_a_login_is_good_for_no_program(harness: AuthHarness) -> None:
    """The refresh token of a user's own login is refused from a program."""
    result = await harness.register()
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(result.tokens.refresh_token or "", client_id=CLIENT)
    await harness.refresh_login.refresh(result.tokens.refresh_token or "")


async def test_the_devices_of_a_user_have_no_programs(harness: AuthHarness) -> None:
    """A grant is not listed among the devices, and not ended as one."""
    login, _ = await grant(harness, user := await harness.register())
    call = harness.call(user)
    listing = await harness.devices.list(call, 100, "")
    assert [one.login_id for one in listing.items] == [call.caller.login_id]
    with pytest.raises(LoginNotFound):
        await harness.devices.end(call, login.login_id)
    assert await harness.revoked() == []


async def test_a_logout_everywhere_ends_programs(harness: AuthHarness) -> None:
    """The end of all logins revokes grants, too."""
    login, token = await grant(harness, user := await harness.register())
    await harness.devices.end_all(harness.call(user))
    assert login.login_id in {one.source_id for one in await harness.revoked()}
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(token, client_id=CLIENT)


async def test_logins_and_programs_do_not_end_each_other(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The limit counts logins and grants apart."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="2"))
    await harness.signing_keys.refresh()
    user = await harness.register()
    granted = []
    for _ in range(3):
        clock.advance(seconds=1)
        granted.append((await grant(harness, user))[0].login_id)
    kept = {login.login_id for login in await harness.logins_of(user)}
    assert kept == {harness.caller(user).login_id, *granted[1:]}
    clock.advance(seconds=1)
    await harness.log_in()
    another = await harness.log_in()
    kept = {login.login_id for login in await harness.logins_of(user)}
    assert set(granted[1:]) < kept
    assert harness.caller(another).login_id in kept
    await harness.passwords.close()
