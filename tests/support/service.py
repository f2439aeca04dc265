"""A service within the test: its real server on a free port, called over a real channel."""

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
"""What every service is told; the store is handed in."""
NOBODY = "127.0.0.1:9"
"""An address at which nobody listens."""

Request = TypeVar("Request")
Response = TypeVar("Response")
Stub = TypeVar("Stub")


class Service:
    """A running service and a client of it.

    Args:
        name: The name of the service.
        app: What it consists of.
        settings: What it was told.
        port: Where it listens.
        clock: The clock that it was given.
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
        """Has the service trust this test's tokens from now on, as if its feed had spoken."""
        self.app.authorizer.verifier.trust(self.mint.keys)
        self.app.authorizer.revocations.mark_fresh()

    def advance(self, **time: float) -> None:
        """Moves the clock, with a feed that goes on speaking."""
        self._clock.advance(**time)
        self.app.authorizer.revocations.mark_fresh()

    def stub(self, make: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """A generated stub, to be called as a user or as nobody."""
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
        """A client that is another service."""
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

    Its background tasks do not run unless given: with the clock stopped, a feed that
    nobody feeds and a sweeper would only be in the way. Tests call them themselves.
    """
    app = replace(app, **{"tasks": (), **parts})
    server = Server(app, settings)
    await server.start()
    service = Service(name, app, settings, server.port, clock)
    try:
        yield service
    finally:
        await service.close()
        await server.stop()
