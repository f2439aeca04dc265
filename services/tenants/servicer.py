"""Between the contract and the use cases: messages in, values through, messages out. No rules."""

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from coditect.tenants.v5 import tenants_pb2, tenants_pb2_grpc
from kernel.clock import datetime_of
from kernel.fields import Fields
from kernel.identity.callers import current_caller, current_tenant_call
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.paging import page_size
from services.tenants.exports import Exports
from services.tenants.memberships import messages as memberships
from services.tenants.memberships.model import NAME_CHARACTERS, STATES, TenantUpdate, full_name
from services.tenants.organizations import Organizations
from services.tenants.slugs import checked_slug
from services.tenants.tenants import Tenants


class TenantsServicer(tenants_pb2_grpc.TenantsServiceServicer):
    """Answers coditect.tenants.v5.TenantsService."""

    def __init__(self, tenants: Tenants, organizations: Organizations, seal: Seal) -> None:
        self._tenants = tenants
        self._organizations = organizations
        self._seal = seal

    async def CreateTenant(
        self, request: tenants_pb2.CreateTenantRequest, context: Context
    ) -> tenants_pb2.CreateTenantResponse:
        caller, slug = current_caller(), None
        act = memberships.act(context, self._seal, "CreateTenant", caller, request)
        fields = Fields()
        name = fields.text("name", request.name, least=1, most=NAME_CHARACTERS)
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
            name = fields.text("name", request.name, least=1, most=NAME_CHARACTERS)
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


class TenantsInternalServicer(internal_grpc.TenantsInternalServiceServicer):
    """Answers coditect.tenants.internal.v1.TenantsInternalService."""

    def __init__(self, tenants: Tenants, exports: Exports) -> None:
        self._tenants = tenants
        self._exports = exports

    async def EnsureSelfTenant(
        self, request: internal_pb2.EnsureSelfTenantRequest, context: Context
    ) -> internal_pb2.EnsureSelfTenantResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        if not request.HasField("create_time"):
            fields.refuse("createTime", "REQUIRED", "Must not be empty.")
        fields.check()
        await self._tenants.ensure_self_tenant(user_id, datetime_of(request.create_time))
        return internal_pb2.EnsureSelfTenantResponse()

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._tenants.erase_user(user_id)
        return internal_pb2.EraseUserResponse()

    async def GetMembership(
        self, request: internal_pb2.GetMembershipRequest, context: Context
    ) -> internal_pb2.GetMembershipResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        return memberships.membership(await self._tenants.membership_at(user_id, tenant_id))

    async def UpdateUserProfile(
        self, request: internal_pb2.UpdateUserProfileRequest, context: Context
    ) -> internal_pb2.UpdateUserProfileResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        name = full_name(request.first_name, request.last_name)
        await self._tenants.rename_user(user_id, name, request.profile_revision)
        return internal_pb2.UpdateUserProfileResponse()

    async def ExportUser(
        self, request: internal_pb2.ExportUserRequest, context: Context
    ) -> internal_pb2.ExportUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        exported = await self._exports.user(user_id, request.page_token)
        return internal_pb2.ExportUserResponse(
            lines=await memberships.user_lines(exported.page),
            next_page_token=exported.next_page_token,
        )
