"""Between the contract and what operators do with users: messages in, values through, messages out."""

from collections.abc import AsyncIterator
from uuid import UUID

from google.api import httpbody_pb2

from coditect.auth.v5 import operator_users_pb2 as pb2
from coditect.auth.v5 import operator_users_pb2_grpc
from kernel import export
from kernel.clock import timestamp
from kernel.cooperative import yielding
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.accounts.messages import export_lines
from services.auth.logins.messages import login_message
from services.auth.operator_users.access import OperatorAccess
from services.auth.operator_users.keeping import OperatorKeeping
from services.auth.operator_users.looking import OperatorLooking, caller_for
from services.auth.operator_users.messages import operated_user
from services.auth.operator_users.recovering import OperatorRecovering
from services.auth.security_log.messages import event_message


class OperatorUsersServicer(operator_users_pb2_grpc.OperatorUsersServiceServicer):
    """Answers coditect.auth.v5.OperatorUsersService."""

    def __init__(
        self,
        looking: OperatorLooking,
        access: OperatorAccess,
        recovering: OperatorRecovering,
        keeping: OperatorKeeping,
    ) -> None:
        self._looking = looking
        self._access = access
        self._recovering = recovering
        self._keeping = keeping

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    async def ListUsers(
        self, request: pb2.ListUsersRequest, context: Context
    ) -> pb2.ListUsersResponse:
        limit = page_size(request.page_size)
        listing = await self._looking.list(
            current_call(), limit, request.page_token, email=request.email
        )
        return pb2.ListUsersResponse(
            users=[operated_user(user) async for user in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )

    async def GetUser(self, request: pb2.GetUserRequest, context: Context) -> pb2.GetUserResponse:
        user = await self._looking.get(current_call(), UUID(request.user_id))
        return pb2.GetUserResponse(user=operated_user(user))

    async def ListUserLogins(
        self, request: pb2.ListUserLoginsRequest, context: Context
    ) -> pb2.ListUserLoginsResponse:
        call, limit = current_call(), page_size(request.page_size)
        listing = await self._looking.logins(call, UUID(request.user_id), limit, request.page_token)
        return pb2.ListUserLoginsResponse(
            logins=[login_message(login, call.caller) for login in listing.items],
            next_page_token=listing.next_page_token,
        )

    async def ListUserActivity(
        self, request: pb2.ListUserActivityRequest, context: Context
    ) -> pb2.ListUserActivityResponse:
        call, limit = current_call(), page_size(request.page_size)
        listing = await self._looking.activity(
            call, UUID(request.user_id), limit, request.page_token
        )
        return pb2.ListUserActivityResponse(
            events=[event_message(event) async for event in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )

    async def ExportUser(
        self, request: pb2.ExportUserRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        user_id = UUID(request.user_id)
        async for chunk in self._looking.export(current_call(), user_id):
            text = export.text(export_lines(chunk, caller_for(user_id)))
            yield httpbody_pb2.HttpBody(content_type=export.CONTENT_TYPE, data=text)

    # ── access ───────────────────────────────────────────────────────────────────────────────

    async def DisableUser(
        self, request: pb2.DisableUserRequest, context: Context
    ) -> pb2.DisableUserResponse:
        user = await self._access.disable(current_call(), UUID(request.user_id), request.reason)
        return pb2.DisableUserResponse(user=operated_user(user))

    async def EnableUser(
        self, request: pb2.EnableUserRequest, context: Context
    ) -> pb2.EnableUserResponse:
        user = await self._access.enable(current_call(), UUID(request.user_id), request.reason)
        return pb2.EnableUserResponse(user=operated_user(user))

    async def UnlockUser(
        self, request: pb2.UnlockUserRequest, context: Context
    ) -> pb2.UnlockUserResponse:
        user = await self._access.unlock(current_call(), UUID(request.user_id), request.reason)
        return pb2.UnlockUserResponse(user=operated_user(user))

    async def LogOutUser(
        self, request: pb2.LogOutUserRequest, context: Context
    ) -> pb2.LogOutUserResponse:
        user = await self._access.log_out(
            current_call(), UUID(request.user_id), request.reason, tokens=request.tokens
        )
        return pb2.LogOutUserResponse(user=operated_user(user))

    # ── recovering ───────────────────────────────────────────────────────────────────────────

    async def ResetUserPassword(
        self, request: pb2.ResetUserPasswordRequest, context: Context
    ) -> pb2.ResetUserPasswordResponse:
        user = await self._recovering.reset_password(
            current_call(), UUID(request.user_id), request.reason
        )
        return pb2.ResetUserPasswordResponse(user=operated_user(user))

    async def CorrectUserEmail(
        self, request: pb2.CorrectUserEmailRequest, context: Context
    ) -> pb2.CorrectUserEmailResponse:
        user = await self._recovering.correct_email(
            current_call(), UUID(request.user_id), request.reason, request.email
        )
        return pb2.CorrectUserEmailResponse(user=operated_user(user))

    async def RemoveUserFactors(
        self, request: pb2.RemoveUserFactorsRequest, context: Context
    ) -> pb2.RemoveUserFactorsResponse:
        user = await self._recovering.remove_factors(
            current_call(), UUID(request.user_id), request.reason
        )
        return pb2.RemoveUserFactorsResponse(user=operated_user(user))

    # ── keeping ──────────────────────────────────────────────────────────────────────────────

    async def HoldUser(
        self, request: pb2.HoldUserRequest, context: Context
    ) -> pb2.HoldUserResponse:
        user = await self._keeping.hold(current_call(), UUID(request.user_id), request.reason)
        return pb2.HoldUserResponse(user=operated_user(user))

    async def ReleaseUser(
        self, request: pb2.ReleaseUserRequest, context: Context
    ) -> pb2.ReleaseUserResponse:
        user = await self._keeping.release(current_call(), UUID(request.user_id), request.reason)
        return pb2.ReleaseUserResponse(user=operated_user(user))

    async def DeleteUser(
        self, request: pb2.DeleteUserRequest, context: Context
    ) -> pb2.DeleteUserResponse:
        due = await self._keeping.delete(current_call(), UUID(request.user_id), request.reason)
        return pb2.DeleteUserResponse(delete_time=None if due is None else timestamp(due))
