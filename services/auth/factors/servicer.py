"""Between the contract and the factors: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import factors_pb2, factors_pb2_grpc
from kernel.clock import timestamp
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.factors.listing import FactorList
from services.auth.factors.messages import factor_message
from services.auth.factors.recovery import FactorRecovery
from services.auth.factors.undo import UndoFactor
from services.auth.one_time_tokens.messages import proof_of


class FactorsServicer(factors_pb2_grpc.FactorsServiceServicer):
    """Answers coditect.auth.v5.FactorsService."""

    def __init__(self, factors: FactorList, recovery: FactorRecovery, undo: UndoFactor) -> None:
        self._factors = factors
        self._recovery = recovery
        self._undo = undo

    async def ListFactors(
        self, request: factors_pb2.ListFactorsRequest, context: Context
    ) -> factors_pb2.ListFactorsResponse:
        found = await self._factors.list(current_call())
        due = found.recovery_time
        return factors_pb2.ListFactorsResponse(
            factors=map(factor_message, found.factors),
            recovery_time=None if due is None else timestamp(due),
        )

    async def UpdateFactor(
        self, request: factors_pb2.UpdateFactorRequest, context: Context
    ) -> factors_pb2.UpdateFactorResponse:
        factor_id = UUID(request.factor_id)
        renamed = await self._factors.rename(current_call(), factor_id, request.name)
        return factors_pb2.UpdateFactorResponse(factor=factor_message(renamed))

    async def DeleteFactor(
        self, request: factors_pb2.DeleteFactorRequest, context: Context
    ) -> factors_pb2.DeleteFactorResponse:
        await self._factors.remove(current_call(), UUID(request.factor_id))
        return factors_pb2.DeleteFactorResponse()

    async def UndoFactor(
        self, request: factors_pb2.UndoFactorRequest, context: Context
    ) -> factors_pb2.UndoFactorResponse:
        await self._undo.undo(current_call(), request.token)
        return factors_pb2.UndoFactorResponse()

    async def StartFactorRecovery(
        self, request: factors_pb2.StartFactorRecoveryRequest, context: Context
    ) -> factors_pb2.StartFactorRecoveryResponse:
        await self._recovery.start(current_call(), request.challenge_token)
        return factors_pb2.StartFactorRecoveryResponse()

    async def ConfirmFactorRecovery(
        self, request: factors_pb2.ConfirmFactorRecoveryRequest, context: Context
    ) -> factors_pb2.ConfirmFactorRecoveryResponse:
        due = await self._recovery.confirm(current_call(), proof_of(request))
        return factors_pb2.ConfirmFactorRecoveryResponse(
            recovery_time=None if due is None else timestamp(due)
        )
