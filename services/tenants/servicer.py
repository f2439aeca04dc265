"""Between the contract and the use cases: messages in, values through, messages out. No rules."""

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.clock import datetime_of, timestamp
from kernel.fields import Fields
from kernel.identity.callers import current_caller
from kernel.rpc.interceptors import Context
from kernel.storage.paging import page_size
from services.tenants.model import Membership
from services.tenants.tenants import Tenants


class TenantsServicer(tenants_pb2_grpc.TenantsServiceServicer):
    """Answers coditect.tenants.v5.TenantsService."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def ListTenants(
        self, request: tenants_pb2.ListTenantsRequest, context: Context
    ) -> tenants_pb2.ListTenantsResponse:
        limit = page_size(request.page_size)
        listing = await self._tenants.list(current_caller(), limit, request.page_token)
        return tenants_pb2.ListTenantsResponse(
            tenants=[_tenant(membership) for membership in listing.memberships],
            next_page_token=listing.next_page_token,
        )

    async def GetTenant(
        self, request: tenants_pb2.GetTenantRequest, context: Context
    ) -> tenants_pb2.GetTenantResponse:
        fields = Fields()
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        membership = await self._tenants.get(current_caller(), tenant_id)
        return tenants_pb2.GetTenantResponse(tenant=_tenant(membership))


class TenantsInternalServicer(internal_grpc.TenantsInternalServiceServicer):
    """Answers coditect.tenants.internal.v1.TenantsInternalService."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def MaterialiseSelfTenant(
        self, request: internal_pb2.MaterialiseSelfTenantRequest, context: Context
    ) -> internal_pb2.MaterialiseSelfTenantResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        if not request.HasField("create_time"):
            fields.refuse("createTime", "REQUIRED", "Must not be empty.")
        fields.check()
        own = await self._tenants.materialise(user_id, datetime_of(request.create_time))
        return internal_pb2.MaterialiseSelfTenantResponse(
            tenant_id=str(own.tenant.tenant_id),
            name=own.tenant.name,
            slug=own.tenant.slug,
            kind=own.tenant.kind,
            role=str(own.member.role),
            state=own.tenant.state,
            create_time=timestamp(own.tenant.create_time),
        )

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._tenants.erase_user(user_id)
        return internal_pb2.EraseUserResponse()


def _tenant(membership: Membership) -> tenants_pb2.Tenant:
    tenant = membership.tenant
    return tenants_pb2.Tenant(
        tenant_id=str(tenant.tenant_id),
        name=tenant.name,
        slug=tenant.slug,
        kind=tenant.kind,
        role=str(membership.member.role),
        state=tenant.state,
        create_time=timestamp(tenant.create_time),
    )
