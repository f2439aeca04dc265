"""What a program gets for a code, and that it gets it once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from kernel.errors import StorageUnavailable
from kernel.identity.callers import Assurance, Role
from kernel.self_tenant import self_tenant_id
from services.auth.authorizations.errors import InvalidGrant, UnauthorizedClient
from services.auth.authorizations.model import CODE_LIFE, USED_CODE_LIFE
from services.auth.logins.errors import TenantsUnavailable
from services.auth.notifications.model import EmailKind
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import GrantType
from services.auth.security_log.model import Event
from services.auth.sweeper import sweeper
from tests.services.auth.apps import equipped
from tests.services.auth.authorizations.harness import CALLBACK, SCOPES, VERIFIER
from tests.services.auth.harness import EMAIL, PASSWORD, AuthHarness
from tests.services.auth.oauth.harness import CODE, Endpoints, claims_of, is_refused
from tests.support.store import WatchedStore


async def test_a_code_gives_the_tokens_of_a_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The access token says who acts for whom, where and for what; the ID token says who it is."""
    user = await harness.register_proved()
    harness.clock.advance(seconds=90)
    answer = await endpoints.grant(user, nonce="n")
    caller, login = endpoints.caller(answer), harness.caller(user)
    assert (caller.user_id, caller.client_id, caller.scopes) == (
        login.user_id,
        "coditect-cli",
        SCOPES,
    )
    assert (caller.tenant_id, caller.role) == (self_tenant_id(login.user_id), Role.OWNER)
    assert caller.login_id != login.login_id
    assert (caller.auth_second, caller.assurance) == (login.auth_second, Assurance.AAL1)
    assert caller.is_program
    assert answer.expires_in == harness.settings.token_seconds
    assert set(answer.scope.split(" ")) == SCOPES
    identity = claims_of(answer.id_token or "")
    assert (identity["aud"], identity["nonce"]) == (CLI.client_id, "n")
    assert (identity["sub"], identity["auth_time"]) == (str(login.user_id), login.auth_second)
    assert identity["sid"] == str(caller.login_id)
    assert (identity["given_name"], "email" in identity) == ("Ada", False)
    (grant,) = await endpoints.grants_of(user)
    assert (grant.login_id, grant.client_id) == (caller.login_id, CLI.client_id)
    assert (await harness.events(user))[:2] == [Event.PROGRAM_AUTHORIZED, Event.PROGRAM_APPROVED]
    assert await harness.recipients(EmailKind.PROGRAM_AUTHORIZED) == [EMAIL]


