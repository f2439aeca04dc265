"""The running system as concurrent clients see it, and the record of what they do."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from math import inf
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from tests.end_to_end.person import PASSWORD, registration
from tests.histories.history import Answer, History, Operation
from tests.histories.mails import Mails

T = TypeVar("T")

DEADLINE_SECONDS = 15.0
"""The longest time that a client waits; more than the gateway's limit."""
HURRIED_SECONDS = 0.03
"""The longest time that a client waits that leaves early."""
_OUTAGES = frozenset({503, 504})
"""The statuses of an answer that does not say whether the call took place; there is no other one."""
_CONFLICT = "STORAGE_CONFLICT"
_OUTAGE_SECONDS = 60.0
_FIRST_NETWORK = int(IPv4Address("10.0.0.1"))
_NETWORK = 256


class Outage(Exception):
    """A call got no answer, or one that does not say whether it took place."""


@dataclass(frozen=True)
class Request:
    """What a client sends to the gateway.

    Attributes:
        method: The method of HTTP.
        path: The path below `/api/v5`, or that of an endpoint of OAuth if it has a form.
        body: The content, as JSON.
        form: The content, as a form.
        token: The access token.
        key: The idempotency key.
    """

    method: str
    path: str
    body: Any = None
    form: Mapping[str, str] | None = None
    token: str | None = None
    key: str | None = None


@dataclass
class Person:
    """A registered user with one login."""

    email: str
    user_id: str
    access_token: str
    refresh_token: str

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Request:
        """A call of this user."""
        return Request(method, path, body, token=self.access_token, key=key)


@dataclass
class World:
    """The running system.

    Attributes:
        http: Its gateway.
        mails: The emails that it sends.
        random: The source of everything random that clients do.
        hurried: The share of the clients' operations that they give up early.
        networks: How many networks were given to clients.
        lags: For each access token that ended, how many seconds later it was still accepted.
    """

    http: httpx.AsyncClient
    mails: Mails
    random: Random
    hurried: float = 0.0
    networks: int = 0
    lags: list[float] = field(default_factory=list)

    def network(self) -> str:
        """The address of a client in a network of its own: limits per network never interfere."""
        self.networks += 1
        return str(IPv4Address(_FIRST_NETWORK + _NETWORK * (self.networks % 65_000)))

    async def send(self, request: Request, address: str) -> Answer:
        """The answer to a request, with the content as its value. Raises `Outage`."""
        headers = {"x-forwarded-for": address}
        if request.token is not None:
            headers["authorization"] = f"Bearer {request.token}"
        if request.key is not None:
            headers["idempotency-key"] = request.key
        path = request.path if request.form else f"/api/v5{request.path}"
        try:
            got = await self.http.request(
                request.method, path, json=request.body, data=request.form, headers=headers
            )
            content = got.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise Outage(type(error).__name__) from None
        if got.status_code >= 500:
            assert got.status_code in _OUTAGES, (request.path, content)
            raise Outage(str(content))
        if "success" not in content:  # an endpoint of OAuth
            return Answer(content.get("error", ""), content)
        if content["success"]:
            return Answer("", content["data"])
        if content["error"]["code"] == _CONFLICT:  # one of several steps may have taken place
            raise Outage(_CONFLICT)
        return Answer(content["error"]["code"], content["error"]["details"])

    async def prepare(self, request: Request, address: str) -> Any:
        """The content of the answer to a request that must succeed. Raises `Outage`."""
        answer = await self.send(request, address)
        assert answer.is_success, (request.path, answer)
        return answer.value

    async def register(self, address: str) -> Person:
        """A new user. Raises `Outage`."""
        email = f"{uuid4()}@example.com"
        data = await self.prepare(Request("POST", "/auth/register", registration(email)), address)
        tokens = data["tokens"]
        return Person(email, data["user"]["userId"], tokens["accessToken"], tokens["refreshToken"])

    async def log_in(self, person: Person, address: str, tenant_id: str | None = None) -> Person:
        """The same user on another device, in a tenant. Raises `Outage`."""
        body = {"email": person.email, "password": PASSWORD}
        if tenant_id is not None:
            body["tenantId"] = tenant_id
        data = await self.prepare(Request("POST", "/auth/login", body), address)
        tokens = data["tokens"]
        return Person(person.email, person.user_id, tokens["accessToken"], tokens["refreshToken"])


async def prepared(make: Callable[[], Awaitable[T]]) -> T:
    """What `make` returns, which is called again from the start after an outage."""
    end = time.monotonic() + _OUTAGE_SECONDS
    while True:
        try:
            return await make()
        except Outage:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)


@dataclass
class Recorder:
    """Sends operations on one thing, and keeps its history.

    Attributes:
        world: The system.
        history: What is kept.
        address: The address that the clients of this thing call from.
    """

    world: World
    history: History[Any]
    address: str = field(default="")

    def __post_init__(self) -> None:
        self.address = self.address or self.world.network()

    @property
    def random(self) -> Random:
        """The source of everything random."""
        return self.world.random

    async def do(
        self,
        what: str,
        request: Request,
        value: Callable[[Any], Any] = lambda _: None,
        *,
        reads: bool = False,
        **given: Any,
    ) -> Answer | None:
        """Sends an operation, and keeps it with its answer.

        Args:
            what: The kind of operation.
            request: What is sent.
            value: What is kept of the content of a success.
            reads: Whether it changes nothing: then it is not kept if its answer is unknown.
            given: What the model must know of it.

        Returns:
            The answer with the value; None if it is unknown.
        """
        began = time.monotonic()
        try:
            async with self._patience():
                got = await self.world.send(request, self.address)
        except (Outage, TimeoutError):
            if not reads:
                self._keep(Operation(what, began, inf, None, given))
            return None
        answer = Answer(got.code, value(got.value)) if got.is_success else _refusal(got)
        self._keep(Operation(what, began, time.monotonic(), answer, given, reads))
        return answer

    def _patience(self) -> AbstractAsyncContextManager[Any]:
        if self.random.random() < self.world.hurried:
            return asyncio.timeout(self.random.uniform(0, HURRIED_SECONDS))
        return nullcontext()

    def _keep(self, operation: Operation) -> None:
        self.history.operations.append(operation)


def _refusal(answer: Answer) -> Answer:
    """A refusal with the metadata of its error, such as the current revision."""
    found: dict[str, str] = {}
    for detail in answer.value if isinstance(answer.value, list) else []:
        found |= detail.get("metadata", {})
    return Answer(answer.code, tuple(sorted(found.items())))


async def concurrently(*clients: Awaitable[Any]) -> None:
    """Runs the clients of one thing until all are done."""
    await asyncio.gather(*clients)


def claims_of(access_token: str) -> dict[str, Any]:
    """The claims of an access token, which are not verified."""
    part = access_token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims
