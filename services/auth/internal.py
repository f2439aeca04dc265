"""Between the contract for other services and the use cases: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel.emails import normalized_email
from kernel.rpc.interceptors import Context
from services.auth.accounts.email_proof import EmailProof
from services.auth.accounts.profile import AccountProfile
from services.auth.operator_log.log import OperatorLog
from services.auth.operator_log.messages import act_of
from services.auth.revocations.log import RevocationLog
from services.auth.service_accounts.tenant_erasure import EraseTenant
from services.auth.workspace_tokens.revocation import EndSessionTokens


class AuthInternalServicer(auth_pb2_grpc.AuthInternalServiceServicer):
    """Answers coditect.auth.internal.v1.AuthInternalService."""

    def __init__(
        self,
        profile: AccountProfile,
        proof: EmailProof,
        log: RevocationLog,
        erase_tenant: EraseTenant,
        end_session_tokens: EndSessionTokens,
        operator_log: OperatorLog,
    ) -> None:
        self._profile = profile
        self._proof = proof
        self._log = log
        self._erase_tenant = erase_tenant
        self._end_session_tokens = end_session_tokens
        self._operator_log = operator_log

    async def ProveEmail(
        self, request: auth_pb2.ProveEmailRequest, context: Context
    ) -> auth_pb2.ProveEmailResponse:
        await self._proof.prove(UUID(request.user_id), request.normalized_email)
        return auth_pb2.ProveEmailResponse()

    async def RevokeTenantTokens(
        self, request: auth_pb2.RevokeTenantTokensRequest, context: Context
    ) -> auth_pb2.RevokeTenantTokensResponse:
        user_id = UUID(request.user_id) if request.user_id else None
        await self._log.revoke_tenant_tokens(UUID(request.tenant_id), user_id, request.tenant_epoch)
        return auth_pb2.RevokeTenantTokensResponse()

    async def EraseTenant(
        self, request: auth_pb2.EraseTenantRequest, context: Context
    ) -> auth_pb2.EraseTenantResponse:
        await self._erase_tenant.erase(UUID(request.tenant_id))
        return auth_pb2.EraseTenantResponse()

    async def EndSessionTokens(
        self, request: auth_pb2.EndSessionTokensRequest, context: Context
    ) -> auth_pb2.EndSessionTokensResponse:
        await self._end_session_tokens.end(UUID(request.user_id), UUID(request.session_id))
        return auth_pb2.EndSessionTokensResponse()

    async def AppendOperatorEvent(
        self, request: auth_pb2.AppendOperatorEventRequest, context: Context
    ) -> auth_pb2.AppendOperatorEventResponse:
        await self._operator_log.receive(UUID(request.event_id), act_of(request))
        return auth_pb2.AppendOperatorEventResponse()

    async def GetUserProfile(
        self, request: auth_pb2.GetUserProfileRequest, context: Context
    ) -> auth_pb2.GetUserProfileResponse:
        user = await self._profile.of_user(UUID(request.user_id))
        return auth_pb2.GetUserProfileResponse(
            email=user.email,
            normalized_email=normalized_email(user.email),
            first_name=user.first_name,
            last_name=user.last_name,
            profile_revision=user.profile_revision,
            email_verified=user.email_verified,
        )
