"""What other services ask of auth: messages in, values through, messages out."""

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel.emails import normalized_email
from kernel.fields import Fields
from kernel.rpc.interceptors import Context
from services.auth.accounts.profile import AccountProfile
from services.auth.revocations.log import RevocationLog


class AuthInternalServicer(auth_pb2_grpc.AuthInternalServiceServicer):
    """Answers coditect.auth.internal.v1.AuthInternalService."""

    def __init__(self, profile: AccountProfile, log: RevocationLog) -> None:
        self._profile = profile
        self._log = log

    async def RevokeTenantTokens(
        self, request: auth_pb2.RevokeTenantTokensRequest, context: Context
    ) -> auth_pb2.RevokeTenantTokensResponse:
        fields, user_id = Fields(), None
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        if request.user_id:
            user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._log.revoke_tenant_tokens(tenant_id, user_id, request.tenant_epoch)
        return auth_pb2.RevokeTenantTokensResponse()

    async def GetUserProfile(
        self, request: auth_pb2.GetUserProfileRequest, context: Context
    ) -> auth_pb2.GetUserProfileResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        user = await self._profile.of_user(user_id)
        return auth_pb2.GetUserProfileResponse(
            email=user.email,
            normalized_email=normalized_email(user.email),
            first_name=user.first_name,
            last_name=user.last_name,
            profile_revision=user.profile_revision,
        )
