"""Sessions: each change makes the next revision, and one based on an old revision is refused."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from tests.histories.history import History, Operation
from tests.histories.world import Recorder, World, concurrently, prepared

CLIENTS = 4
CALLS = 12
_DELETIONS = 0.02


class Session(NamedTuple):
    """A session that is there."""

    revision: int
    name: str


State: TypeAlias = Session | None


class Revisions:
    """The model of one session; None if it is deleted."""

    def __init__(self, name: str) -> None:
        self.begin: State = Session(1, name)

    def steps(self, state: State, operation: Operation) -> Iterable[State]:
        """The states behind an operation."""
        answer, given = operation.answer, operation.given
        if state is None:
            return [state] if answer is None or answer.code == "SESSION_NOT_FOUND" else []
        if operation.what == "read":
            return [state] if answer is not None and answer.value == state else []
        if operation.what == "delete":
            return [None] if answer is None or answer.is_success else []
        if given["based_on"] not in {None, state.revision}:
            stale = (("currentRevision", str(state.revision)),)
            fits = answer is None or (answer.code, answer.value) == ("REVISION_STALE", stale)
            return [state] if fits else []
        changed = Session(state.revision + 1, given["name"])
        return [changed] if answer is None or answer.value == changed else []


async def run(world: World) -> History[Any]:
    """Several clients change and read one session."""
    address = world.network()

    async def opened() -> tuple[Any, str]:
        person = await world.register(address)
        made = await world.prepare(person.call("POST", "/sessions", {"name": "first"}), address)
        return person, made["sessionId"]

    person, session_id = await prepared(opened)
    path, history = f"/sessions/{session_id}", History[Any]("a session", Revisions("first"))
    recorder, newest = Recorder(world, history, address), [1]

    def seen(data: Any) -> Session:
        newest[0] = max(newest[0], data["revision"])
        return Session(data["revision"], data["name"])

    async def client(number: int) -> None:
        for call in range(CALLS):
            chance = world.random.random()
            if chance < _DELETIONS:
                await recorder.do("delete", person.call("DELETE", path))
            elif chance < 0.4:
                await recorder.do("read", person.call("GET", path), seen, reads=True)
            else:
                name = f"{number}-{call}"
                based_on = newest[0] if world.random.random() < 0.7 else None
                body = {"name": name} | ({} if based_on is None else {"revision": based_on})
                patch = person.call("PATCH", path, body)
                await recorder.do("change", patch, seen, name=name, based_on=based_on)

    await concurrently(*(client(number) for number in range(CLIENTS)))
    return history
