"""The smallest possible service behind the gateway, as a baseline.

It answers the methods of sessions with empty messages, on bare grpc.aio: no checks, no storage, no
records. A call to it costs what gRPC, the gateway and the network cost.
"""

import asyncio
import os
import sys
from typing import Any

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc


class EmptySessions(sessions_pb2_grpc.SessionsServiceServicer):
    """Answers with empty messages."""

    async def GetSession(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Returns a session with no field set; proto JSON prints the default values."""
        return sessions_pb2.GetSessionResponse(session=sessions_pb2.Session())

    async def DeleteSession(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Returns an empty message."""
        return sessions_pb2.DeleteSessionResponse()


async def _serve() -> None:
    server = grpc.aio.server()
    sessions_pb2_grpc.add_SessionsServiceServicer_to_server(
        EmptySessions(),  # type: ignore[abstract]  # the other methods are never called
        server,
    )
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    server.add_insecure_port(os.environ["LISTEN"])
    await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(uvloop.run(_serve()))