async def test_a_program_that_is_known_causes_no_further_notice(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The user is told when a program gets access, not each time that it logs in."""
    user = await harness.register_proved()
    for _ in range(3):
        await endpoints.grant(user)
    assert await harness.recipients(EmailKind.PROGRAM_AUTHORIZED) == [EMAIL]


async def test_a_program_keeps_its_grant_only_if_it_asks_for_that(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Without `offline_access` there is no refresh token, and the grant ends with its access token."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    answer = await endpoints.grant(user, client, scope="sessions:read")
    assert (answer.refresh_token, answer.id_token) == (None, None)
    (grant,) = await endpoints.grants_of(user)
    assert grant.expire_time == harness.clock.now() + timedelta(seconds=answer.expires_in)
    answer = await endpoints.grant(user, client, scope="sessions:read offline_access")
    assert answer.refresh_token
    assert (await endpoints.grant(user, CLI, scope="sessions:read")).refresh_token


async def test_a_grant_is_for_the_tenant_that_the_user_chose(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """With the role and the epoch of now."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN, epoch=7)
    caller = endpoints.caller(await endpoints.grant(user, CLI, tenant))
    assert (caller.tenant_id, caller.role) == (tenant.tenant_id, Role.ADMIN)
    assert caller.tenant_epoch == 7


async def test_a_second_use_of_a_code_ends_its_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """RFC 6749, section 4.1.2: tokens are refused everywhere, and the user is told."""
    user = await harness.register_proved()
    code = await endpoints.code(user)
    answer = await endpoints.redeem(code)
    assert await endpoints.is_accepted(answer)
    assert await is_refused(endpoints.redeem(code))
    assert not await endpoints.is_accepted(answer)
    assert await is_refused(endpoints.refresh(answer))
    assert await endpoints.grants_of(user) == []
    assert (await harness.events(user))[:2] == [
        Event.PROGRAM_REMOVED,
        Event.AUTHORIZATION_CODE_REUSED,
    ]
    assert await harness.recipients(EmailKind.AUTHORIZATION_CODE_REUSED) == [EMAIL]
    assert await is_refused(endpoints.redeem(code))
    assert await harness.recipients(EmailKind.AUTHORIZATION_CODE_REUSED) == [EMAIL]


async def test_a_copy_of_a_code_ends_the_grant_without_its_verifier(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The holder of a copy lacks the verifier; that there is one is reason enough."""
    user = await harness.register()
    code = await endpoints.code(user)
    answer = await endpoints.redeem(code)
    harness.clock.advance(minutes=10)
    assert await is_refused(endpoints.redeem(code, code_verifier="guessed"))
    assert not await endpoints.is_accepted(answer)


async def test_a_used_code_is_known_for_an_hour(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Its use after that changes nothing any more."""
    code = await endpoints.code(await harness.register())
    answer = await endpoints.redeem(code)
    harness.clock.advance(seconds=USED_CODE_LIFE.total_seconds())
    await sweeper(harness.store, harness.clock, harness.settings).sweep()
    assert await is_refused(endpoints.redeem(code))
    assert (await endpoints.refresh(answer)).access_token


async def test_another_client_gets_nothing_and_ends_nothing(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Before the code is used as after it."""
    user, other = await harness.register(), await endpoints.dynamic_client()
    code = await endpoints.code(user)
    assert await is_refused(endpoints.redeem(code, other))
    answer = await endpoints.redeem(code)
    assert await is_refused(endpoints.redeem(code, other))
    assert await endpoints.is_accepted(answer)


@pytest.mark.parametrize(
    "given",
    [
        {"code_verifier": ""},
        {"code_verifier": VERIFIER[:-1]},
        {"code_verifier": VERIFIER + "x"},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
        {"redirect_uri": CALLBACK + "/"},
    ],
)
async def test_a_code_is_for_the_client_that_began(
    endpoints: Endpoints, harness: AuthHarness, given: dict[str, str]
) -> None:
    """Without its verifier (RFC 7636), or with another redirect URI, it gives nothing, and stays good."""
    code = await endpoints.code(await harness.register())
    assert await is_refused(endpoints.redeem(code, **given))
    assert (await endpoints.redeem(code, redirect_uri=CALLBACK)).access_token


async def test_a_code_is_good_for_a_minute(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Until then, and not a moment longer."""
    user = await harness.register()
    for seconds, good in ((-1, True), (0, False)):
        code = await endpoints.code(user)
        harness.clock.advance(seconds=CODE_LIFE.total_seconds() + seconds)
        assert await is_refused(endpoints.redeem(code)) is not good


@pytest.mark.parametrize("text", ["noise", "A" * 107, "A" * 10_000, "é"])
async def test_noise_is_no_code(endpoints: Endpoints, text: str) -> None:
    """It gets the answer of a code that was used."""
    assert await is_refused(endpoints.redeem(text))


async def test_a_code_ends_with_the_login_that_gave_it(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """A logout everywhere also ends what was approved just now; so does the end of the account."""
    user = await harness.register()
    code = await endpoints.code(user)
    await harness.devices.end_all(harness.call(user))
    assert await is_refused(endpoints.redeem(code))
    user = await harness.log_in()
    code = await endpoints.code(user)
    await harness.deletion.delete(harness.call(user), PASSWORD)
    assert await is_refused(endpoints.redeem(code))


async def test_a_tenant_that_is_lost_meanwhile_gives_nothing(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """Neither does one that forbids programs since, and none is replaced by another."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    key = user.user.user_id, tenant.tenant_id
    code = await endpoints.code(user, CLI, tenant)
    harness.memberships.of[key] = replace(tenant, programs_allowed=False)
    assert await is_refused(endpoints.redeem(code))
    del harness.memberships.of[key]
    assert await is_refused(endpoints.redeem(code))
    assert await endpoints.grants_of(user) == []


async def test_without_tenants_a_code_stays_good(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The client asks again."""
    user = await harness.register()
    tenant = harness.memberships.put(user.user.user_id, Role.ADMIN)
    code = await endpoints.code(user, CLI, tenant)
    harness.memberships.refusal = TenantsUnavailable()
    with pytest.raises(TenantsUnavailable):
        await endpoints.redeem(code)
    harness.memberships.refusal = None
    assert (await endpoints.redeem(code)).access_token


async def test_a_store_that_fails_loses_no_code(
    endpoints: Endpoints, harness: AuthHarness, watched: WatchedStore
) -> None:
    """What was not answered can be asked for again."""
    code = await endpoints.code(await harness.register())
    for failure in (1, 1):
        watched.failures = failure
        with pytest.raises(StorageUnavailable):
            await endpoints.redeem(code)
    assert (await endpoints.redeem(code)).access_token


async def test_uses_at_the_same_time_give_one_grant_at_most(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """All but one are refused, and they end what that one got."""
    user = await harness.register()
    code = await endpoints.code(user)
    outcomes = await asyncio.gather(
        *(endpoints.redeem(code) for _ in range(4)), return_exceptions=True
    )
    answers = [one for one in outcomes if not isinstance(one, BaseException)]
    assert [type(one) for one in outcomes if isinstance(one, BaseException)] == [InvalidGrant] * 3
    assert [await endpoints.is_accepted(one) for one in answers] == [False]
    assert await endpoints.grants_of(user) == []


async def test_a_client_that_may_not_use_codes(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Its grant types are those of now."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    code = await endpoints.code(user, client)
    without = replace(client, grant_types=frozenset({GrantType.REFRESH_TOKEN}))
    with pytest.raises(UnauthorizedClient):
        await endpoints.ask(without, CODE, code=code, code_verifier=VERIFIER)


async def test_what_an_admin_took_from_a_client_is_in_no_token(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """The scopes of a token are also those that the client has by now."""
    user, client = await harness.register(), await endpoints.dynamic_client()
    code = await endpoints.code(user, client)
    less = replace(client, scopes=frozenset({"sessions:read"}))
    assert (await endpoints.redeem(code, less)).scope == "sessions:read"
    code = await endpoints.code(user, client)
    assert await is_refused(endpoints.redeem(code, replace(client, scopes=frozenset({"email"}))))


async def test_two_factors_of_the_approver(endpoints: Endpoints, harness: AuthHarness) -> None:
    """The grant is as sure of its user as the login that has approved it."""
    user = await equipped(harness)
    answer = await endpoints.grant(user.result)
    assert endpoints.caller(answer).assurance is Assurance.AAL2
    assert "mfa" in claims_of(answer.access_token)["amr"]
    assert claims_of(answer.id_token or "")["acr"] == "aal2"
    assert (await endpoints.refresh(answer)).access_token
