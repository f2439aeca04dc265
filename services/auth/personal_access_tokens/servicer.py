"""Between the contract and the personal access tokens: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import personal_access_tokens_pb2, personal_access_tokens_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.personal_access_tokens.messages import token_message
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.personal_access_tokens.personal_access_tokens import PersonalAccessTokens


class PersonalAccessTokensServicer(
    personal_access_tokens_pb2_grpc.PersonalAccessTokensServiceServicer
):
    """Answers coditect.auth.v5.PersonalAccessTokensService."""

    def __init__(self, tokens: PersonalAccessTokens) -> None:
        self._tokens = tokens

    async def CreatePersonalAccessToken(
        self,
        request: personal_access_tokens_pb2.CreatePersonalAccessTokenRequest,
        context: Context,
    ) -> personal_access_tokens_pb2.CreatePersonalAccessTokenResponse:
        requested = RequestedToken(
            name=request.name,
            scopes=frozenset(request.scopes),
            tenant_id=UUID(request.tenant_id) if request.tenant_id else None,
            days=request.days if request.HasField("days") else None,
        )
        new = await self._tokens.create(current_call(), requested)
        return personal_access_tokens_pb2.CreatePersonalAccessTokenResponse(
            token=new.text, personal_access_token=token_message(new.token)
        )

    async def ListPersonalAccessTokens(
        self,
        request: personal_access_tokens_pb2.ListPersonalAccessTokensRequest,
        context: Context,
    ) -> personal_access_tokens_pb2.ListPersonalAccessTokensResponse:
        size = page_size(request.page_size)
        tokens, next_token = await self._tokens.list(current_call(), size, request.page_token)
        return personal_access_tokens_pb2.ListPersonalAccessTokensResponse(
            personal_access_tokens=map(token_message, tokens), next_page_token=next_token
        )

    async def DeletePersonalAccessToken(
        self,
        request: personal_access_tokens_pb2.DeletePersonalAccessTokenRequest,
        context: Context,
    ) -> personal_access_tokens_pb2.DeletePersonalAccessTokenResponse:
        await self._tokens.revoke(current_call(), UUID(request.token_id))
        return personal_access_tokens_pb2.DeletePersonalAccessTokenResponse()
