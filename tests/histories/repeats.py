"""Idempotency keys and limits: a request takes effect once under its key, and never beyond a limit.

The thing is the list of all sessions of one user. A session has the name of its request.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.histories.history import History, Operation
from tests.histories.world import Recorder, World, concurrently, prepared

CLIENTS = 4
CALLS = 10
LIMIT = 4
"""The sessions of a user: `SESSIONS_PER_USER` of the system."""
KEYS = 8


class Used(NamedTuple):
    """An idempotency key that was used.

    Attributes:
        request: The request under it.
        session_id: The session that it made; None if no client has seen its id.
    """

    request: str
    session_id: str | None


class Sessions(NamedTuple):
    """The sessions of a user, and the keys that were used."""

    names: frozenset[str] = frozenset()
    keys: frozenset[tuple[str, Used]] = frozenset()


class Repeats:
    """The model of the sessions of one user."""

    begin = Sessions()

    def steps(self, state: Sessions, operation: Operation) -> Iterable[Sessions]:
        """The states behind an operation."""
        answer, given = operation.answer, operation.given
        if operation.what == "list":
            fits = answer is not None and answer.value == tuple(sorted(state.names))
            return [state] if fits else []
        if operation.what == "delete":
            return _deleted(state, operation)
        used = dict(state.keys).get(given["key"])
        return _repeated(state, operation, used) if used else _opened(state, operation)


def _deleted(state: Sessions, operation: Operation) -> list[Sessions]:
    """The states behind the deletion of a session."""
    answer, name = operation.answer, operation.given["name"]
    if name not in state.names:
        return [state] if answer is None or answer.code == "SESSION_NOT_FOUND" else []
    gone = state._replace(names=state.names - {name})
    return [gone] if answer is None or answer.is_success else []


def _opened(state: Sessions, operation: Operation) -> list[Sessions]:
    """The states behind a request under a new key."""
    answer, key, name = operation.answer, operation.given["key"], operation.given["name"]
    if len(state.names) >= LIMIT:
        return [state] if answer is None or answer.code == "SESSION_LIMIT_REACHED" else []
    if answer is not None and not answer.is_success:
        return []
    made = Used(name, None if answer is None else answer.value)
    return [Sessions(state.names | {name}, state.keys | {(key, made)})]


def _repeated(state: Sessions, operation: Operation, used: Used) -> list[Sessions]:
    """The states behind a request under a key that was used before."""
    answer, key = operation.answer, operation.given["key"]
    if answer is None:
        return [state]
    if used.request != operation.given["name"]:
        return [state] if answer.code == "IDEMPOTENCY_KEY_REUSED" else []
    if used.request not in state.names:
        return [state] if answer.code == "SESSION_NOT_FOUND" else []
    if not answer.is_success or used.session_id not in {None, answer.value}:
        return []
    known = state.keys - {(key, used)} | {(key, Used(used.request, answer.value))}
    return [state._replace(keys=known)]


async def run(world: World) -> History[Any]:
    """Several clients open, repeat, end and list the sessions of one user."""
    address = world.network()
    person = await prepared(lambda: world.register(address))
    history: History[Any] = History("the sessions of a user", Repeats())
    recorder, ids = Recorder(world, history, address), dict[str, str]()

    async def open_one() -> None:
        key = f"key {world.random.randrange(KEYS)}"
        # A second request under the key is a mistake of the caller.
        name = f"{key}, {'other' if world.random.random() < 0.1 else 'one'}"
        request = person.call("POST", "/sessions", {"name": name}, key)
        answer = await recorder.do(
            "open", request, lambda data: data["sessionId"], key=key, name=name
        )
        if answer is not None and answer.is_success:
            ids[name] = answer.value

    async def client() -> None:
        for _ in range(CALLS):
            chance = world.random.random()
            if chance < 0.25 and ids:
                name, session_id = world.random.choice(list(ids.items()))
                request = person.call("DELETE", f"/sessions/{session_id}")
                await recorder.do("delete", request, name=name)
            elif chance < 0.5:
                request = person.call("GET", "/sessions?pageSize=100")
                await recorder.do("list", request, _names, reads=True)
            else:
                await open_one()

    await concurrently(*(client() for _ in range(CLIENTS)))
    return history


def _names(data: Any) -> tuple[str, ...]:
    return tuple(sorted(session["name"] for session in data["sessions"]))
