"""The feed of events over gRPC: turns requests into values, and values into responses."""

from coditect.tenants.v5 import events_pb2, events_pb2_grpc
from kernel.cooperative import yielding
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.events import messages
from services.tenants.events.events import Events


class EventsServicer(events_pb2_grpc.EventsServiceServicer):
    """Answers coditect.tenants.v5.EventsService."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def ListEvents(
        self, request: events_pb2.ListEventsRequest, context: Context
    ) -> events_pb2.ListEventsResponse:
        size = page_size(request.page_size)
        found = await self._events.list(current_call(), size, request.cursor)
        return events_pb2.ListEventsResponse(
            events=[messages.event(entry) async for entry in yielding(found.entries)],
            next_cursor=found.next_cursor,
            has_more=found.has_more,
        )
