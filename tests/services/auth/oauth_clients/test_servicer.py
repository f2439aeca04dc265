"""The RPCs of clients over a real channel."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.struct_pb2 import ListValue

from coditect.auth.v5 import oauth_clients_pb2
from kernel.rpc.structs import mapping_of, struct_of
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from services.auth.oauth_clients import repository
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import make_settings
from tests.services.auth.oauth_clients.harness import JWKS
from tests.services.auth.server import Auth, running
from tests.support.clock import START, FixedClock

URIS = ["https://robot.example.com/callback"]


class Owner:
    """A user who makes clients in the self-tenant."""

    def __init__(self, auth: Auth, user_id: str, token: str) -> None:
        self._auth = auth
        self._token = token
        self.tenant_id = str(self_tenant_id(UUID(user_id)))

    async def call(self, method: str, **fields: Any) -> Any:
        """Calls a method about clients of the tenant."""
        return await self._auth.call(method, self._request(method, fields), self._token)

    async def refused(self, method: str, **fields: Any) -> str:
        """The reason with which a call is refused."""
        return await self._auth.refused(method, self._request(method, fields), self._token)

    def _request(self, method: str, fields: dict[str, Any]) -> Any:
        message = getattr(oauth_clients_pb2, f"{method}Request")
        return message(**{"tenant_id": self.tenant_id, **fields})


@pytest.fixture
async def owner(auth: Auth) -> Owner:
    """A user."""
    registered = await auth.register()
    return Owner(auth, registered.user.user_id, registered.tokens.access_token)


def new(**fields: Any) -> dict[str, Any]:
    """The fields of a good client, except for the given ones."""
    return {
        "name": "Robot",
        "auth_method": "client_secret_basic",
        "redirect_uris": URIS,
        "scopes": ["sessions:read"],
        **fields,
    }


def texts(*values: str) -> ListValue:
    """A list of texts."""
    found = ListValue()
    found.extend(values)
    return found


async def test_a_client_from_its_beginning_to_its_end(owner: Owner) -> None:
    """What is said of a client passes through the contract, and its secret only once."""
    made = await owner.call("CreateClient", **new())
    client = made.client
    assert made.client_secret.startswith("cdt_cs_")
    assert (client.name, client.kind, list(client.redirect_uris)) == ("Robot", "confidential", URIS)
    assert list(client.grant_types) == ["authorization_code", "refresh_token"]
    assert client.create_time.ToMilliseconds() == int(START.timestamp() * 1000)
    assert not client.HasField("service_account_id")
    found = await owner.call("GetClient", client_id=client.client_id)
    assert found.client == client
    assert list((await owner.call("ListClients")).clients) == [client]
    changed = await owner.call(
        "UpdateClient", client_id=client.client_id, name="Other", scopes=texts("openid")
    )
    assert (changed.client.name, list(changed.client.scopes)) == ("Other", ["openid"])
    assert list(changed.client.redirect_uris) == URIS
    renewed = await owner.call("CreateClientSecret", client_id=client.client_id, keep_seconds=60)
    assert renewed.client_secret not in {"", made.client_secret}
    old, young = renewed.client.secrets
    assert old.HasField("expire_time")
    assert not young.HasField("expire_time")
    await owner.call("DeleteClient", client_id=client.client_id)
    assert await owner.refused("GetClient", client_id=client.client_id) == "CLIENT_NOT_FOUND"
    assert not (await owner.call("ListClients")).clients


async def test_a_client_with_keys(owner: Owner) -> None:
    """Keys are given and shown as JSON, and can be replaced."""
    fields = new(auth_method="private_key_jwt", jwks=struct_of(JWKS))
    made = await owner.call("CreateClient", **fields)
    assert mapping_of(made.client.jwks) == JWKS
    assert not made.HasField("client_secret")
    other = {"keys": [{**JWKS["keys"][0], "kid": "two"}]}
    changed = await owner.call(
        "UpdateClient", client_id=made.client.client_id, jwks=struct_of(other)
    )
    assert mapping_of(changed.client.jwks) == other


async def test_what_is_refused(owner: Owner) -> None:
    """With the reasons of the contract."""
    assert await owner.refused("CreateClient", **new(name="")) == "INVALID_REQUEST"
    assert await owner.refused("CreateClient", **new(auth_method="x")) == "INVALID_REQUEST"
    assert await owner.refused("CreateClient", **new(scopes=[])) == "INVALID_REQUEST"
    stranger = {"tenant_id": str(uuid4())}
    assert await owner.refused("CreateClient", **new(**stranger)) == "TENANT_NOT_FOUND"
    client_id = str(uuid4())
    for method in ("GetClient", "UpdateClient", "DeleteClient", "CreateClientSecret"):
        assert await owner.refused(method, client_id=client_id) == "CLIENT_NOT_FOUND"
    public = (await owner.call("CreateClient", **new(auth_method="none"))).client
    assert (
        await owner.refused("CreateClientSecret", client_id=public.client_id)
        == "CLIENT_HAS_NO_SECRET"
    )


async def test_a_client_takes_a_recent_proof(owner: Owner, clock: FixedClock) -> None:
    """So does a change of one and a new secret, but not a deletion."""
    client_id = (await owner.call("CreateClient", **new())).client.client_id
    clock.set_ahead(seconds=400)
    needs = "REAUTHENTICATION_REQUIRED"
    assert await owner.refused("CreateClient", **new()) == needs
    assert await owner.refused("UpdateClient", client_id=client_id) == needs
    assert await owner.refused("CreateClientSecret", client_id=client_id) == needs
    await owner.call("DeleteClient", client_id=client_id)


async def test_the_secret_is_stored_nowhere(owner: Owner, store: Store) -> None:
    """The store has its digest alone."""
    made = await owner.call("CreateClient", **new())
    row = repository.OAUTH_CLIENT.key(UUID(made.client.client_id))
    value = await store.read(lambda tx: tx.get(row))
    assert value is not None
    assert made.client_secret.encode() not in value


async def test_programs_do_not_register_themselves(auth: Auth) -> None:
    """Unless the operator allows it."""
    request = oauth_clients_pb2.RegisterClientRequest(redirect_uris=URIS)
    assert await auth.refused("RegisterClient", request) == "REGISTRATION_DISABLED"


async def test_a_program_registers_itself(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """The answer is that of RFC 7591, section 3.2.1."""
    settings = make_settings(
        TENANTS_ADDRESS=fakes.address,
        SESSIONS_ADDRESS=fakes.address,
        DYNAMIC_CLIENT_REGISTRATION="open",
    )
    async with running(store, clock, settings) as auth:
        request = oauth_clients_pb2.RegisterClientRequest(
            redirect_uris=URIS, client_name="Editor", scope="openid nonsense"
        )
        made = await auth.call("RegisterClient", request)
        assert made.client_id_issued_at == int(START.timestamp())
        assert (made.client_name, list(made.redirect_uris)) == ("Editor", URIS)
        assert (made.scope, made.token_endpoint_auth_method) == ("openid", "none")
        assert (list(made.response_types), made.HasField("jwks")) == (["code"], False)
        bad = oauth_clients_pb2.RegisterClientRequest(redirect_uris=["x"])
        assert await auth.refused("RegisterClient", bad) == "INVALID_REDIRECT_URI"
