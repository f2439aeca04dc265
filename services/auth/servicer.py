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
    logins_pb2,
    logins_pb2_grpc,
    tokens_pb2,
)
from kernel import export
from kernel.clock import timestamp
from kernel.emails import normalized_email
from kernel.fields import Fields
from kernel.identity.callers import current_caller
from kernel.identity.devices import device_of
from kernel.rpc.idempotency import replay_of
from kernel.seal import Seal
from kernel.storage.recipes.paging import page_size
from services.auth.accounts import Accounts, Profile
from services.auth.exports import Exports
from services.auth.logins import Logins
from services.auth.model import Login, LoginResult
from services.auth.revocations.log import RevocationLog
from services.auth.switching import Switching
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
        grant = await self._accounts.register(
            request.email,
            request.password,
            profile,
            device_of(context.invocation_metadata()),
            replay,
        )
        return accounts_pb2.RegisterResponse(**_login_result(grant))

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
                export.line("login", _login(login, current=login.login_id == caller.login_id))
                for login in kept.logins
            ]
            yield httpbody_pb2.HttpBody(
                content_type=export.CONTENT_TYPE, data=export.text([*lines, *kept.lines])
            )


class LoginsServicer(logins_pb2_grpc.LoginsServiceServicer):
    """Answers coditect.auth.v5.LoginsService."""

    def __init__(self, logins: Logins, switching: Switching) -> None:
        self._logins = logins
        self._switching = switching

    async def Login(
        self, request: logins_pb2.LoginRequest, context: Context
    ) -> logins_pb2.LoginResponse:
        grant = await self._logins.log_in(
            normalized_email(request.email.strip()),
            request.password,
            device_of(context.invocation_metadata()),
        )
        return logins_pb2.LoginResponse(**_login_result(grant))

    async def Refresh(
        self, request: logins_pb2.RefreshRequest, context: Context
    ) -> logins_pb2.RefreshResponse:
        return logins_pb2.RefreshResponse(
            **_login_result(await self._logins.refresh(request.refresh_token))
        )

    async def Logout(
        self, request: logins_pb2.LogoutRequest, context: Context
    ) -> logins_pb2.LogoutResponse:
        await self._logins.log_out(current_caller())
        return logins_pb2.LogoutResponse()

    async def LogoutAll(
        self, request: logins_pb2.LogoutAllRequest, context: Context
    ) -> logins_pb2.LogoutAllResponse:
        await self._logins.end_all(current_caller())
        return logins_pb2.LogoutAllResponse()

    async def ListLogins(
        self, request: logins_pb2.ListLoginsRequest, context: Context
    ) -> logins_pb2.ListLoginsResponse:
        caller = current_caller()
        logins, token = await self._logins.list(
            caller, page_size(request.page_size), request.page_token
        )
        return logins_pb2.ListLoginsResponse(
            logins=[_login(login, current=login.login_id == caller.login_id) for login in logins],
            next_page_token=token,
        )

    async def EndLogin(
        self, request: logins_pb2.EndLoginRequest, context: Context
    ) -> logins_pb2.EndLoginResponse:
        fields = Fields()
        login_id = fields.uuid("loginId", request.login_id)
        fields.check()
        await self._logins.end(current_caller(), login_id)
        return logins_pb2.EndLoginResponse()

    async def SwitchTenant(
        self, request: logins_pb2.SwitchTenantRequest, context: Context
    ) -> logins_pb2.SwitchTenantResponse:
        fields = Fields()
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        grant = await self._switching.switch(current_caller(), tenant_id)
        return logins_pb2.SwitchTenantResponse(**_login_result(grant))


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


def _login_result(grant: LoginResult) -> dict[str, Any]:
    tenant, tokens = grant.tenant, grant.tokens
    return {
        "user": user_message(grant.user),
        "tenant": tokens_pb2.Tenant(
            tenant_id=str(tenant.tenant_id),
            name=tenant.name,
            slug=tenant.slug,
            kind=tenant.kind,
            role=tenant.role,
            state=tenant.state,
            create_time=timestamp(tenant.create_time),
        ),
        "tokens": tokens_pb2.Tokens(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            token_type="Bearer",  # noqa: S106 - no secret
            expires_in=tokens.expires_in,
        ),
    }


def _login(login: Login, *, current: bool) -> logins_pb2.Login:
    return logins_pb2.Login(
        login_id=str(login.login_id),
        create_time=timestamp(login.create_time),
        last_used_time=timestamp(login.last_used_time),
        user_agent=login.device.user_agent,
        address=login.device.address,
        current=current,
    )
