"""Answers auth's calls: turns requests into values, and values into responses."""

from uuid import UUID

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.internal.v1 import tenants_pb2_grpc as internal_grpc
from kernel.clock import datetime_of
from kernel.rpc.interceptors import Context
from services.tenants.audit import messages as audit
from services.tenants.audit.events import AuditEvents
from services.tenants.invitations.promises import RolePromises
from services.tenants.memberships import messages as memberships
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.model import Profile, full_name
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
        promises: RolePromises,
        erasure: UserErasure,
        export: UserExport,
        audit_events: AuditEvents,
    ) -> None:
        self._self_tenants = self_tenants
        self._memberships = memberships
        self._profiles = profiles
        self._promises = promises
        self._erasure = erasure
        self._export = export
        self._audit_events = audit_events

    async def EnsureSelfTenant(
        self, request: internal_pb2.EnsureSelfTenantRequest, context: Context
    ) -> internal_pb2.EnsureSelfTenantResponse:
        create_time = datetime_of(request.create_time)
        await self._self_tenants.ensure(UUID(request.user_id), create_time)
        return internal_pb2.EnsureSelfTenantResponse()

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        await self._erasure.erase(UUID(request.user_id))
        return internal_pb2.EraseUserResponse()

    async def GetMembership(
        self, request: internal_pb2.GetMembershipRequest, context: Context
    ) -> internal_pb2.GetMembershipResponse:
        user_id, tenant_id = UUID(request.user_id), UUID(request.tenant_id)
        return memberships.membership(await self._memberships.find(user_id, tenant_id))

    async def GetTenantState(
        self, request: internal_pb2.GetTenantStateRequest, context: Context
    ) -> internal_pb2.GetTenantStateResponse:
        return memberships.tenant_state(await self._memberships.tenant(UUID(request.tenant_id)))

    async def UpdateUserProfile(
        self, request: internal_pb2.UpdateUserProfileRequest, context: Context
    ) -> internal_pb2.UpdateUserProfileResponse:
        user_id, address = UUID(request.user_id), request.normalized_email
        name = full_name(request.first_name, request.last_name)
        profile = Profile(request.email, address, name, request.profile_revision)
        await self._profiles.update(user_id, profile)
        if request.email_verified:
            await self._promises.keep(user_id, address)
        return internal_pb2.UpdateUserProfileResponse()

    async def ListTenantsOfUser(
        self, request: internal_pb2.ListTenantsOfUserRequest, context: Context
    ) -> internal_pb2.ListTenantsOfUserResponse:
        found = await self._memberships.list(UUID(request.user_id))
        return internal_pb2.ListTenantsOfUserResponse(
            tenants=[memberships.tenant_of_user(one) for one in found]
        )

    async def AppendAuditEvent(
        self, request: internal_pb2.AppendAuditEventRequest, context: Context
    ) -> internal_pb2.AppendAuditEventResponse:
        event_id, tenant_id = UUID(request.event_id), UUID(request.tenant_id)
        await self._audit_events.append(event_id, tenant_id, audit.entry_of(request))
        return internal_pb2.AppendAuditEventResponse()

    async def ExportUser(
        self, request: internal_pb2.ExportUserRequest, context: Context
    ) -> internal_pb2.ExportUserResponse:
        exported = await self._export.page(UUID(request.user_id), request.page_token)
        return internal_pb2.ExportUserResponse(
            lines=await users.lines(exported.page),
            next_page_token=exported.next_page_token,
        )
