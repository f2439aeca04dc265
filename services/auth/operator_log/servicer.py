"""Between the contract and the operator log: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import operator_log_pb2, operator_log_pb2_grpc
from kernel.cooperative import yielding
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.operator_log.log import OperatorLog
from services.auth.operator_log.messages import act_message


class OperatorLogServicer(operator_log_pb2_grpc.OperatorLogServiceServicer):
    """Answers coditect.auth.v5.OperatorLogService."""

    def __init__(self, log: OperatorLog) -> None:
        self._log = log

    async def ListOperatorLog(
        self, request: operator_log_pb2.ListOperatorLogRequest, context: Context
    ) -> operator_log_pb2.ListOperatorLogResponse:
        listing = await self._log.list(
            page_size(request.page_size),
            request.page_token,
            user_id=UUID(request.user_id) if request.user_id else None,
            tenant_id=UUID(request.tenant_id) if request.tenant_id else None,
        )
        return operator_log_pb2.ListOperatorLogResponse(
            acts=[act_message(act) async for act in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )
