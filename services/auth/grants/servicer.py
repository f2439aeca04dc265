"""Between the contract and the grants: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import grants_pb2, grants_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.grants.grants import Grants
from services.auth.grants.messages import grant_message


class GrantsServicer(grants_pb2_grpc.GrantsServiceServicer):
    """Answers coditect.auth.v5.GrantsService."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def ListGrants(
        self, request: grants_pb2.ListGrantsRequest, context: Context
    ) -> grants_pb2.ListGrantsResponse:
        call, size = current_call(), page_size(request.page_size)
        found, token = await self._grants.list(call, size, request.page_token)
        messages = [grant_message(one, call.caller) for one in found]
        return grants_pb2.ListGrantsResponse(grants=messages, next_page_token=token)

    async def EndGrant(
        self, request: grants_pb2.EndGrantRequest, context: Context
    ) -> grants_pb2.EndGrantResponse:
        await self._grants.end(current_call(), UUID(request.grant_id))
        return grants_pb2.EndGrantResponse()
