"""A service in the test's process: its real server on a free port, called over a real channel."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

import grpc

from kernel.identity.service_tokens import ServiceTokens
from kernel.rpc.client import Client
from kernel.rpc.server import App, Server
from kernel.settings import ServiceSettings, secrets_of
from tests.support.clock import FixedClock
from tests.support.tokens import Mint, User

SERVICE_KEY = "c2VydmljZS1rZXktc2VydmljZS1rZXktc2VydmljZSE="
SEAL_KEY = "c2VhbC1rZXktc2VhbC1rZXktc2VhbC1rZXktc2VhbC0="

ENVIRON = {
    "STORE_URL": "lmdb:///unused",
    "LISTEN": "127.0.0.1:0",
    "SERVICE_KEYS": SERVICE_KEY,
    "SEAL_KEYS": SEAL_KEY,
    "STOP_SECONDS": "0",
}
"""The settings of every service; the store is passed in."""
UNREACHABLE = "127.0.0.1:9"
"""An address where nothing listens."""

Request = TypeVar("Request")
Response = TypeVar("Response")
Stub = TypeVar("Stub")


class Service:
    """A running service and a client of it.

    Args:
        name: The name of the service.
        app: Its app.
        settings: Its settings.
        port: Its port.
        clock: Its clock.
    """

    def __init__(
        self, name: str, app: App, settings: ServiceSettings, port: int, clock: FixedClock
    ) -> None:
        self.name = name
        self.app = app
        self.port = port
        self.mint = Mint(clock)
        self._keys = secrets_of(settings.service_keys)
        self._clock = clock
        self._client = Client(f"127.0.0.1:{port}", name)
        self._peers: dict[str, Client] = {}
        self.trust()

    def trust(self) -> None:
        """Makes the service trust this test's tokens, as if its feed had delivered the keys."""
        self.app.authorizer.verifier.trust(self.mint.keys)
        self.app.authorizer.revocations.mark_fresh()

    def advance(self, **time: float) -> None:
        """Moves the clock, and keeps the feed fresh."""
        self._clock.advance(**time)
        self.app.authorizer.revocations.mark_fresh()

    def stub(self, make: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """A generated stub, for calls as a user or without a token."""
        return self._client.stub(make)

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        *,
        user: User | None = None,
        key: str | None = None,
    ) -> Response:
        """Calls a method as a user, or without a token, with an idempotency key if given."""
        token = None if user is None else self.mint.token(user)
        return await self._client.call(method, request, access_token=token, idempotency_key=key)

    def peer(self, name: str) -> Client:
        """A client that acts as another service."""
        if name not in self._peers:
            tokens = ServiceTokens(name, self._keys, self._clock)
            self._peers[name] = Client(f"127.0.0.1:{self.port}", self.name, tokens=tokens)
        return self._peers[name]

    async def close(self) -> None:
        """Closes the clients."""
        for client in (self._client, *self._peers.values()):
            await client.close()


@asynccontextmanager
async def serve(
    name: str, app: App, settings: ServiceSettings, clock: FixedClock, **parts: Any
) -> AsyncIterator[Service]:
    """Runs an app; `parts` replace parts of it.

    Its background tasks do not run unless given: with a stopped clock, the feed and the sweeper would
    only disturb. Tests call them directly.
    """
    app = replace(app, **{"tasks": {}, **parts})
    server = Server(app, settings)
    await server.start()
    service = Service(name, app, settings, server.port, clock)
    try:
        yield service
    finally:
        await service.close()
        await server.stop()
