"""Between the contract and the authenticator apps: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import totp_pb2, totp_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.factors.messages import factor_message
from services.auth.logins.messages import tokens_message
from services.auth.totp.enrollment import EnrollTotp


class TotpServicer(totp_pb2_grpc.TotpServiceServicer):
    """Answers coditect.auth.v5.TotpService."""

    def __init__(self, enrollment: EnrollTotp) -> None:
        self._enrollment = enrollment

    async def EnrollTotp(
        self, request: totp_pb2.EnrollTotpRequest, context: Context
    ) -> totp_pb2.EnrollTotpResponse:
        enrolled = await self._enrollment.enroll(current_call(), request.name)
        return totp_pb2.EnrollTotpResponse(
            factor_id=str(enrolled.factor_id),
            secret=enrolled.secret,
            uri=enrolled.uri,
            qr_svg=await enrolled.qr_svg(),
        )

    async def ConfirmTotp(
        self, request: totp_pb2.ConfirmTotpRequest, context: Context
    ) -> totp_pb2.ConfirmTotpResponse:
        call, factor_id = current_call(), UUID(request.factor_id)
        added = await self._enrollment.confirm(call, factor_id, request.code)
        return totp_pb2.ConfirmTotpResponse(
            factor=factor_message(added.factor),
            recovery_codes=added.recovery_codes,
            tokens=tokens_message(call, added.tokens),
        )
