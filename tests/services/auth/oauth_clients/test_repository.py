"""How clients are stored."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.storage import Store
from services.auth.oauth_clients import public_keys, repository
from services.auth.oauth_clients.model import (
    AuthMethod,
    ClientSecret,
    GrantType,
    OAuthClient,
    SpentAssertion,
    source_id_of,
)
from services.auth.oauth_clients.repository import (
    DYNAMIC_CLIENT,
    DYNAMIC_CLIENTS,
    OAUTH_CLIENT,
    OAUTH_CLIENTS,
    SPENT_ASSERTIONS,
)
from tests.services.auth.harness import keeps_unknown_fields
from tests.services.auth.oauth_clients import harness as given
from tests.services.auth.oauth_clients.harness import JWKS, uuid_of
from tests.support.clock import START

SECRETS = (
    ClientSecret(b"1" * 32, START, START + timedelta(days=1)),
    ClientSecret(b"2" * 32, START + timedelta(hours=1)),
)


@pytest.mark.parametrize(
    "client",
    [
        given.client(),
        given.client(secrets=SECRETS, auth_method=AuthMethod.POST),
        given.client(
            jwks=public_keys.read(JWKS),
            auth_method=AuthMethod.PRIVATE_KEY_JWT,
            grant_types=frozenset(GrantType),
            service_account_id=uuid4(),
            redirect_uris=(),
        ),
        given.dynamic_client(),
    ],
)
async def test_a_client_is_read_as_it_was_written(client: OAuthClient, store: Store) -> None:
    """With all that it has, under its id."""
    await given.put(store, client)
    assert await store.read(lambda tx: repository.registered(tx, uuid_of(client))) == client


async def test_fields_of_a_newer_version_stay(store: Store) -> None:
    """A write keeps what it does not know."""
    own, dynamic = given.client(), given.dynamic_client()

    async def put_own(tx: repository.Read) -> None:
        await OAUTH_CLIENTS.put(tx, own)  # type: ignore[arg-type] # a write, see below

    async def put_dynamic(tx: repository.Read) -> None:
        await DYNAMIC_CLIENTS.put(tx, dynamic)  # type: ignore[arg-type] # a write, see below

    assert await keeps_unknown_fields(store, OAUTH_CLIENT.key(uuid_of(own)), put_own)
    assert await keeps_unknown_fields(store, DYNAMIC_CLIENT.key(uuid_of(dynamic)), put_dynamic)


async def test_a_used_assertion(store: Store) -> None:
    """It is found by its digest."""
    spent = SpentAssertion(b"3" * 32, START)
    await store.write(lambda tx: SPENT_ASSERTIONS.put(tx, spent))
    assert await store.read(lambda tx: SPENT_ASSERTIONS.get(tx, spent.digest)) == spent


def test_what_tokens_of_a_client_come_from() -> None:
    """The id if that is a UUID, else one that follows from it."""
    client = given.client()
    assert client.source_id == uuid_of(client)
    names = ["coditect-cli", "coditect-ide", "https://editor.example.com/client.json"]
    assert len({source_id_of(name) for name in names}) == 3
    assert source_id_of(names[0]) == source_id_of(names[0])
