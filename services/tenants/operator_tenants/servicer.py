"""Tenants for operators over gRPC: turns requests into values, and values into responses."""

from uuid import UUID

from coditect.tenants.v5 import operator_tenants_pb2 as pb2
from coditect.tenants.v5 import operator_tenants_pb2_grpc
from kernel.cooperative import yielding
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.memberships import messages as memberships
from services.tenants.operator_tenants import messages
from services.tenants.operator_tenants.changes import OperatorChanges
from services.tenants.operator_tenants.reading import OperatorReading


class OperatorTenantsServicer(operator_tenants_pb2_grpc.OperatorTenantsServiceServicer):
    """Answers coditect.tenants.v5.OperatorTenantsService."""

    def __init__(self, reading: OperatorReading, changes: OperatorChanges) -> None:
        self._reading = reading
        self._changes = changes

    async def ListOperatorTenants(
        self, request: pb2.ListOperatorTenantsRequest, context: Context
    ) -> pb2.ListOperatorTenantsResponse:
        listing = await self._reading.list(
            current_call(),
            page_size(request.page_size),
            request.page_token,
            slug=request.slug,
            user_id=UUID(request.user_id) if request.user_id else None,
        )
        return pb2.ListOperatorTenantsResponse(
            tenants=map(messages.tenant, listing.items), next_page_token=listing.next_page_token
        )

    async def GetOperatorTenant(
        self, request: pb2.GetOperatorTenantRequest, context: Context
    ) -> pb2.GetOperatorTenantResponse:
        found = await self._reading.get(current_call(), UUID(request.tenant_id))
        return pb2.GetOperatorTenantResponse(tenant=messages.tenant(found))

    async def ListOperatorMembers(
        self, request: pb2.ListOperatorMembersRequest, context: Context
    ) -> pb2.ListOperatorMembersResponse:
        limit = page_size(request.page_size)
        tenant_id = UUID(request.tenant_id)
        listing = await self._reading.members(current_call(), tenant_id, limit, request.page_token)
        return pb2.ListOperatorMembersResponse(
            members=[memberships.member(member) async for member in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )

    async def SuspendOperatorTenant(
        self, request: pb2.SuspendOperatorTenantRequest, context: Context
    ) -> pb2.SuspendOperatorTenantResponse:
        found = await self._changes.suspend(current_call(), UUID(request.tenant_id), request.reason)
        return pb2.SuspendOperatorTenantResponse(tenant=messages.tenant(found))

    async def ResumeOperatorTenant(
        self, request: pb2.ResumeOperatorTenantRequest, context: Context
    ) -> pb2.ResumeOperatorTenantResponse:
        found = await self._changes.resume(current_call(), UUID(request.tenant_id), request.reason)
        return pb2.ResumeOperatorTenantResponse(tenant=messages.tenant(found))

    async def HandOverOperatorTenant(
        self, request: pb2.HandOverOperatorTenantRequest, context: Context
    ) -> pb2.HandOverOperatorTenantResponse:
        member = await self._changes.hand_over(
            current_call(), UUID(request.tenant_id), UUID(request.user_id), request.reason
        )
        return pb2.HandOverOperatorTenantResponse(member=memberships.member(member))
