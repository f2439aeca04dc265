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
from services.auth.authorizations.steps import AuthorizationSteps, NextStep, Step
from services.auth.oauth_clients.messages import consent_scopes


class AuthorizationsServicer(authorizations_pb2_grpc.AuthorizationsServiceServicer):
    """Answers coditect.auth.v5.AuthorizationsService."""

    def __init__(
        self,
        requests: AuthorizationRequests,
        steps: AuthorizationSteps,
        approval: ApproveAuthorization,
    ) -> None:
        self._requests = requests
        self._steps = steps
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
            checked = await self._requests.check(
                parameters_of(request.parameters, AuthorizationParameters)
            )
        except AuthorizationRedirectError as error:
            return _sent(NextStep.of_error(error))
        call = current_call()
        found = await self._steps.next(call, checked, prompted=request.prompted)
        if found.step is Step.REDIRECT:
            return _sent(found)
        return _shown(checked, found.step, logged_in=call.caller_if_any is not None)


def _sent(found: NextStep) -> authorizations_pb2.CheckAuthorizationResponse:
    """A request that is answered without its user."""
    return authorizations_pb2.CheckAuthorizationResponse(
        step=found.step, redirect_uri=found.redirect_uri, confirm=found.confirm
    )


def _shown(
    request: AuthorizationRequest, step: Step, *, logged_in: bool
) -> authorizations_pb2.CheckAuthorizationResponse:
    """A request as its user sees it. Which tenant a client belongs to is no matter of strangers."""
    client = request.client
    bound = logged_in and client.tenant_id is not None
    return authorizations_pb2.CheckAuthorizationResponse(
        client_id=client.client_id,
        client_name=client.name,
        client_known=client.is_known,
        redirect_uri=request.redirect_uri,
        scopes=consent_scopes(request.scopes),
        tenant_id=str(client.tenant_id) if bound else None,
        step=step,
        login_hint=request.login_hint,
        denied_uri=request.redirect(error="access_denied"),
        confirm=not request.is_sent_on,
    )
