"""The processes: each context as its real app with its real server and tasks."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Any

from kernel.rpc.server import Server
from kernel.storage import Backlogged
from services.auth.app import build as build_auth
from services.auth.settings import AuthSettings
from services.sessions.app import build as build_sessions
from services.sessions.settings import SessionsSettings
from services.tenants.app import build as build_tenants
from services.tenants.settings import TenantsSettings
from tests.simulation.chance import SimulatedClock, SimulatedIds
from tests.simulation.loop import Place
from tests.simulation.network import CallServer
from tests.simulation.store import SimulatedStore
from tests.support.service import SEAL_KEY, SERVICE_KEY

CONTEXTS: Mapping[str, tuple[Any, Any]] = {
    "auth": (AuthSettings, build_auth),
    "tenants": (TenantsSettings, build_tenants),
    "sessions": (SessionsSettings, build_sessions),
}

STALE_SECONDS = 3.0
LOGINS_PER_USER = 4
SESSIONS_PER_USER = 3
MEMBERS_PER_TENANT = 4
TENANTS_PER_USER = 3
GRACE_SECONDS = 10.0

_ENVIRON = {
    "STORE_URL": "lmdb:///unused",
    "LISTEN": "127.0.0.1:1",
    "SERVICE_KEYS": SERVICE_KEY,
    "SEAL_KEYS": SEAL_KEY,
    "AUTH_ADDRESS": "auth:1",
    "TENANTS_ADDRESS": "tenants:1",
    "SESSIONS_ADDRESS": "sessions:1",
    "MAIL_URL": "file:///unused",
    "ARGON2_MEMORY_KIB": "8",
    "ARGON2_PASSES": "1",
    "FEED_STALE_SECONDS": str(STALE_SECONDS),
    "SWEEP_SECONDS": "4",
    "REFRESH_GRACE_SECONDS": str(GRACE_SECONDS),
    "LOGINS_PER_USER": str(LOGINS_PER_USER),
    "SESSIONS_PER_USER": str(SESSIONS_PER_USER),
    "MEMBERS_PER_TENANT": str(MEMBERS_PER_TENANT),
    "TENANTS_PER_USER": str(TENANTS_PER_USER),
    "NOTICES_PER_MAILBOX": "1000",
    "EMAILS_PER_MAILBOX": "1000",
    "EMAILS_PER_NETWORK": "10000",
    "EMAILS_PER_USER": "1000",
    "GUESSES_PER_NETWORK": "10000",
    "GUESSES_FREE": "99",
}


@cache
def settings_of(context: str) -> Any:
    """The settings of a context."""
    settings, _ = CONTEXTS[context]
    return settings.read(_ENVIRON)


class Process:
    """One replica of a context.

    Args:
        context: The name of the context.
        number: Which of its replicas.
        clock: Its clock.
        ids: Its source of ids.
        store: Its connection to the store.

    Attributes:
        place: Where it runs.
        server: Takes its calls.
        queues: What waits to be delivered, by name.
        failures: Why it ended by itself, which no process should.
    """

    def __init__(
        self,
        context: str,
        number: int,
        clock: SimulatedClock,
        ids: SimulatedIds,
        store: SimulatedStore,
    ) -> None:
        self.context = context
        self.number = number
        self.clock = clock
        self.place = Place(f"{context}-{number}")
        self.server = CallServer()
        self.failures: list[str] = []
        self.queues: Mapping[str, Backlogged] = {}
        self._ids = ids
        self._store = store

    def start(self) -> None:
        """Starts it."""
        self._running = self.place.start(self._run())

    async def _run(self) -> None:
        try:
            await self._serve()
        except Exception as error:
            self.failures.append(f"{self.place.name} ended: {error!r}")
            raise

    async def _serve(self) -> None:
        _, build = CONTEXTS[self.context]
        settings = settings_of(self.context)
        app = build(settings, self._store, self.clock, self._ids)
        self.queues = app.telemetry.queues
        server = Server(app, settings)
        self.server = server._server  # type: ignore[assignment]
        await server.start()
        await server.run(asyncio.Event())
