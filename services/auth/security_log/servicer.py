"""Between the contract and the security log: messages in, values through, messages out."""

from coditect.auth.v5 import security_log_pb2, security_log_pb2_grpc
from kernel.cooperative import yielding
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.auth.security_log.activity import Activity
from services.auth.security_log.messages import event_message


class SecurityLogServicer(security_log_pb2_grpc.SecurityLogServiceServicer):
    """Answers coditect.auth.v5.SecurityLogService."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    async def ListActivity(
        self, request: security_log_pb2.ListActivityRequest, context: Context
    ) -> security_log_pb2.ListActivityResponse:
        size = page_size(request.page_size)
        listing = await self._activity.list(current_call(), size, request.page_token)
        return security_log_pb2.ListActivityResponse(
            events=[event_message(event) async for event in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )
