"""Between Envoy's protocol and the exchange: messages in, values through, messages out."""

from functools import lru_cache

from coditect.envoy.v1 import external_auth_pb2, external_auth_pb2_grpc
from kernel.rpc.interceptors import Context
from services.auth.bearer_tokens.exchange import BearerTokenRefused, BearerTokens, Exchanged

_REMEMBERED = 1000
_REFUSED = Exchanged("refused", may_be_kept=False)
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
            found = await self._tokens.exchange(token)
        except BearerTokenRefused:
            found = _REFUSED
        return _answer(found)


@lru_cache(_REMEMBERED)
def _answer(found: Exchanged) -> external_auth_pb2.CheckResponse:
    """The answer to the gateway; it is the same one for as long as the access token is."""
    credentials = f"Bearer {found.access_token}"
    header = external_auth_pb2.HeaderValue(key="authorization", value=credentials)
    option = external_auth_pb2.HeaderValueOption(header=header)
    answer = external_auth_pb2.CheckResponse(
        ok_response=external_auth_pb2.OkHttpResponse(headers=[option])
    )
    if found.may_be_kept:
        answer.dynamic_metadata["authorization"] = credentials
    return answer
