"""Between the contract and the clients: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import oauth_clients_pb2, oauth_clients_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.oauth_clients import messages
from services.auth.oauth_clients.registration import RegisterClient
from services.auth.oauth_clients.tenant_clients import TenantClients


class OAuthClientsServicer(oauth_clients_pb2_grpc.OAuthClientsServiceServicer):
    """Answers coditect.auth.v5.OAuthClientsService."""

    def __init__(self, clients: TenantClients, registration: RegisterClient) -> None:
        self._clients = clients
        self._registration = registration

    async def CreateClient(
        self, request: oauth_clients_pb2.CreateClientRequest, context: Context
    ) -> oauth_clients_pb2.CreateClientResponse:
        new = await self._clients.create(current_call(), messages.metadata_of(request))
        return oauth_clients_pb2.CreateClientResponse(
            client=messages.client_message(new.client), client_secret=new.secret
        )

    async def ListClients(
        self, request: oauth_clients_pb2.ListClientsRequest, context: Context
    ) -> oauth_clients_pb2.ListClientsResponse:
        size = page_size(request.page_size)
        listing = await self._clients.list(current_call(), size, request.page_token)
        return oauth_clients_pb2.ListClientsResponse(
            clients=map(messages.client_message, listing.items),
            next_page_token=listing.next_page_token,
        )

    async def GetClient(
        self, request: oauth_clients_pb2.GetClientRequest, context: Context
    ) -> oauth_clients_pb2.GetClientResponse:
        found = await self._clients.get(current_call(), UUID(request.client_id))
        return oauth_clients_pb2.GetClientResponse(client=messages.client_message(found))

    async def UpdateClient(
        self, request: oauth_clients_pb2.UpdateClientRequest, context: Context
    ) -> oauth_clients_pb2.UpdateClientResponse:
        client_id, update = UUID(request.client_id), messages.update_of(request)
        changed = await self._clients.update(current_call(), client_id, update)
        return oauth_clients_pb2.UpdateClientResponse(client=messages.client_message(changed))

    async def DeleteClient(
        self, request: oauth_clients_pb2.DeleteClientRequest, context: Context
    ) -> oauth_clients_pb2.DeleteClientResponse:
        await self._clients.delete(current_call(), UUID(request.client_id))
        return oauth_clients_pb2.DeleteClientResponse()

    async def CreateClientSecret(
        self, request: oauth_clients_pb2.CreateClientSecretRequest, context: Context
    ) -> oauth_clients_pb2.CreateClientSecretResponse:
        client_id = UUID(request.client_id)
        new = await self._clients.new_secret(current_call(), client_id, request.keep_seconds)
        return oauth_clients_pb2.CreateClientSecretResponse(
            client=messages.client_message(new.client), client_secret=new.secret
        )

    async def RegisterClient(
        self, request: oauth_clients_pb2.RegisterClientRequest, context: Context
    ) -> oauth_clients_pb2.RegisterClientResponse:
        registration = messages.registration_of(request)
        client = await self._registration.register(current_call(), registration)
        return messages.registered_message(client)
