"""Between the contract and the recovery codes: messages in, values through, messages out."""

from coditect.auth.v5 import recovery_codes_pb2, recovery_codes_pb2_grpc
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.recovery_codes.recovery_codes import RecoveryCodeFactor


class RecoveryCodesServicer(recovery_codes_pb2_grpc.RecoveryCodesServiceServicer):
    """Answers coditect.auth.v5.RecoveryCodesService."""

    def __init__(self, codes: RecoveryCodeFactor) -> None:
        self._codes = codes

    async def CreateRecoveryCodes(
        self, request: recovery_codes_pb2.CreateRecoveryCodesRequest, context: Context
    ) -> recovery_codes_pb2.CreateRecoveryCodesResponse:
        texts = await self._codes.replace_all(current_call())
        return recovery_codes_pb2.CreateRecoveryCodesResponse(recovery_codes=texts)
