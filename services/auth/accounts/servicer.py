"""Between the contract and the accounts: messages in, values through, messages out."""

from collections.abc import AsyncIterator
from typing import Any, Protocol

from google.api import httpbody_pb2

from coditect.auth.v5 import accounts_pb2, accounts_pb2_grpc
from kernel import export
from kernel.clock import timestamp
from kernel.fields import Fields
from kernel.identity.callers import Call, current_call
from kernel.rpc.interceptors import Context
from kernel.rpc.request_checks import Check
from services.auth.accounts.deletion import DeleteAccount
from services.auth.accounts.export import ExportAccount
from services.auth.accounts.messages import export_lines
from services.auth.accounts.model import NewAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.profile import AccountProfile, ProfileUpdate
from services.auth.logins.browser_mode import remove_cookie
from services.auth.logins.messages import new_login
from services.auth.logins.model import LoginResult
from services.auth.notifications.language import DEFAULT, check_language, language_of
from services.auth.passwords.policy import PasswordPolicy
from services.auth.users.messages import user_message


class RegistrationMode(Protocol):
    """What a registration does: makes an account, or waits for the proof of its address."""

    async def register(self, call: Call, new: NewAccount) -> LoginResult | None:
        """The first login of the new account; None if the account is made later."""
        ...


class AccountsServicer(accounts_pb2_grpc.AccountsServiceServicer):
    """Answers coditect.auth.v5.AccountsService."""

    def __init__(
        self,
        registration: RegistrationMode,
        profile: AccountProfile,
        password_change: ChangePassword,
        deletion: DeleteAccount,
        export: ExportAccount,
    ) -> None:
        self._registration = registration
        self._profile = profile
        self._password_change = password_change
        self._deletion = deletion
        self._export = export

    async def Register(
        self, request: accounts_pb2.RegisterRequest, context: Context
    ) -> accounts_pb2.RegisterResponse:
        call = current_call()
        new = new_account(request, language_of(call.accept_language))
        result = await self._registration.register(call, new)
        if result is None:
            return accounts_pb2.RegisterResponse()
        return accounts_pb2.RegisterResponse(**new_login(call, result))

    async def GetMe(
        self, request: accounts_pb2.GetMeRequest, context: Context
    ) -> accounts_pb2.GetMeResponse:
        user = await self._profile.get(current_call())
        return accounts_pb2.GetMeResponse(user=user_message(user))

    async def UpdateMe(
        self, request: accounts_pb2.UpdateMeRequest, context: Context
    ) -> accounts_pb2.UpdateMeResponse:
        update = ProfileUpdate(
            request.first_name if request.HasField("first_name") else None,
            request.last_name if request.HasField("last_name") else None,
            request.company if request.HasField("company") else None,
            request.language if request.HasField("language") else None,
        )
        user = await self._profile.update(current_call(), update)
        return accounts_pb2.UpdateMeResponse(user=user_message(user))

    async def DeleteMe(
        self, request: accounts_pb2.DeleteMeRequest, context: Context
    ) -> accounts_pb2.DeleteMeResponse:
        call = current_call()
        due = await self._deletion.delete(call, request.password)
        remove_cookie(call)
        return accounts_pb2.DeleteMeResponse(delete_time=None if due is None else timestamp(due))

    async def ChangePassword(
        self, request: accounts_pb2.ChangePasswordRequest, context: Context
    ) -> accounts_pb2.ChangePasswordResponse:
        await self._password_change.change(
            current_call(), request.current_password, request.new_password
        )
        return accounts_pb2.ChangePasswordResponse()

    async def ExportMe(
        self, request: accounts_pb2.ExportMeRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        call = current_call()
        async for chunk in self._export.export(call):
            text = export.text(export_lines(chunk, call.caller))
            yield httpbody_pb2.HttpBody(content_type=export.CONTENT_TYPE, data=text)


def password_check(policy: PasswordPolicy) -> Check:
    """A check that notes what is wrong with a registration's password, beside its other bad fields."""

    def check(request: Any, fields: Fields) -> None:
        policy.check(fields, "password", request.password, request)

    return check


def check_profile(request: Any, fields: Fields) -> None:
    """Notes a language of a profile that does not exist, beside its other bad fields."""
    if request.HasField("language"):
        check_language(fields, request.language)


def new_account(request: accounts_pb2.RegisterRequest, language: str = DEFAULT) -> NewAccount:
    """What a registration asks for."""
    return NewAccount(
        email=request.email,
        password=request.password,
        first_name=request.first_name,
        last_name=request.last_name,
        company=request.company,
        language=language,
    )
