"""Between the contract and the operators: messages in, values through, messages out."""

from coditect.auth.v5 import operators_pb2, operators_pb2_grpc
from kernel.clock import timestamp
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.operators.listing import OperatorList
from services.auth.operators.model import KnownOperator


class OperatorsServicer(operators_pb2_grpc.OperatorsServiceServicer):
    """Answers coditect.auth.v5.OperatorsService."""

    def __init__(self, operators: OperatorList) -> None:
        self._operators = operators

    async def ListOperators(
        self, request: operators_pb2.ListOperatorsRequest, context: Context
    ) -> operators_pb2.ListOperatorsResponse:
        limit = page_size(request.page_size)
        listing = await self._operators.list(limit, request.page_token)
        return operators_pb2.ListOperatorsResponse(
            operators=map(_message, listing.items), next_page_token=listing.next_page_token
        )


def _message(found: KnownOperator) -> operators_pb2.Operator:
    return operators_pb2.Operator(
        user_id=str(found.user.user_id),
        email=found.user.email,
        grant_time=timestamp(found.operator.grant_time),
    )
