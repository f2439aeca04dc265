"""Reads what a method streams."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody

from kernel.rpc.errors import from_call
from tests.support.service import Service
from tests.support.tokens import User


async def pieces(
    service: Service, method: Any, request: Any, user: User
) -> AsyncIterator[HttpBody]:
    """Each piece of a stream as it arrives. Raises `RemoteError`."""
    metadata = [("authorization", f"Bearer {service.mint.token(user)}")]
    try:
        async for piece in method(request, metadata=metadata, timeout=10):
            yield piece
    except grpc.aio.AioRpcError as error:
        raise from_call(error) from None


async def download(service: Service, method: Any, request: Any, user: User) -> bytes:
    """All pieces of a stream as one. Raises `RemoteError`."""
    return b"".join([piece.data async for piece in pieces(service, method, request, user)])
