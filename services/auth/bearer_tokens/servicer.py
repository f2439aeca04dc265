"""Between Envoy's protocol and the exchange: messages in, values through, messages out."""

from coditect.envoy.v1 import external_auth_pb2, external_auth_pb2_grpc
from kernel.rpc.interceptors import Context
from services.auth.bearer_tokens.exchange import BearerTokenRefused, BearerTokens

_REFUSED = "refused"
"""No access token: the gateway counts and refuses the call like any other with a bad one."""


class AuthorizationServicer(external_auth_pb2_grpc.AuthorizationServicer):
    """Answers envoy.service.auth.v3.Authorization."""

    def __init__(self, tokens: BearerTokens) -> None:
        self._tokens = tokens

    async def Check(
        self, request: external_auth_pb2.CheckRequest, context: Context
    ) -> external_auth_pb2.CheckResponse:
        credentials = request.attributes.request.http.headers.get("authorization", "")
        token = credentials.partition(" ")[2].lstrip(" ")
        try:
            access_token = await self._tokens.exchange(token)
        except BearerTokenRefused:
            access_token = _REFUSED
        return external_auth_pb2.CheckResponse(
            ok_response=external_auth_pb2.OkHttpResponse(
                headers=[
                    external_auth_pb2.HeaderValueOption(
                        header=external_auth_pb2.HeaderValue(
                            key="authorization", value=f"Bearer {access_token}"
                        )
                    )
                ]
            )
        )
