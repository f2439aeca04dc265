"""Which requests at the token endpoint have a rule, and what a device gets."""

import pytest

from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from services.auth.authorizations.errors import (
    AuthorizationPending,
    InvalidTarget,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import GrantType
from tests.services.auth.authorizations.harness import API, DEVICE, ISSUER
from tests.services.auth.harness import AuthHarness
from tests.services.auth.oauth.harness import CODE, EXCHANGE, REFRESH, Endpoints


@pytest.mark.parametrize("grant_type", ["", "password", "implicit", "AUTHORIZATION_CODE"])
async def test_other_grant_types_are_not_supported(endpoints: Endpoints, grant_type: str) -> None:
    """A password is given to no program (OAuth 2.1)."""
    with pytest.raises(UnsupportedGrantType):
        await endpoints.ask(CLI, grant_type)


@pytest.mark.parametrize("grant_type", list(GrantType))
async def test_a_client_uses_its_grant_types_alone(
    endpoints: Endpoints, grant_type: GrantType
) -> None:
    """Each of them must be registered."""
    client = await endpoints.public_client(grant_types=frozenset(GrantType) - {grant_type})
    with pytest.raises(UnauthorizedClient):
        await endpoints.ask(client, grant_type)


@pytest.mark.parametrize("grant_type", [CODE, REFRESH, GrantType.DEVICE_CODE, EXCHANGE])
async def test_a_request_without_what_it_is_about(endpoints: Endpoints, grant_type: str) -> None:
    """A missing parameter is told from one that is wrong (RFC 6749, section 5.2)."""
    with pytest.raises(InvalidRequest):
        await endpoints.ask(CLI, grant_type)


async def test_tokens_are_for_the_api_alone(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Another resource is refused (RFC 8707), and spends nothing."""
    answer = await endpoints.grant(await harness.register())
    for resource in (("https://other.example.com",), (API, ISSUER)):
        with pytest.raises(InvalidTarget):
            await endpoints.refresh(answer, resource=resource)
        with pytest.raises(InvalidTarget):
            await endpoints.exchange(answer.access_token, audience=resource)
    assert (await endpoints.refresh(answer, resource=(API,))).access_token


async def test_a_device_gets_the_tokens_of_its_grant(
    endpoints: Endpoints, harness: AuthHarness
) -> None:
    """As a program with a code does, and it refreshes them in the same way."""
    user, devices = await harness.register(), endpoints.devices
    call = Call(None, DEVICE)
    started = await devices.start.start(call, CLI, "openid sessions:read")
    with pytest.raises(AuthorizationPending):
        await endpoints.ask(CLI, GrantType.DEVICE_CODE, device_code=started.device_code)
    await devices.answer.approve(harness.call(user), started.user_code)
    harness.clock.advance(seconds=5)
    answer = await endpoints.ask(CLI, GrantType.DEVICE_CODE, device_code=started.device_code)
    assert (answer.scope, bool(answer.id_token)) == ("openid sessions:read", True)
    caller = endpoints.caller(answer)
    assert (caller.client_id, caller.user_id) == (CLI.client_id, user.user.user_id)
    assert (await endpoints.ask(CLI, REFRESH, refresh_token=answer.refresh_token)).access_token


async def test_the_user_info_follows_the_scopes(endpoints: Endpoints, harness: AuthHarness) -> None:
    """Names with `profile`, the address with `email` (OpenID Connect Core 1.0, section 5.4)."""
    user = await harness.register()
    sub = {"sub": str(user.user.user_id)}
    for scope, names in (
        ("openid", set()),
        ("openid profile", {"name", "given_name", "family_name", "locale"}),
        ("openid email", {"email", "email_verified"}),
    ):
        caller = endpoints.caller(await endpoints.grant(user, scope=scope))
        claims = await endpoints.user_info.of_caller(Call(caller))
        assert claims.keys() == {"sub", *names}
        assert claims.items() >= sub.items()
