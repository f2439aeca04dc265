"""Between the contract and the grants: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import device_login_pb2, grants_pb2, grants_pb2_grpc
from kernel.clock import timestamp
from kernel.identity import scopes
from kernel.identity.callers import Caller, current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.grants.grants import Grants, ListedGrant


class GrantsServicer(grants_pb2_grpc.GrantsServiceServicer):
    """Answers coditect.auth.v5.GrantsService."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def ListGrants(
        self, request: grants_pb2.ListGrantsRequest, context: Context
    ) -> grants_pb2.ListGrantsResponse:
        call, size = current_call(), page_size(request.page_size)
        found, token = await self._grants.list(call, size, request.page_token)
        messages = [_message(one, call.caller) for one in found]
        return grants_pb2.ListGrantsResponse(grants=messages, next_page_token=token)

    async def EndGrant(
        self, request: grants_pb2.EndGrantRequest, context: Context
    ) -> grants_pb2.EndGrantResponse:
        await self._grants.end(current_call(), UUID(request.grant_id))
        return grants_pb2.EndGrantResponse()


def _message(listed: ListedGrant, caller: Caller) -> grants_pb2.Grant:
    grant = listed.login
    return grants_pb2.Grant(
        grant_id=str(grant.login_id),
        client_id=grant.client_id,
        client_name=listed.client_name,
        scopes=[
            device_login_pb2.ConsentScope(name=name, consent=scopes.consent(name))
            for name in sorted(grant.scopes)
        ],
        tenant_id=str(grant.tenant_id),
        create_time=timestamp(grant.create_time),
        last_used_time=timestamp(grant.last_used_time),
        expire_time=timestamp(grant.expire_time),
        user_agent=grant.device.user_agent,
        address=grant.device.address,
        current=grant.login_id == caller.login_id,
    )
