"""Between the contract and the passkeys: messages in, values through, messages out."""

from coditect.auth.v5 import passkeys_pb2, passkeys_pb2_grpc
from kernel.clock import timestamp
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.rpc.structs import mapping_of, struct_of
from services.auth.factors.messages import factor_message
from services.auth.logins.messages import tokens_message
from services.auth.passkeys.registration import RegisterPasskey


class PasskeysServicer(passkeys_pb2_grpc.PasskeysServiceServicer):
    """Answers coditect.auth.v5.PasskeysService."""

    def __init__(self, registration: RegisterPasskey) -> None:
        self._registration = registration

    async def StartPasskey(
        self, request: passkeys_pb2.StartPasskeyRequest, context: Context
    ) -> passkeys_pb2.StartPasskeyResponse:
        start = await self._registration.options(current_call())
        return passkeys_pb2.StartPasskeyResponse(
            options=struct_of(start.options), expire_time=timestamp(start.expire_time)
        )

    async def CreatePasskey(
        self, request: passkeys_pb2.CreatePasskeyRequest, context: Context
    ) -> passkeys_pb2.CreatePasskeyResponse:
        call, credential = current_call(), mapping_of(request.credential)
        added = await self._registration.create(call, credential, request.name)
        return passkeys_pb2.CreatePasskeyResponse(
            factor=factor_message(added.factor),
            recovery_codes=added.recovery_codes,
            tokens=tokens_message(call, added.tokens),
        )
