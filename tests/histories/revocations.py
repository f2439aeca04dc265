"""Access tokens that have ended: refused at once, or after a bounded time where a replica is slow.

No service asks another one about a token, so the end of a token is not linearizable: it is bounded. A
service that has heard nothing of revocations for `FEED_STALE_SECONDS` trusts no token. So a use that is
accepted may be as old as that, and no older; a use that is refused is never too early. How late the
last accepted use was is noted.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tests.histories.history import History, Operation
from tests.histories.invitations import founded, switched
from tests.histories.world import Person, Recorder, Request, World, concurrently, prepared

BOUND_SECONDS = 5.5
"""`FEED_STALE_SECONDS`, and half a second in which a heartbeat may be under way."""
CLIENTS = 3
_USES = 8
_USES_BEFORE = 2
_LATE_SHARE = 0.5
"""The share of histories in which a last use comes after the bound."""
_PATHS = ("/auth/me", "/tenants", "/sessions")
"""A method of each service."""


class Access:
    """The model of an access token: whether it is good."""

    begin = True

    def steps(self, state: bool, operation: Operation) -> Iterable[bool]:
        """The states behind an operation."""
        answer = operation.answer
        if operation.what == "end":
            return [False] if answer is None or answer.is_success else []
        if answer is None:
            return [state]
        expected = "" if state else "ACCESS_TOKEN_REVOKED"
        return [state] if answer.code == expected else []


async def run(world: World) -> History[Any]:
    """Several clients use one access token, while its login, role or membership ends."""
    address = world.network()
    person, end = await prepared(lambda: _holder(world, address))
    history: History[Any] = History("an access token", Access())
    recorder = Recorder(world, history, address)

    async def client(number: int) -> None:
        for use in range(_USES):
            if number == 0 and use == _USES_BEFORE:
                await recorder.do("end", end)
            await use_once()
        if number == 0 and world.random.random() < _LATE_SHARE:
            await asyncio.sleep(BOUND_SECONDS)
            await use_once()

    async def use_once() -> None:
        request = person.call("GET", world.random.choice(_PATHS))
        await recorder.do("use", request, reads=True, path=request.path)

    await concurrently(*(client(number) for number in range(CLIENTS)))
    world.lags.append(_lag(history.operations))
    history.operations = [_early(one) for one in history.operations]
    return history


async def _holder(world: World, address: str) -> tuple[Person, Request]:
    """A user with an access token, and the call that ends it. Raises `Outage`."""
    if world.random.random() < 0.5:
        person = await world.register(address)
        return person, person.call("POST", "/auth/logout", {})
    ada, acme = await founded(world, address)
    body = {"email": f"{uuid4()}@example.com", "role": "member"}
    made = await world.prepare(ada.call("POST", f"/tenants/{acme}/invitations", body), address)
    bob = await world.register(address)
    accept = bob.call("POST", "/invitations/accept", {"token": made["token"]})
    await world.prepare(accept, address)
    await switched(world, bob, acme, address)
    path = f"/tenants/{acme}/members/{bob.user_id}"
    removal, change = ada.call("DELETE", path), ada.call("PATCH", path, {"role": "admin"})
    return bob, world.random.choice((removal, change))


def _lag(operations: Iterable[Operation]) -> float:
    """How long after the answer to the end a use began that was accepted; 0 if none was."""
    operations = list(operations)
    ended = [one.ended for one in operations if one.what == "end" and one.answer is not None]
    accepted = [
        one.began
        for one in operations
        if one.what == "use" and one.answer is not None and one.answer.is_success
    ]
    return max([0.0, *(began - end for began in accepted for end in ended)])


def _early(operation: Operation) -> Operation:
    """An operation in whose place an accepted use may be older than it is."""
    if operation.what == "use" and operation.answer is not None and operation.answer.is_success:
        return replace(operation, began=operation.began - BOUND_SECONDS)
    return operation
