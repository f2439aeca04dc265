"""One run: the processes, their troubles, the people, and afterwards the promises."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from functools import cache
from random import Random
from typing import Any

import grpc
from google.protobuf import descriptor_pool, message_factory

from kernel.errors import Kind
from kernel.rpc.errors import from_call
from tests.simulation.chance import Climate, SimulatedClock, SimulatedIds
from tests.simulation.channel import error_of
from tests.simulation.loop import OUTSIDE, SimulatedLoop
from tests.simulation.network import Network
from tests.simulation.process import CONTEXTS, Process
from tests.simulation.rows import Rows
from tests.simulation.store import SimulatedStore

_UNKNOWN = {Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL}
_CALL_SECONDS = 6.0
_TASKS_AT_START = 0.05


class BrokenPromise(Exception):
    """What the product promises did not hold."""


class Outcome:
    """How a call ended, as the caller sees it.

    Attributes:
        answer: The response; None unless it was acknowledged.
        reason: Why it was refused; empty if it was not.
        began: When it was sent.
        ended: When the answer was there.
        unknown: Whether it may have changed something, or may do so later.
        repeated: Whether it was the repeat of a call of which nothing was known.
    """

    __slots__ = ("answer", "began", "ended", "reason", "repeated", "unknown")

    def __init__(
        self, answer: Any, reason: str, began: float, ended: float, *, unknown: bool
    ) -> None:
        self.answer = answer
        self.reason = reason
        self.began = began
        self.ended = ended
        self.unknown = unknown
        self.repeated = False

    @property
    def ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.answer is not None

    @property
    def refused(self) -> bool:
        """Whether it certainly changed nothing: no earlier attempt may take place later, either."""
        return self.answer is None and not self.unknown and not self.repeated


class World:
    """Everything that takes part in one run.

    Attributes:
        talkative: Whether answers are in the journal.
        random: The source of what people and troubles do.
        loop: The loop.
        climate: What goes wrong.
        rows: The store.
        network: What calls travel on.
        mails: Everything that was mailed, with its recipient.
        journal: What happened.
    """

    def __init__(self, seed: int, loop: SimulatedLoop, *, talkative: bool) -> None:
        self.seed = seed
        self.talkative = talkative
        self.random = Random(f"people {seed}")
        self.loop = loop
        self.climate = Climate(Random(f"climate {seed}"))
        self.rows = Rows()
        self.network = Network(self.climate, Random(f"network {seed}").choice)
        self.mails: list[tuple[str, EmailMessage]] = []
        self.journal: list[tuple[float, str]] = []
        self.failures: list[str] = []
        self._troubles = Random(f"troubles {seed}")
        self._ids = SimulatedIds(Random(f"ids {seed}"))
        self.processes: list[Process] = []
        self._calls = 0

    def note(self, text: str) -> None:
        """Adds a line to the journal."""
        self.journal.append((self.loop.time(), text))

    # ── processes ────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Starts one or two replicas of each context."""
        for context in CONTEXTS:
            for number in range(self._troubles.choice((1, 1, 2))):
                self.start_process(context, number)

    def start_process(self, context: str, number: int) -> None:
        """Starts a process."""
        ahead = 0.0 if self.climate.calm else self._troubles.uniform(-1, 1)
        clock = SimulatedClock(self.loop, ahead)
        store = SimulatedStore(self.rows, self.loop.time, self.climate)
        process = Process(context, number, clock, self._ids, store)
        self.processes.append(process)
        self.network.replicas.setdefault(context, []).append(process)
        self.note(f"{process.place.name} starts")
        process.start()

    async def trouble(self, until: float) -> None:
        """Kills, pauses, misleads and separates processes until a time."""
        climate, random = self.climate, self._troubles
        acts: list[Callable[[], None]] = [
            *[self._kill] * climate.deaths,
            *[self._pause] * climate.pauses,
            *[self._jump] * climate.jumps,
            *[self._cut] * climate.cuts,
        ]
        times = sorted(random.uniform(_TASKS_AT_START, until) for _ in acts)
        random.shuffle(acts)
        for when, act in zip(times, acts, strict=True):
            await asyncio.sleep(max(0.0, when - self.loop.time()))
            act()

    def settle(self) -> None:
        """Ends all troubles: every context is up, and clocks are right."""
        self.climate.settle()
        for process in self.running:
            process.clock.ahead = 0.0
            process.place.paused_until = min(process.place.paused_until, self.loop.time())
        self.note("the troubles end")

    def next_call(self) -> int:
        """A number that no other call has."""
        self._calls += 1
        return self._calls

    def new_key(self) -> str:
        """An idempotency key that no other call has."""
        return f"key-{self.next_call()}"

    def new_password(self) -> str:
        """A password that nobody else has."""
        return f"correct horse battery staple {self.next_call()}"

    @property
    def is_up(self) -> bool:
        """Whether every context accepts calls."""
        return all(self.network.find(context) is not None for context in CONTEXTS)

    @property
    def running(self) -> list[Process]:
        """The processes that live."""
        return [one for ones in self.network.replicas.values() for one in ones]  # type: ignore[misc]

    def _kill(self) -> None:
        process = self._troubles.choice(self.running)
        self.note(f"{process.place.name} dies")
        self.network.replicas[process.context].remove(process)
        process.place.kill()
        self.loop.call_later(
            self._troubles.choice((0.01, 0.3, 2)),
            self.start_process,
            process.context,
            process.number,
            context=OUTSIDE.context,
        )

    def _pause(self) -> None:
        process, seconds = self._troubles.choice(self.running), self._troubles.choice((0.2, 2, 6))
        self.note(f"{process.place.name} stands still for {seconds} s")
        process.place.paused_until = self.loop.time() + seconds

    def _jump(self) -> None:
        process = self._troubles.choice(self.running)
        process.clock.ahead = self._troubles.uniform(-2, 2)
        self.note(f"the clock of {process.place.name} is {process.clock.ahead:.1f} s ahead")

    def _cut(self) -> None:
        one, other = self._troubles.sample(list(CONTEXTS), 2)
        self.note(f"{one} and {other} are separated")
        self.climate.cut(one, other)
        seconds = self._troubles.choice((0.3, 2, 5))
        self.loop.call_later(seconds, self.climate.mend, one, other, context=OUTSIDE.context)

    # ── calls of people ──────────────────────────────────────────────────────────────────────

    async def call(
        self, method: str, token: str = "", key: str = "", /, *, where: str = "", **fields: Any
    ) -> Outcome:
        """Calls a method of the contract as the gateway does.

        Args:
            method: Such as `auth.LoginsService/Login`.
            token: The access token or bearer token.
            key: The idempotency key.
            where: The network of the caller.
            fields: Those of the request.
        """
        path, request_type, response_type = _method(method)
        began = self.loop.time()
        metadata = [("x-request-id", "simulated"), ("user-agent", "simulated")]
        if where:
            metadata.append(("x-forwarded-for", where))
        if token.startswith("cdt_"):
            token = await self._exchanged(token)
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        if key:
            metadata.append(("idempotency-key", key))
        context = method.partition(".")[0]
        reply = await self.network.call(
            context,
            path,
            request_type(**fields).SerializeToString(),
            tuple(metadata),
            _CALL_SECONDS,
        )
        ended = self.loop.time()
        if reply.code is grpc.StatusCode.OK:
            return Outcome(response_type.FromString(reply.body), "", began, ended, unknown=False)
        error = from_call(error_of(reply))
        if error.kind is Kind.INTERNAL:
            self.failures.append(f"{method} answered INTERNAL")
        return Outcome(None, error.reason, began, ended, unknown=error.kind in _UNKNOWN)

    async def _exchanged(self, token: str) -> str:
        """The access token for a bearer token, as the gateway gets it."""
        path, request_type, response_type = _method("envoy.Authorization/Check")
        request = request_type()
        request.attributes.request.http.headers["authorization"] = f"Bearer {token}"
        reply = await self.network.call(
            "auth", path, request.SerializeToString(), (), _CALL_SECONDS
        )
        if reply.code is not grpc.StatusCode.OK:
            return "unavailable"
        answer = response_type.FromString(reply.body)
        value: str = answer.ok_response.headers[0].header.value
        return value.removeprefix("Bearer ")

    # ── mail ─────────────────────────────────────────────────────────────────────────────────

    async def send(self, message: EmailMessage) -> None:
        """Takes the place of a mail server."""
        await asyncio.sleep(self.climate.delay())
        self.mails.append((str(message["To"]), message))


@cache
def _method(name: str) -> tuple[str, Any, Any]:
    """The path of a method, and the types of its request and response."""
    context, _, rest = name.partition(".")
    service, _, method = rest.partition("/")
    package = "envoy.service.auth.v3" if context == "envoy" else f"coditect.{context}.v5"
    pool = descriptor_pool.Default()
    found = pool.FindServiceByName(f"{package}.{service}").methods_by_name[method]
    types = (message_factory.GetMessageClass(one) for one in (found.input_type, found.output_type))
    return (f"/{package}.{service}/{method}", *types)  # type: ignore[return-value]
