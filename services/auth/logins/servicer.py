"""Between the contract and the logins: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import logins_pb2, logins_pb2_grpc
from kernel.clock import timestamp
from kernel.emails import normalized_email
from kernel.errors import InvalidRequest
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.rpc.structs import mapping_of, struct_of
from kernel.storage.recipes.paging import page_size
from services.auth.logins.browser_mode import given_refresh_token, is_browser, remove_cookie
from services.auth.logins.devices import Devices
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.messages import (
    challenge_message,
    login_message,
    login_result,
    new_login,
    reauthentication_of,
    second_factor_of,
    tokens_message,
)
from services.auth.logins.model import LoginChallenge
from services.auth.logins.passkey_login import PasskeyLogin
from services.auth.logins.password_login import Credentials, PasswordLogin
from services.auth.logins.reauthentication import Reauthentication
from services.auth.logins.refresh import RefreshLogin
from services.auth.logins.second_factor_login import SecondFactorLogin
from services.auth.logins.second_factors import Answer
from services.auth.logins.switch_tenant import SwitchTenant
from services.auth.throttling.devices import COOKIE


class LoginsServicer(logins_pb2_grpc.LoginsServiceServicer):
    """Answers coditect.auth.v5.LoginsService."""

    def __init__(
        self,
        password_login: PasswordLogin,
        second_factor_login: SecondFactorLogin,
        passkey_login: PasskeyLogin,
        refresh: RefreshLogin,
        devices: Devices,
        switch_tenant: SwitchTenant,
        reauthentication: Reauthentication,
    ) -> None:
        self._password_login = password_login
        self._second_factor_login = second_factor_login
        self._passkey_login = passkey_login
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
        if isinstance(result, LoginChallenge):
            return logins_pb2.LoginResponse(challenge=challenge_message(result))
        return logins_pb2.LoginResponse(**new_login(call, result))

    async def LoginWithSecondFactor(
        self, request: logins_pb2.LoginWithSecondFactorRequest, context: Context
    ) -> logins_pb2.LoginWithSecondFactorResponse:
        call, answer = current_call(), second_factor_of(request)
        result = await self._second_factor_login.log_in(call, request.challenge_token, answer)
        return logins_pb2.LoginWithSecondFactorResponse(**new_login(call, result))

    async def StartPasskeyLogin(
        self, request: logins_pb2.StartPasskeyLoginRequest, context: Context
    ) -> logins_pb2.StartPasskeyLoginResponse:
        options, expire_time = await self._passkey_login.options(current_call())
        return logins_pb2.StartPasskeyLoginResponse(
            options=struct_of(options), expire_time=timestamp(expire_time)
        )

    async def LoginWithPasskey(
        self, request: logins_pb2.LoginWithPasskeyRequest, context: Context
    ) -> logins_pb2.LoginWithPasskeyResponse:
        call, credential = current_call(), mapping_of(request.credential)
        device_token = request.device_token or call.cookies.get(COOKIE, "")
        tenant_id = _tenant_id(request)
        result = await self._passkey_login.log_in(call, credential, tenant_id, device_token)
        return logins_pb2.LoginWithPasskeyResponse(**new_login(call, result))

    async def Refresh(
        self, request: logins_pb2.RefreshRequest, context: Context
    ) -> logins_pb2.RefreshResponse:
        call, tenant_id = current_call(), _tenant_id(request)
        token = given_refresh_token(call, request.refresh_token)
        if not token and not is_browser(call):
            raise InvalidRequest.of("refreshToken", "REQUIRED", "Must not be empty.")
        try:
            result = await self._refresh.refresh(token, tenant_id, call.device)
        except RefreshTokenInvalid:
            # That of the body says nothing about the one in the cookie.
            if not request.refresh_token:
                remove_cookie(call)
            raise
        return logins_pb2.RefreshResponse(**login_result(call, result))

    async def Logout(
        self, request: logins_pb2.LogoutRequest, context: Context
    ) -> logins_pb2.LogoutResponse:
        call = current_call()
        token = given_refresh_token(call, request.refresh_token)
        if token or call.caller_if_any or not is_browser(call):
            await self._devices.log_out(call, token)
        remove_cookie(call)
        return logins_pb2.LogoutResponse()

    async def Reauthenticate(
        self, request: logins_pb2.ReauthenticateRequest, context: Context
    ) -> logins_pb2.ReauthenticateResponse:
        call = current_call()
        proof = reauthentication_of(request)
        if isinstance(proof, Answer):
            tokens = await self._reauthentication.by_second_factor(call, proof)
        else:
            tokens = await self._reauthentication.by_password(call, proof)
        return logins_pb2.ReauthenticateResponse(tokens=tokens_message(call, tokens))

    async def LogoutAll(
        self, request: logins_pb2.LogoutAllRequest, context: Context
    ) -> logins_pb2.LogoutAllResponse:
        call = current_call()
        await self._devices.end_all(call)
        remove_cookie(call)
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
        call = current_call()
        result = await self._switch_tenant.switch(call, UUID(request.tenant_id))
        return logins_pb2.SwitchTenantResponse(**login_result(call, result))


def _tenant_id(
    request: logins_pb2.LoginRequest
    | logins_pb2.LoginWithPasskeyRequest
    | logins_pb2.RefreshRequest,
) -> UUID | None:
    """The tenant that a request names, if any."""
    return UUID(request.tenant_id) if request.HasField("tenant_id") else None
