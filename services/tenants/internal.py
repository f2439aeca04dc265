"""Answers the calls of auth: messages in, values through, messages out."""

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from kernel.clock import datetime_of
from kernel.fields import Fields
from kernel.rpc.interceptors import Context
from services.tenants.exports import Exports
from services.tenants.memberships import messages as memberships
from services.tenants.memberships.model import full_name
from services.tenants.organizations.listing import Tenants


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
