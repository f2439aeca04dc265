"""Refresh tokens: each has one successor, and a spent one that comes back ends its login.

The grace, in which a token that was spent gets the same successor again, is longer than a history.
"""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.histories.history import History, Operation
from tests.histories.world import Recorder, Request, World, concurrently, prepared

CLIENTS = 4
CALLS = 9
_MOST_SECONDS = 40.0
"""The last calls of a history begin by then: with the wait for their answers that is within the grace."""


class Login(NamedTuple):
    """A login.

    Attributes:
        token: The refresh token that is good; None if no client has seen it, because the answer with
            it is unknown.
        spent: The one before it, which gets `token` again.
        ended: Whether the login has ended.
    """

    token: str | None
    spent: str | None = None
    ended: bool = False


class Refreshes:
    """The model of a login with its refresh tokens."""

    def __init__(self, token: str) -> None:
        self.begin = Login(token)

    def steps(self, state: Login, operation: Operation) -> Iterable[Login]:
        """The states behind an operation."""
        answer = operation.answer
        if operation.what == "log out":
            return [state._replace(ended=True)]
        following = self._following(state, operation.given["token"])
        if answer is None:
            return [following]
        if not answer.is_success:
            refused = answer.code == "REFRESH_TOKEN_INVALID" and following.ended
            return [following] if refused else []
        if following.ended or following.token not in {None, answer.value}:
            return []
        return [following._replace(token=answer.value)]

    @staticmethod
    def _following(state: Login, token: str) -> Login:
        """The login behind the use of a token; its next token is None if the answer says which it is."""
        if state.ended:
            return state
        if token == state.token:
            return Login(None, token)
        if token == state.spent:
            return state
        return state._replace(ended=True)


async def run(world: World) -> History[Any]:
    """Several clients use the refresh tokens of one login."""
    address = world.network()
    person = await prepared(lambda: world.register(address))
    history: History[Any] = History("a login", Refreshes(person.refresh_token))
    recorder, known = Recorder(world, history, address), [person.refresh_token]
    end = time.monotonic() + _MOST_SECONDS

    async def client() -> None:
        for number in range(CALLS):
            if time.monotonic() > end:
                return
            token = known[-1] if world.random.random() < 0.6 else world.random.choice(known[-2:])
            if number > CALLS // 2 and world.random.random() < 0.05:
                token = world.random.choice(known)
            request = Request("POST", "/auth/refresh", {"refreshToken": token})
            answer = await recorder.do(
                "refresh", request, lambda data: data["tokens"]["refreshToken"], token=token
            )
            if answer is not None and answer.is_success and answer.value not in known:
                known.append(answer.value)

    async def leave() -> None:
        """In some histories the user logs out with a token while others refresh."""
        await client()
        if world.random.random() < 0.3:
            body = {"refreshToken": known[-1]}
            await recorder.do("log out", Request("POST", "/auth/logout", body))

    await concurrently(leave(), *(client() for _ in range(CLIENTS - 1)))
    return history
