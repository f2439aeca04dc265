"""Clients as messages, and what messages say of clients."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from google.protobuf.struct_pb2 import ListValue

from coditect.auth.v5 import device_login_pb2, oauth_clients_pb2
from kernel.clock import timestamp
from kernel.identity import scopes
from kernel.rpc.structs import mapping_of, struct_of
from services.auth.oauth_clients.metadata import ClientMetadata
from services.auth.oauth_clients.model import AuthMethod, ClientSecret, GrantType, OAuthClient
from services.auth.oauth_clients.public_keys import as_mapping
from services.auth.oauth_clients.registration import ClientRegistration
from services.auth.oauth_clients.tenant_clients import ClientUpdate

_DEFAULT_GRANT_TYPES = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
_RESPONSE_TYPES = ("code",)


def consent_scopes(names: Iterable[str]) -> list[device_login_pb2.ConsentScope]:
    """Scopes as a user sees them, by their names, in the order of these."""
    return [
        device_login_pb2.ConsentScope(name=name, consent=scopes.consent(name))
        for name in sorted(names)
    ]


def client_message(client: OAuthClient) -> oauth_clients_pb2.OAuthClient:
    """A client of a tenant as its admins see it."""
    account, created = client.service_account_id, client.create_time
    return oauth_clients_pb2.OAuthClient(
        client_id=client.client_id,
        name=client.name,
        kind=client.kind,
        auth_method=client.auth_method,
        redirect_uris=client.redirect_uris,
        grant_types=sorted(client.grant_types),
        scopes=sorted(client.scopes),
        jwks=struct_of(as_mapping(client.jwks)) if client.jwks else None,
        service_account_id=None if account is None else str(account),
        secrets=map(_secret_message, client.secrets),
        create_time=None if created is None else timestamp(created),
    )


def metadata_of(request: oauth_clients_pb2.CreateClientRequest) -> ClientMetadata:
    """What a request says of a new client. Raises `InvalidRequest`."""
    account = request.service_account_id
    return ClientMetadata(
        name=request.name,
        redirect_uris=tuple(request.redirect_uris),
        grant_types=tuple(request.grant_types) or _DEFAULT_GRANT_TYPES,
        scopes=tuple(request.scopes),
        auth_method=AuthMethod(request.auth_method),
        keys=mapping_of(request.jwks) if request.HasField("jwks") else None,
        service_account_id=UUID(account) if account else None,
    )


def update_of(request: oauth_clients_pb2.UpdateClientRequest) -> ClientUpdate:
    """The change that a request asks for. Raises `InvalidRequest`."""
    given = {field.name for field, _ in request.ListFields()}
    account = request.service_account_id
    return ClientUpdate(
        name=request.name if "name" in given else None,
        redirect_uris=_texts(request.redirect_uris) if "redirect_uris" in given else None,
        grant_types=_texts(request.grant_types) if "grant_types" in given else None,
        scopes=_texts(request.scopes) if "scopes" in given else None,
        keys=mapping_of(request.jwks) if "jwks" in given else None,
        service_account_id=UUID(account) if account else None,
        no_service_account=request.HasField("service_account_id") and not account,
    )


def registration_of(request: oauth_clients_pb2.RegisterClientRequest) -> ClientRegistration:
    """What a program says of itself. Raises `InvalidRequest`."""
    return ClientRegistration(
        redirect_uris=tuple(request.redirect_uris),
        client_name=request.client_name,
        grant_types=tuple(request.grant_types),
        scope=request.scope,
        auth_method=request.token_endpoint_auth_method,
        keys=mapping_of(request.jwks) if request.HasField("jwks") else None,
    )


def registered_message(client: OAuthClient) -> oauth_clients_pb2.RegisterClientResponse:
    """A client that has registered itself, as it learns that."""
    created = client.create_time
    return oauth_clients_pb2.RegisterClientResponse(
        client_id=client.client_id,
        client_id_issued_at=0 if created is None else int(created.timestamp()),
        client_name=client.name,
        redirect_uris=client.redirect_uris,
        grant_types=sorted(client.grant_types),
        response_types=_RESPONSE_TYPES,
        scope=scopes.write(client.scopes),
        token_endpoint_auth_method=client.auth_method,
        jwks=struct_of(as_mapping(client.jwks)) if client.jwks else None,
    )


def _secret_message(secret: ClientSecret) -> oauth_clients_pb2.OAuthClientSecret:
    end = secret.expire_time
    return oauth_clients_pb2.OAuthClientSecret(
        create_time=timestamp(secret.create_time),
        expire_time=None if end is None else timestamp(end),
    )


def _texts(values: ListValue) -> tuple[str, ...]:
    """The items of a list; one that is no text counts as an empty one."""
    items: Sequence[str] = [item.string_value for item in values.values]
    return tuple(items)
