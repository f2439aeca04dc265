"""Between the contract and the logins: messages in, values through, messages out."""

from coditect.auth.v5 import logins_pb2, logins_pb2_grpc
from kernel.emails import normalized_email
from kernel.fields import Fields
from kernel.identity.callers import current_caller
from kernel.identity.devices import device_of
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.logins.devices import Devices
from services.auth.logins.messages import login_message, login_result
from services.auth.logins.password_login import PasswordLogin
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.switch_tenant import SwitchTenant


class LoginsServicer(logins_pb2_grpc.LoginsServiceServicer):
    """Answers coditect.auth.v5.LoginsService."""

    def __init__(
        self,
        password_login: PasswordLogin,
        refresh: RefreshLogin,
        devices: Devices,
        switch_tenant: SwitchTenant,
    ) -> None:
        self._password_login = password_login
        self._refresh = refresh
        self._devices = devices
        self._switch_tenant = switch_tenant

    async def Login(
        self, request: logins_pb2.LoginRequest, context: Context
    ) -> logins_pb2.LoginResponse:
        result = await self._password_login.log_in(
            normalized_email(request.email.strip()),
            request.password,
            device_of(context.invocation_metadata()),
        )
        return logins_pb2.LoginResponse(**login_result(result))

    async def Refresh(
        self, request: logins_pb2.RefreshRequest, context: Context
    ) -> logins_pb2.RefreshResponse:
        return logins_pb2.RefreshResponse(
            **login_result(await self._refresh.refresh(request.refresh_token))
        )

    async def Logout(
        self, request: logins_pb2.LogoutRequest, context: Context
    ) -> logins_pb2.LogoutResponse:
        await self._devices.log_out(current_caller())
        return logins_pb2.LogoutResponse()

    async def LogoutAll(
        self, request: logins_pb2.LogoutAllRequest, context: Context
    ) -> logins_pb2.LogoutAllResponse:
        await self._devices.end_all(current_caller())
        return logins_pb2.LogoutAllResponse()

    async def ListLogins(
        self, request: logins_pb2.ListLoginsRequest, context: Context
    ) -> logins_pb2.ListLoginsResponse:
        caller = current_caller()
        logins, token = await self._devices.list(
            caller, page_size(request.page_size), request.page_token
        )
        return logins_pb2.ListLoginsResponse(
            logins=[
                login_message(login, current=login.login_id == caller.login_id) for login in logins
            ],
            next_page_token=token,
        )

    async def EndLogin(
        self, request: logins_pb2.EndLoginRequest, context: Context
    ) -> logins_pb2.EndLoginResponse:
        fields = Fields()
        login_id = fields.uuid("loginId", request.login_id)
        fields.check()
        await self._devices.end(current_caller(), login_id)
        return logins_pb2.EndLoginResponse()

    async def SwitchTenant(
        self, request: logins_pb2.SwitchTenantRequest, context: Context
    ) -> logins_pb2.SwitchTenantResponse:
        fields = Fields()
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        fields.check()
        result = await self._switch_tenant.switch(current_caller(), tenant_id)
        return logins_pb2.SwitchTenantResponse(**login_result(result))
