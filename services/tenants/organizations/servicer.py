"""Between the contract and the tenants: messages in, values through, messages out."""

from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.fields import Fields
from kernel.identity.callers import current_caller, current_tenant_call
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.paging import page_size
from services.tenants.memberships import messages as memberships
from services.tenants.memberships.model import NAME_CHARACTERS, STATES
from services.tenants.organizations.listing import TenantReader
from services.tenants.organizations.model import TenantUpdate
from services.tenants.organizations.organizations import Organizations
from services.tenants.organizations.slugs import checked_slug


class TenantsServicer(tenants_pb2_grpc.TenantsServiceServicer):
    """Answers coditect.tenants.v5.TenantsService."""

    def __init__(self, tenants: TenantReader, organizations: Organizations, seal: Seal) -> None:
        self._tenants = tenants
        self._organizations = organizations
        self._seal = seal

    async def CreateTenant(
        self, request: tenants_pb2.CreateTenantRequest, context: Context
    ) -> tenants_pb2.CreateTenantResponse:
        caller, slug = current_caller(), None
        act = memberships.act(context, self._seal, "CreateTenant", caller, request)
        fields = Fields()
        name = fields.text("name", request.name, min_length=1, max_length=NAME_CHARACTERS)
        if request.HasField("slug"):
            slug = checked_slug(fields, "slug", request.slug)
        fields.check()
        membership = await self._organizations.create(caller, act, name, slug)
        return tenants_pb2.CreateTenantResponse(tenant=memberships.tenant(membership))

    async def ListTenants(
        self, request: tenants_pb2.ListTenantsRequest, context: Context
    ) -> tenants_pb2.ListTenantsResponse:
        limit = page_size(request.page_size)
        listing = await self._tenants.list(current_caller(), limit, request.page_token)
        return tenants_pb2.ListTenantsResponse(
            tenants=[memberships.tenant(membership) for membership in listing.memberships],
            next_page_token=listing.next_page_token,
        )

    async def GetTenant(
        self, request: tenants_pb2.GetTenantRequest, context: Context
    ) -> tenants_pb2.GetTenantResponse:
        fields = Fields()
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        membership = await self._tenants.get(current_caller(), tenant_id)
        return tenants_pb2.GetTenantResponse(tenant=memberships.tenant(membership))

    async def UpdateTenant(
        self, request: tenants_pb2.UpdateTenantRequest, context: Context
    ) -> tenants_pb2.UpdateTenantResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "UpdateTenant", call.caller, request)
        fields = Fields()
        name = state = None
        if request.HasField("name"):
            name = fields.text("name", request.name, min_length=1, max_length=NAME_CHARACTERS)
        if request.HasField("state"):
            state = request.state
            if state not in STATES:
                fields.refuse("state", "UNKNOWN", "Must be active or suspended.")
        fields.check()
        membership = await self._organizations.update(call, act, TenantUpdate(name, state))
        return tenants_pb2.UpdateTenantResponse(tenant=memberships.tenant(membership))

    async def DeleteTenant(
        self, request: tenants_pb2.DeleteTenantRequest, context: Context
    ) -> tenants_pb2.DeleteTenantResponse:
        call = current_tenant_call()
        act = memberships.act(context, self._seal, "DeleteTenant", call.caller, request)
        await self._organizations.delete(call, act)
        return tenants_pb2.DeleteTenantResponse()
