"""Audit log over gRPC: turns requests into values, and values into responses."""

import asyncio
from collections.abc import AsyncIterator

from google.api import httpbody_pb2

from coditect.tenants.v5 import audit_pb2, audit_pb2_grpc
from kernel.cooperative import yielding
from kernel.export import CONTENT_TYPE
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.tenants.audit import messages
from services.tenants.audit.audit import Audit

_NEWEST_FIRST = "time desc"


class AuditServicer(audit_pb2_grpc.AuditServiceServicer):
    """Answers coditect.tenants.v5.AuditService."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    async def ListAudit(
        self, request: audit_pb2.ListAuditRequest, context: Context
    ) -> audit_pb2.ListAuditResponse:
        limit = page_size(request.page_size)
        listing = await self._audit.list(
            current_call(),
            limit,
            request.page_token,
            newest_first=request.order_by == _NEWEST_FIRST,
        )
        return audit_pb2.ListAuditResponse(
            entries=[messages.entry(entry) async for entry in yielding(listing.items)],
            next_page_token=listing.next_page_token,
        )

    async def ExportAudit(
        self, _: audit_pb2.ExportAuditRequest, context: Context
    ) -> AsyncIterator[httpbody_pb2.HttpBody]:
        async for entries in self._audit.export(current_call()):
            data = await messages.lines(entries)
            yield httpbody_pb2.HttpBody(content_type=CONTENT_TYPE, data=data)
            await asyncio.sleep(0)  # a piece takes milliseconds: let other calls run in between
