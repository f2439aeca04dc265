"""Between the contract and the authorizations: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import authorizations_pb2, authorizations_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.authorizations.approval import ApproveAuthorization, Approver
from services.auth.authorizations.errors import AuthorizationRedirectError
from services.auth.authorizations.messages import parameters_of
from services.auth.authorizations.model import AuthorizationParameters, AuthorizationRequest
from services.auth.authorizations.requests import AuthorizationRequests
from services.auth.oauth_clients.messages import consent_scopes


class AuthorizationsServicer(authorizations_pb2_grpc.AuthorizationsServiceServicer):
    """Answers coditect.auth.v5.AuthorizationsService."""

    def __init__(self, requests: AuthorizationRequests, approval: ApproveAuthorization) -> None:
        self._requests = requests
        self._approval = approval

    async def AnswerAuthorization(
        self, request: authorizations_pb2.AnswerAuthorizationRequest, context: Context
    ) -> authorizations_pb2.AnswerAuthorizationResponse:
        try:
            checked = await self._requests.check(
                parameters_of(request.parameters, AuthorizationParameters)
            )
        except AuthorizationRedirectError as error:
            return authorizations_pb2.AnswerAuthorizationResponse(redirect_uri=error.redirect)
        if request.approve:
            tenant_id = UUID(request.tenant_id) if request.HasField("tenant_id") else None
            approver = Approver.of(current_call())
            redirect = await self._approval.approve(approver, checked, tenant_id)
        else:
            redirect = await self._approval.deny(checked)
        return authorizations_pb2.AnswerAuthorizationResponse(redirect_uri=redirect)

    async def CheckAuthorization(
        self, request: authorizations_pb2.CheckAuthorizationRequest, context: Context
    ) -> authorizations_pb2.CheckAuthorizationResponse:
        try:
            return _shown(
                await self._requests.check(
                    parameters_of(request.parameters, AuthorizationParameters)
                )
            )
        except AuthorizationRedirectError as error:
            return authorizations_pb2.CheckAuthorizationResponse(redirect_uri=error.redirect)


def _shown(request: AuthorizationRequest) -> authorizations_pb2.CheckAuthorizationResponse:
    """A good request, as its user sees it."""
    client = request.client
    return authorizations_pb2.CheckAuthorizationResponse(
        client_id=client.client_id,
        client_name=client.name,
        redirect_uri=request.redirect_uri,
        scopes=consent_scopes(request.scopes),
        tenant_id=None if client.tenant_id is None else str(client.tenant_id),
        valid=True,
        login_hint=request.login_hint,
    )
