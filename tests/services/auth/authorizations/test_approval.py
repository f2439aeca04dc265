"""What a user's answer to a program does."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    ReauthenticationRequired,
    SecondFactorRequired,
    TenantNotFound,
)
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Write
from services.auth.authorizations import codes
from services.auth.authorizations.errors import AuthorizationPageError
from services.auth.authorizations.model import (
    ANSWER_SECONDS,
    CODE_LIFE,
    AuthorizationCode,
    AuthorizationParameters,
    AuthorizationRequest,
)
from services.auth.authorizations.repository import (
    AUTHORIZATION_CODE,
    AUTHORIZATION_CODES,
    PUSHED_REQUEST,
    PUSHED_REQUESTS,
)
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.logins.model import LoginLimits
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import OAuthClient
from services.auth.security_log.model import Event
from tests.services.auth.apps import equipped
from tests.services.auth.authorizations.harness import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    SCOPES,
    Answer,
    Programs,
)
from tests.services.auth.harness import PASSWORD, AuthHarness
from tests.support.clock import START
from tests.support.store import rows_between


async def stored(harness: AuthHarness, answer: Answer) -> AuthorizationCode:
    """What the store knows of the code of an answer."""
    code = codes.read_code(answer.parameters["code"], harness.seal)
    assert code is not None
    found = await harness.store.read(
        lambda tx: AUTHORIZATION_CODES.get(tx, code.user_id, code.code_id)
    )
    assert found is not None
    return found


async def pushed(programs: Programs, client: OAuthClient = CLI) -> AuthorizationRequest:
    """A request that was pushed."""
    name = (await programs.push(client)).request_uri
    asked = AuthorizationParameters(client_id=client.client_id, request_uri=name)
    return await programs.requests.check(asked)


async def test_an_approval_gives_a_code(programs: Programs, harness: AuthHarness) -> None:
    """The code says who has approved what, for which tenant, and is kept as a digest."""
    user = await harness.register()
    answer = await programs.approve(user, await programs.request(nonce="n"))
    assert answer.address == CALLBACK
    assert answer.parameters.keys() == {"code", "state", "iss"}
    assert answer.parameters["iss"] == ISSUER
    code = await stored(harness, answer)
    caller = harness.caller(user)
    assert (code.user_id, code.login_id) == (caller.user_id, caller.login_id)
    assert (code.client_id, code.redirect_uri, code.scopes) == (CLI.client_id, CALLBACK, SCOPES)
    assert (code.code_challenge, code.nonce) == (CHALLENGE, "n")
    assert code.tenant_id == self_tenant_id(caller.user_id)
    assert (code.expire_time, code.grant_id) == (START + CODE_LIFE, None)
    assert (await harness.events(user))[0] is Event.PROGRAM_APPROVED
    assert len(await harness.logins_of(user)) == 1


async def test_a_user_chooses_a_tenant_of_their_own(
    programs: Programs, harness: AuthHarness
) -> None:
    """Another one is not found, as everywhere."""
    user, request = await harness.register(), await programs.request()
    tenant = harness.memberships.put(user.user.user_id, Role.MEMBER)
    answer = await programs.approve(user, request, tenant.tenant_id)
    assert (await stored(harness, answer)).tenant_id == tenant.tenant_id
    with pytest.raises(TenantNotFound):
        await programs.approve(user, request, uuid4())


async def test_a_client_of_a_tenant_is_approved_for_that_by_its_members(
    programs: Programs, harness: AuthHarness
) -> None:
    """Neither by a stranger to the tenant, nor for another tenant of a member."""
    user = await harness.register()
    mine, other = (harness.memberships.put(user.user.user_id, Role.MEMBER) for _ in range(2))
    request = await programs.request(await programs.public_client(mine.tenant_id))
    answer = await programs.approve(user, request)
    assert (await stored(harness, answer)).tenant_id == mine.tenant_id
    for tenant_id in (other.tenant_id, self_tenant_id(user.user.user_id)):
        with pytest.raises(TenantNotFound):
            await programs.approve(user, request, tenant_id)
    with pytest.raises(TenantNotFound):
        await programs.approve(await harness.register("Eve@Example.com"), request)


async def test_a_tenant_can_forbid_programs(programs: Programs, harness: AuthHarness) -> None:
    """Then no user approves one for it; in the self-tenant it is as before."""
    user, request = await harness.register(), await programs.request()
    tenant = harness.memberships.put(user.user.user_id, Role.OWNER)
    harness.memberships.of[user.user.user_id, tenant.tenant_id] = replace(
        tenant, programs_allowed=False
    )
    with pytest.raises(ProgramsNotAllowed):
        await programs.approve(user, request, tenant.tenant_id)
    assert "code" in (await programs.approve(user, request)).parameters


async def test_a_login_that_has_ended_approves_nothing(
    programs: Programs, harness: AuthHarness
) -> None:
    """Its token may live a moment longer than it."""
    user, request = await harness.register(), await programs.request()
    await harness.devices.end_all(harness.call(user))
    with pytest.raises(AccessTokenRevoked):
        await programs.approve(user, request)
    assert await rows_between(harness.store, *AUTHORIZATION_CODE.range()) == []


async def test_a_request_asks_for_a_lately_proved_user(
    programs: Programs, harness: AuthHarness
) -> None:
    """`max_age` and `prompt=login` count from the last proof; the user has time to answer."""
    user = await harness.register()
    now, strict = await programs.request(max_age="0"), await programs.request(prompt="login")
    harness.clock.advance(seconds=ANSWER_SECONDS)
    for request in (now, strict):
        await programs.approve(user, request)
    harness.clock.advance(seconds=1)
    with pytest.raises(ReauthenticationRequired) as caught:
        await programs.approve(user, now)
    assert caught.value.metadata == {"maxAgeSeconds": str(ANSWER_SECONDS), "proof": "password"}
    await programs.approve(user, strict)
    harness.clock.advance(minutes=5)
    with pytest.raises(ReauthenticationRequired):
        await programs.approve(user, strict)
    await programs.approve(user, await programs.request(max_age="1000"))


async def test_a_request_asks_for_two_factors(programs: Programs, harness: AuthHarness) -> None:
    """A login with a password alone does not grant it, one with an app does."""
    request = await programs.request(acr_values="aal2")
    with pytest.raises(SecondFactorRequired) as caught:
        await programs.approve(await harness.register(), request)
    assert caught.value.metadata == {"action": "enroll"}
    user = await equipped(harness, "Eve@Example.com")
    assert "code" in (await programs.approve(user.result, request)).parameters


async def test_a_tenants_limits_of_logins_hold_for_programs(
    programs: Programs, harness: AuthHarness
) -> None:
    """A login that is too old for the tenant lets no program into it."""
    user, request = await harness.register(), await programs.request()
    tenant = harness.memberships.put(user.user.user_id, Role.MEMBER)
    harness.memberships.of[user.user.user_id, tenant.tenant_id] = replace(
        tenant, limits=LoginLimits(life=3600)
    )
    approver = programs.approver(user)
    await programs.approval.approve(approver, request, tenant.tenant_id)
    harness.clock.advance(seconds=3600)
    with pytest.raises(ReauthenticationRequired):
        await programs.approval.approve(approver, request, tenant.tenant_id)


async def test_a_pushed_request_is_answered_once(programs: Programs, harness: AuthHarness) -> None:
    """It is spent with the code that it gives, or with the refusal."""
    user = await harness.register()
    request = await pushed(programs)
    await programs.approve(user, request)
    for answer in (programs.approve(user, request), programs.approval.deny(request)):
        with pytest.raises(AuthorizationPageError):
            await answer
    refused = Answer.of(await programs.approval.deny(await pushed(programs)))
    assert refused.parameters == {
        "error": "access_denied", "state": "of the client", "iss": ISSUER,
    }  # fmt: skip
    assert await rows_between(harness.store, *PUSHED_REQUEST.range()) == []


async def test_a_refused_request_can_be_made_again(
    programs: Programs, harness: AuthHarness
) -> None:
    """A refusal of a request that came with the browser leaves nothing behind."""
    user, request = await harness.register(), await programs.request()
    answer = Answer.of(await programs.approval.deny(request))
    assert answer.parameters["error"] == "access_denied"
    assert "code" in (await programs.approve(user, request)).parameters


async def test_a_failed_approval_spends_nothing(programs: Programs, harness: AuthHarness) -> None:
    """The user proves who they are, and answers the same pushed request."""
    user, request = await harness.register(), await pushed(programs)
    harness.clock.advance(seconds=1)
    strict = replace(request, needs_two_factors=True)
    with pytest.raises(SecondFactorRequired):
        await programs.approve(user, strict)
    assert "code" in (await programs.approve(user, request)).parameters


async def test_codes_end_with_the_account(programs: Programs, harness: AuthHarness) -> None:
    """The erasure removes them."""
    user = await harness.register()
    await programs.approve(user, await programs.request())
    await harness.deletion.delete(harness.call(user), PASSWORD)
    assert await rows_between(harness.store, *AUTHORIZATION_CODE.range()) == []


async def test_expired_codes_and_requests_are_swept(
    programs: Programs, harness: AuthHarness
) -> None:
    """Both end by themselves."""
    await programs.approve(await harness.register(), await programs.request())
    await programs.push()
    later = START + timedelta(minutes=10)

    async def sweep(tx: Write) -> None:
        assert await AUTHORIZATION_CODES.clear_expired(tx, later, 10) == 1
        assert await PUSHED_REQUESTS.clear_expired(tx, later, 10) == 1

    await harness.store.write(sweep)
    for family in (AUTHORIZATION_CODE, PUSHED_REQUEST):
        assert await rows_between(harness.store, *family.range()) == []
