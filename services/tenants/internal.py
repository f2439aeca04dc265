"""Answers the calls of auth: messages in, values through, messages out."""

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from kernel.clock import datetime_of
from kernel.fields import Fields
from kernel.rpc.interceptors import Context
from services.tenants.memberships import messages as memberships
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.model import full_name
from services.tenants.memberships.profiles import MemberProfiles
from services.tenants.memberships.self_tenant import SelfTenants
from services.tenants.users import messages as users
from services.tenants.users.erasure import UserErasure
from services.tenants.users.export import UserExport


class TenantsInternalServicer(internal_grpc.TenantsInternalServiceServicer):
    """Answers coditect.tenants.internal.v1.TenantsInternalService."""

    def __init__(
        self,
        self_tenants: SelfTenants,
        memberships: MembershipLookup,
        profiles: MemberProfiles,
        erasure: UserErasure,
        export: UserExport,
    ) -> None:
        self._self_tenants = self_tenants
        self._memberships = memberships
        self._profiles = profiles
        self._erasure = erasure
        self._export = export

    async def EnsureSelfTenant(
        self, request: internal_pb2.EnsureSelfTenantRequest, context: Context
    ) -> internal_pb2.EnsureSelfTenantResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        if not request.HasField("create_time"):
            fields.refuse("createTime", "REQUIRED", "Must not be empty.")
        fields.check()
        await self._self_tenants.ensure(user_id, datetime_of(request.create_time))
        return internal_pb2.EnsureSelfTenantResponse()

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._erasure.erase(user_id)
        return internal_pb2.EraseUserResponse()

    async def GetMembership(
        self, request: internal_pb2.GetMembershipRequest, context: Context
    ) -> internal_pb2.GetMembershipResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        return memberships.membership(await self._memberships.find(user_id, tenant_id))

    async def UpdateUserProfile(
        self, request: internal_pb2.UpdateUserProfileRequest, context: Context
    ) -> internal_pb2.UpdateUserProfileResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        name = full_name(request.first_name, request.last_name)
        await self._profiles.rename(user_id, name, request.profile_revision)
        return internal_pb2.UpdateUserProfileResponse()

    async def ExportUser(
        self, request: internal_pb2.ExportUserRequest, context: Context
    ) -> internal_pb2.ExportUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        exported = await self._export.page(user_id, request.page_token)
        return internal_pb2.ExportUserResponse(
            lines=await users.lines(exported.page),
            next_page_token=exported.next_page_token,
        )
