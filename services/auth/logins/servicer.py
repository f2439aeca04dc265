"""Between the contract and the logins: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import logins_pb2, logins_pb2_grpc
from kernel.emails import normalized_email
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.logins.devices import Devices
from services.auth.logins.messages import (
    login_message,
    login_result,
    set_device_cookie,
    tokens_message,
)
from services.auth.logins.password_login import Credentials, PasswordLogin
from services.auth.logins.reauthentication import Reauthentication
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.switch_tenant import SwitchTenant
from services.auth.throttling.devices import COOKIE


class LoginsServicer(logins_pb2_grpc.LoginsServiceServicer):
    """Answers coditect.auth.v5.LoginsService."""

    def __init__(
        self,
        password_login: PasswordLogin,
        refresh: RefreshLogin,
        devices: Devices,
        switch_tenant: SwitchTenant,
        reauthentication: Reauthentication,
    ) -> None:
        self._password_login = password_login
        self._refresh = refresh
        self._devices = devices
        self._switch_tenant = switch_tenant
        self._reauthentication = reauthentication

    async def Login(
        self, request: logins_pb2.LoginRequest, context: Context
    ) -> logins_pb2.LoginResponse:
        call, email = current_call(), normalized_email(request.email.strip())
        device_token = request.device_token or call.cookies.get(COOKIE, "")
        credentials = Credentials(email, request.password, device_token)
        result = await self._password_login.log_in(call, credentials, _tenant_id(request))
        set_device_cookie(call, result)
        return logins_pb2.LoginResponse(**login_result(result), device_token=result.device_token)

    async def Refresh(
        self, request: logins_pb2.RefreshRequest, context: Context
    ) -> logins_pb2.RefreshResponse:
        device = current_call().device
        result = await self._refresh.refresh(request.refresh_token, _tenant_id(request), device)
        return logins_pb2.RefreshResponse(**login_result(result))

    async def Logout(
        self, request: logins_pb2.LogoutRequest, context: Context
    ) -> logins_pb2.LogoutResponse:
        await self._devices.log_out(current_call(), request.refresh_token)
        return logins_pb2.LogoutResponse()

    async def Reauthenticate(
        self, request: logins_pb2.ReauthenticateRequest, context: Context
    ) -> logins_pb2.ReauthenticateResponse:
        tokens = await self._reauthentication.reauthenticate(current_call(), request.password)
        return logins_pb2.ReauthenticateResponse(tokens=tokens_message(tokens))

    async def LogoutAll(
        self, request: logins_pb2.LogoutAllRequest, context: Context
    ) -> logins_pb2.LogoutAllResponse:
        await self._devices.end_all(current_call())
        return logins_pb2.LogoutAllResponse()

    async def ListLogins(
        self, request: logins_pb2.ListLoginsRequest, context: Context
    ) -> logins_pb2.ListLoginsResponse:
        call, size = current_call(), page_size(request.page_size)
        logins, token = await self._devices.list(call, size, request.page_token)
        messages = [login_message(one, call.caller) for one in logins]
        return logins_pb2.ListLoginsResponse(logins=messages, next_page_token=token)

    async def EndLogin(
        self, request: logins_pb2.EndLoginRequest, context: Context
    ) -> logins_pb2.EndLoginResponse:
        await self._devices.end(current_call(), UUID(request.login_id))
        return logins_pb2.EndLoginResponse()

    async def SwitchTenant(
        self, request: logins_pb2.SwitchTenantRequest, context: Context
    ) -> logins_pb2.SwitchTenantResponse:
        result = await self._switch_tenant.switch(current_call(), UUID(request.tenant_id))
        return logins_pb2.SwitchTenantResponse(**login_result(result))


def _tenant_id(request: logins_pb2.LoginRequest | logins_pb2.RefreshRequest) -> UUID | None:
    """The tenant that a request names, if any."""
    return UUID(request.tenant_id) if request.HasField("tenant_id") else None
