"""Between the contract and the use cases: messages in, values through, messages out. No rules."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.api import httpbody_pb2

from coditect.auth.internal.v1 import auth_pb2 as internal_pb2
from coditect.auth.internal.v1 import auth_pb2_grpc as internal_grpc
from coditect.auth.v5 import (
    accounts_pb2,
    accounts_pb2_grpc,
)
from kernel import export
from kernel.emails import normalized_email
from kernel.fields import Fields
from kernel.identity.callers import current_caller
from kernel.identity.devices import device_of
from kernel.rpc.idempotency import replay_of
from kernel.seal import Seal
from services.auth.accounts import Accounts, Profile
from services.auth.exports import Exports
from services.auth.logins.messages import login_message, login_result
from services.auth.revocations.log import RevocationLog
from services.auth.users.messages import user_message

Context = grpc.aio.ServicerContext[Any, Any]


class AccountsServicer(accounts_pb2_grpc.AccountsServiceServicer):
    """Answers coditect.auth.v5.AccountsService."""

    def __init__(self, accounts: Accounts, exports: Exports, seal: Seal) -> None:
        self._accounts = accounts
        self._exports = exports
        self._seal = seal

    async def Register(
        self, request: accounts_pb2.RegisterRequest, context: Context
    ) -> accounts_pb2.RegisterResponse:
        # Nobody is logged in yet: the key belongs to the address that registers.
        sender = normalized_email(request.email)
        replay = replay_of(context, "Register", sender, request, self._seal)
        profile = Profile(request.first_name, request.last_name, request.company)
        result = await self._accounts.register(
            request.email,
            request.password,
            profile,
            device_of(context.invocation_metadata()),
            replay,
        )
        return accounts_pb2.RegisterResponse(**login_result(result))

    async def GetMe(
        self, request: accounts_pb2.GetMeRequest, context: Context
    ) -> accounts_pb2.GetMeResponse:
        return accounts_pb2.GetMeResponse(
            user=user_message(await self._accounts.get(current_caller()))
        )

    async def UpdateMe(
        self, request: accounts_pb2.UpdateMeRequest, context: Context
    ) -> accounts_pb2.UpdateMeResponse:
        caller = current_caller()
        replay = replay_of(context, "UpdateMe", str(caller.user_id), request, self._seal)
        profile = Profile(
            request.first_name if request.HasField("first_name") else None,
            request.last_name if request.HasField("last_name") else None,
            request.company if request.HasField("company") else None,
        )
        user = await self._accounts.update(caller, profile, replay)
        return accounts_pb2.UpdateMeResponse(user=user_message(user))

    async def DeleteMe(
        self, request: accounts_pb2.DeleteMeRequest, context: Context
    ) -> accounts_pb2.DeleteMeResponse:
        await self._accounts.delete(current_caller(), request.password)
        return accounts_pb2.DeleteMeResponse()

    async def ChangePassword(
        self, request: accounts_pb2.ChangePasswordRequest, context: Context
    ) -> accounts_pb2.ChangePasswordResponse:
        await self._accounts.change_password(
            current_caller(), request.current_password, request.new_password
        )
        return accounts_pb2.ChangePasswordResponse()

    async def ExportMe(
        self, request: accounts_pb2.ExportMeRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        caller = current_caller()
        async for kept in self._exports.of(caller):
            lines = [export.line("user", user_message(user)) for user in kept.users]
            lines += [
                export.line(
                    "login", login_message(login, current=login.login_id == caller.login_id)
                )
                for login in kept.logins
            ]
            yield httpbody_pb2.HttpBody(
                content_type=export.CONTENT_TYPE, data=export.text([*lines, *kept.lines])
            )


class AuthInternalServicer(internal_grpc.AuthInternalServiceServicer):
    """Answers coditect.auth.internal.v1.AuthInternalService."""

    def __init__(self, accounts: Accounts, log: RevocationLog) -> None:
        self._accounts = accounts
        self._log = log

    async def RevokeTenantTokens(
        self, request: internal_pb2.RevokeTenantTokensRequest, context: Context
    ) -> internal_pb2.RevokeTenantTokensResponse:
        fields, user_id = Fields(), None
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        if request.user_id:
            user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._log.revoke_tenant_tokens(tenant_id, user_id, request.tenant_epoch)
        return internal_pb2.RevokeTenantTokensResponse()

    async def GetUserProfile(
        self, request: internal_pb2.GetUserProfileRequest, context: Context
    ) -> internal_pb2.GetUserProfileResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        user = await self._accounts.profile(user_id)
        return internal_pb2.GetUserProfileResponse(
            email=user.email,
            normalized_email=normalized_email(user.email),
            first_name=user.first_name,
            last_name=user.last_name,
            profile_revision=user.profile_revision,
        )
