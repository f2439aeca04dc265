"""Between the contract and the endpoints of OAuth: messages in, values through, messages out."""

from coditect.auth.v5 import oauth_pb2, oauth_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.rpc.structs import struct_of
from services.auth.authorizations.messages import parameters_of
from services.auth.authorizations.model import AuthorizationParameters
from services.auth.authorizations.pushed import PushRequest
from services.auth.oauth.introspection import IntrospectToken
from services.auth.oauth.model import TokenRequest
from services.auth.oauth.revocation import RevokeToken
from services.auth.oauth.token_endpoint import TokenEndpoint
from services.auth.oauth.user_info import UserInfo
from services.auth.oauth_clients.authentication import ClientAuthentication


class OAuthServicer(oauth_pb2_grpc.OAuthServiceServicer):
    """Answers coditect.auth.v5.OAuthService."""

    def __init__(
        self,
        authentication: ClientAuthentication,
        tokens: TokenEndpoint,
        push: PushRequest,
        revocation: RevokeToken,
        introspection: IntrospectToken,
        user_info: UserInfo,
    ) -> None:
        self._authentication = authentication
        self._tokens = tokens
        self._push = push
        self._revocation = revocation
        self._introspection = introspection
        self._user_info = user_info

    async def Token(
        self, request: oauth_pb2.TokenRequest, context: Context
    ) -> oauth_pb2.TokenResponse:
        call = current_call()
        client = await self._authentication.authenticate(call, request)
        answer = await self._tokens.answer(call, client, parameters_of(request, TokenRequest))
        # Beside Cache-Control, which the gateway sets (RFC 6749, section 5.1).
        call.set_header("pragma", "no-cache")
        return oauth_pb2.TokenResponse(
            token_type="Bearer",  # noqa: S106 - no secret
            **answer._asdict(),
        )

    async def PushAuthorization(
        self, request: oauth_pb2.PushAuthorizationRequest, context: Context
    ) -> oauth_pb2.PushAuthorizationResponse:
        call = current_call()
        client = await self._authentication.authenticate(call, request)
        # An authenticated client need not repeat its id in the form (RFC 9126, section 2.1).
        request.client_id = client.client_id
        pushed = await self._push.push(
            call, client, parameters_of(request, AuthorizationParameters)
        )
        return oauth_pb2.PushAuthorizationResponse(**pushed._asdict())

    async def RevokeToken(
        self, request: oauth_pb2.RevokeTokenRequest, context: Context
    ) -> oauth_pb2.RevokeTokenResponse:
        call = current_call()
        client = await self._authentication.authenticate(call, request)
        await self._revocation.revoke(call, client, request.token)
        return oauth_pb2.RevokeTokenResponse()

    async def IntrospectToken(
        self, request: oauth_pb2.IntrospectTokenRequest, context: Context
    ) -> oauth_pb2.IntrospectTokenResponse:
        client = await self._authentication.authenticate(current_call(), request)
        found = await self._introspection.look(client, request.token)
        if found is None:
            return oauth_pb2.IntrospectTokenResponse(active=False)
        act = None if found.act is None else struct_of(found.act)
        said = found._asdict() | {"act": act}
        return oauth_pb2.IntrospectTokenResponse(active=True, **said)

    async def GetUserInfo(
        self, request: oauth_pb2.GetUserInfoRequest, context: Context
    ) -> oauth_pb2.GetUserInfoResponse:
        claims = await self._user_info.of_caller(current_call())
        return oauth_pb2.GetUserInfoResponse(**claims)

    async def PostUserInfo(
        self, request: oauth_pb2.PostUserInfoRequest, context: Context
    ) -> oauth_pb2.PostUserInfoResponse:
        claims = await self._user_info.of_caller(current_call())
        return oauth_pb2.PostUserInfoResponse(**claims)
