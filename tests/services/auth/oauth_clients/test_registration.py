"""Programs that register themselves (RFC 7591)."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.identity import scopes
from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth import program_wiring
from services.auth.oauth_clients.authentication import ClientAuthentication
from services.auth.oauth_clients.errors import (
    InvalidClientMetadata,
    InvalidRedirectUri,
    RegistrationDisabled,
    TooManyRegistrations,
)
from services.auth.oauth_clients.model import AuthMethod, ClientCredentials, ClientOrigin, GrantType
from services.auth.oauth_clients.registration import ClientRegistration, RegisterClient
from services.auth.settings import AuthSettings
from services.auth.sweeper import sweeper
from tests.services.auth.harness import AuthHarness, keys_of, make_settings
from tests.services.auth.oauth_clients import harness as given
from tests.services.auth.oauth_clients.harness import JWKS
from tests.support.clock import FixedClock

URI = "http://127.0.0.1/callback"
CALL = Call(None, {"x-forwarded-for": "192.0.2.1"})


@pytest.fixture
def settings() -> AuthSettings:
    """Settings that let programs register themselves, twice a day."""
    return make_settings(DYNAMIC_CLIENT_REGISTRATION="open", REGISTRATIONS_PER_NETWORK="2")


@pytest.fixture
def registration(harness: AuthHarness) -> RegisterClient:
    """The use case."""
    return program_wiring.oauth_clients(harness.parts, harness.memberships).registration


async def test_a_program_registers_itself(
    registration: RegisterClient, authentication: ClientAuthentication, clock: FixedClock
) -> None:
    """It becomes a public client of no tenant, which ends if it is not used."""
    said = ClientRegistration((URI,), client_name="Editor", scope="openid sessions:read")
    client = await registration.register(CALL, said)
    assert (client.name, client.redirect_uris) == ("Editor", (URI,))
    assert (client.origin, client.auth_method) == (ClientOrigin.DYNAMIC, AuthMethod.NONE)
    assert client.grant_types == {GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN}
    assert client.scopes == {"openid", "sessions:read"}
    assert (client.tenant_id, client.secrets) == (None, ())
    assert client.expire_time == clock.now() + timedelta(days=30)
    shown = ClientCredentials(client_id=client.client_id)
    assert await authentication.authenticate(given.call(), shown) == client


async def test_a_program_with_a_key(
    registration: RegisterClient, authentication: ClientAuthentication
) -> None:
    """It shows who it is by what its key has signed."""
    uri = "https://robot.example.com/callback"
    client = await registration.register(
        CALL, ClientRegistration((uri,), auth_method="private_key_jwt", keys=JWKS)
    )
    assertion = given.signed(given.claims(client.client_id))
    assert await authentication.authenticate(given.call(), assertion) == client


async def test_what_it_may_not_have_is_replaced(registration: RegisterClient) -> None:
    """No secret, no grant without a page, no scope that does not exist; the answer says so."""
    said = ClientRegistration(
        (URI,),
        grant_types=("authorization_code", "client_credentials", "password"),
        scope="openid login everything",
        auth_method="client_secret_post",
    )
    client = await registration.register(CALL, said)
    assert client.grant_types == {GrantType.AUTHORIZATION_CODE}
    assert (client.scopes, client.auth_method) == ({"openid"}, AuthMethod.NONE)


async def test_a_program_that_says_little(registration: RegisterClient) -> None:
    """It gets a name that says so, and may ask its users for any scope."""
    client = await registration.register(CALL, ClientRegistration((URI,)))
    assert (client.name, client.scopes) == ("Unnamed program", scopes.GRANTABLE)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"redirect_uris": ()}, InvalidRedirectUri),
        ({"redirect_uris": ("https://x.example/#a",)}, InvalidRedirectUri),
        ({"redirect_uris": (URI,) * 11}, InvalidRedirectUri),
        ({"redirect_uris": ("javascript:x",), "client_name": "Coditect"}, InvalidRedirectUri),
        ({"client_name": "Coditect CLI"}, InvalidClientMetadata),
        ({"grant_types": ("client_credentials",)}, InvalidClientMetadata),
        ({"grant_types": ("refresh_token",)}, InvalidClientMetadata),
        ({"scope": "login"}, InvalidClientMetadata),
        ({"auth_method": "private_key_jwt"}, InvalidRedirectUri),
        (
            {"auth_method": "private_key_jwt", "redirect_uris": ("https://x.example/",)},
            InvalidClientMetadata,
        ),
    ],
)
async def test_what_a_program_may_not_be(
    said: dict[str, Any], error: Any, registration: RegisterClient, store: Store
) -> None:
    """The errors are those of the RFC (section 3.2.2), and nothing is stored."""
    before = await keys_of(store)
    with pytest.raises(error):
        await registration.register(CALL, ClientRegistration(**{"redirect_uris": (URI,), **said}))
    assert await keys_of(store) == before


async def test_a_network_registers_a_number_a_day(
    registration: RegisterClient, clock: FixedClock
) -> None:
    """Another network, and another day, count by themselves."""
    for _ in range(2):
        await registration.register(CALL, ClientRegistration((URI,)))
    near = Call(None, {"x-forwarded-for": "192.0.2.77"})
    with pytest.raises(TooManyRegistrations) as refused:
        await registration.register(near, ClientRegistration((URI,)))
    assert refused.value.retry_after is not None
    far = Call(None, {"x-forwarded-for": "198.51.100.1"})
    await registration.register(far, ClientRegistration((URI,)))
    clock.advance(seconds=refused.value.retry_after)
    await registration.register(CALL, ClientRegistration((URI,)))


async def test_it_is_off_by_default(harness: AuthHarness) -> None:
    """Then no program registers itself."""
    registration = RegisterClient(harness.runtime, make_settings())
    with pytest.raises(RegistrationDisabled):
        await registration.register(CALL, ClientRegistration((URI,)))


async def test_an_unused_client_is_swept(
    registration: RegisterClient, harness: AuthHarness, clock: FixedClock, store: Store
) -> None:
    """After thirty days nothing of it is left."""
    before = await keys_of(store)
    await registration.register(CALL, ClientRegistration((URI,)))
    assert len(await keys_of(store)) == len(before) + 3
    sweep = sweeper(store, clock, harness.settings)
    for _ in range(31 * 24):  # an hour at a time, as a clock goes that can be trusted
        clock.advance(hours=1)
        await sweep.sweep()
    assert not set(await keys_of(store)) - set(before)
