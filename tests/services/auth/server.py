"""Auth on a real server, called over a real channel with tokens that it has issued itself."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.rpc.client import Client
from kernel.rpc.errors import RemoteError
from kernel.storage import Store
from services.auth.app import build
from services.auth.outbox import repository as outbox
from services.auth.revocations.log import RevocationLog
from services.auth.revocations.servicer import RevocationsServicer
from services.auth.settings import AuthSettings
from services.auth.signing_keys.rotation import SigningKeys
from tests.services.auth.harness import EMAIL, PASSWORD, make_settings, registration
from tests.support import contract
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.store import rows_between
from tests.support.stubs import AuthStub

LOG, OUTBOX = "follow_revocations", "deliver_outbox"
"""Names of the app's tasks."""


class Auth:
    """The running service, and helpers to call it."""

    def __init__(self, service: Service, client: Client) -> None:
        self.service = service
        self.client = client
        self.stub = client.stub(AuthStub)

    @property
    def signing_keys(self) -> SigningKeys:
        """The signing keys of the service."""
        return self._revocations.signing_keys

    @property
    def log(self) -> RevocationLog:
        """The revocation log of the service."""
        return self._revocations.log

    @property
    def _revocations(self) -> RevocationsServicer:
        servicers = self.service.app.servicers
        (found,) = [one for one in servicers if isinstance(one.implementation, RevocationsServicer)]
        implementation: RevocationsServicer = found.implementation
        return implementation

    def trust_itself(self) -> None:
        """Makes the service trust its own keys, which `Service` has replaced by a test key."""
        keys = {key.kid: key.public for key in self.signing_keys.published}
        self.service.app.authorizer.verifier.trust(keys)

    async def call(
        self, method: str, request: Any = None, token: str | None = None, key: str | None = None
    ) -> Any:
        """Calls a method by name."""
        if request is None:
            request = contract.request("auth.v5", method)()
        return await self.client.call(
            getattr(self.stub, method), request, access_token=token, idempotency_key=key
        )

    async def refused(
        self, method: str, request: Any = None, token: str | None = None, key: str | None = None
    ) -> str:
        """The reason with which a call is refused; empty if it succeeds."""
        try:
            await self.call(method, request, token, key)
        except RemoteError as error:
            return error.reason
        return ""

    async def register(
        self, email: str = EMAIL, password: str = PASSWORD, key: str | None = None
    ) -> accounts_pb2.RegisterResponse:
        """Registers an account."""
        answer = await self.call("Register", registration(email, password), key=key)
        assert isinstance(answer, accounts_pb2.RegisterResponse)
        return answer

    async def log_in(
        self, email: str = EMAIL, password: str = PASSWORD
    ) -> logins_pb2.LoginResponse:
        """Logs in."""
        answer = await self.call("Login", logins_pb2.LoginRequest(email=email, password=password))
        assert isinstance(answer, logins_pb2.LoginResponse)
        return answer


@asynccontextmanager
async def running(
    store: Store,
    clock: FixedClock,
    settings: AuthSettings,
    tasks: Sequence[str] = (LOG,),
    seed: int = 5,
) -> AsyncIterator[Auth]:
    """Runs auth with the named tasks."""
    app = build(settings, store, clock, FixedIds(seed))
    chosen = {name: app.tasks[name] for name in tasks}
    async with serve("auth", app, settings, clock, tasks=chosen) as service:
        client = Client(f"127.0.0.1:{service.port}", "auth")
        auth = Auth(service, client)
        auth.trust_itself()
        try:
            yield auth
        finally:
            await client.close()


def settings_for(address: str) -> AuthSettings:
    """Settings with tenants and sessions at one address."""
    return make_settings(TENANTS_ADDRESS=address, SESSIONS_ADDRESS=address, SETTLE_SECONDS="0.2")


async def waiting(store: Store) -> int:
    """The number of tasks in the outbox."""
    return len(await rows_between(store, *outbox.OUTBOX.rows.range()))


async def delivered(store: Store) -> None:
    """Waits until the outbox is empty."""
    async with asyncio.timeout(30):
        while await waiting(store):  # noqa: ASYNC110 - the store has no event for it
            await asyncio.sleep(0.005)
