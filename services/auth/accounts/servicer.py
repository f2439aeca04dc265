"""Between the contract and the accounts: messages in, values through, messages out."""

from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from coditect.auth.v5 import accounts_pb2, accounts_pb2_grpc
from kernel import export
from kernel.emails import normalized_email
from kernel.identity.callers import current_caller
from kernel.identity.devices import device_of
from kernel.rpc.idempotency import replay_of
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from services.auth.accounts.deletion import DeleteAccount
from services.auth.accounts.export import ExportAccount
from services.auth.accounts.password_change import ChangePassword
from services.auth.accounts.profile import AccountProfile, ProfileUpdate
from services.auth.accounts.registration import RegisterAccount
from services.auth.logins.messages import login_message, login_result
from services.auth.users.messages import user_message


class AccountsServicer(accounts_pb2_grpc.AccountsServiceServicer):
    """Answers coditect.auth.v5.AccountsService."""

    def __init__(
        self,
        registration: RegisterAccount,
        profile: AccountProfile,
        password_change: ChangePassword,
        deletion: DeleteAccount,
        export: ExportAccount,
        seal: Seal,
    ) -> None:
        self._registration = registration
        self._profile = profile
        self._password_change = password_change
        self._deletion = deletion
        self._export = export
        self._seal = seal

    async def Register(
        self, request: accounts_pb2.RegisterRequest, context: Context
    ) -> accounts_pb2.RegisterResponse:
        # There is no caller yet: the key belongs to the address that registers.
        sender = normalized_email(request.email)
        replay = replay_of(context, "Register", sender, request, self._seal)
        profile = ProfileUpdate(request.first_name, request.last_name, request.company)
        result = await self._registration.register(
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
            user=user_message(await self._profile.get(current_caller()))
        )

    async def UpdateMe(
        self, request: accounts_pb2.UpdateMeRequest, context: Context
    ) -> accounts_pb2.UpdateMeResponse:
        caller = current_caller()
        replay = replay_of(context, "UpdateMe", str(caller.user_id), request, self._seal)
        profile = ProfileUpdate(
            request.first_name if request.HasField("first_name") else None,
            request.last_name if request.HasField("last_name") else None,
            request.company if request.HasField("company") else None,
        )
        user = await self._profile.update(caller, profile, replay)
        return accounts_pb2.UpdateMeResponse(user=user_message(user))

    async def DeleteMe(
        self, request: accounts_pb2.DeleteMeRequest, context: Context
    ) -> accounts_pb2.DeleteMeResponse:
        await self._deletion.delete(current_caller(), request.password)
        return accounts_pb2.DeleteMeResponse()

    async def ChangePassword(
        self, request: accounts_pb2.ChangePasswordRequest, context: Context
    ) -> accounts_pb2.ChangePasswordResponse:
        await self._password_change.change(
            current_caller(), request.current_password, request.new_password
        )
        return accounts_pb2.ChangePasswordResponse()

    async def ExportMe(
        self, request: accounts_pb2.ExportMeRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        caller = current_caller()
        async for chunk in self._export.export(caller):
            lines = [export.line("user", user_message(user)) for user in chunk.users]
            lines += [
                export.line(
                    "login", login_message(login, current=login.login_id == caller.login_id)
                )
                for login in chunk.logins
            ]
            yield httpbody_pb2.HttpBody(
                content_type=export.CONTENT_TYPE, data=export.text([*lines, *chunk.lines])
            )
