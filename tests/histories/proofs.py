"""One-time tokens: good once, and the code beside one for a few wrong codes only."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from tests.end_to_end.mailbox import Mail
from tests.histories.history import History, Operation
from tests.histories.world import Outage, Person, Recorder, World, concurrently, prepared

CLIENTS = 4
CALLS = 5
WRONG_CODE = "0000-0000"
MOST_WRONG = 5
"""After so many wrong codes that of a token is not good any more."""
MOST_CODES = 9
"""Below the failures after which guesses at an address are stopped: that is checked by `guesses`."""


class Token(NamedTuple):
    """The token of an email.

    Attributes:
        good: Whether it has not been used.
        wrong_codes: How many were tried.
    """

    good: bool = True
    wrong_codes: int = 0


class Proofs:
    """The model of one token of an email."""

    begin = Token()

    def steps(self, state: Token, operation: Operation) -> Iterable[Token]:
        """The states behind an operation."""
        answer, what = operation.answer, operation.what
        if what == "read":
            return [state] if answer is not None and answer.value is not state.good else []
        by_code = what == "code" and state.wrong_codes < MOST_WRONG
        if state.good and (what == "link" or by_code):
            used = state._replace(good=False)
            return [used] if answer is None or answer.is_success else []
        if answer is not None and answer.code != "ONE_TIME_TOKEN_INVALID":
            return []
        if state.good and what in {"code", "wrong code"}:
            return [state._replace(wrong_codes=min(MOST_WRONG, state.wrong_codes + 1))]
        return [state]


async def run(world: World) -> History[Any]:
    """Several clients prove one address, by the link, by the code and by wrong codes."""
    address = world.network()
    person, mail = await prepared(lambda: _mailed(world, address))
    history: History[Any] = History("a one-time token", Proofs())
    recorder, chance = Recorder(world, history, address), world.random
    # In some histories the right ones come when the code is about to be no longer good.
    wrong_first = chance.choice((0, MOST_WRONG - 1, MOST_WRONG, MOST_WRONG + 1))
    codes = [MOST_CODES]

    async def use(what: str, body: dict[str, str]) -> None:
        await recorder.do(what, person.call("POST", "/auth/email/verify", body))

    async def use_code(what: str, code: str) -> None:
        if codes[0]:
            codes[0] -= 1
            await use(what, {"email": person.email, "code": code})

    async def client() -> None:
        for _ in range(CALLS):
            drawn = chance.random()
            if drawn < 0.25:
                request = person.call("GET", "/auth/me")
                await recorder.do("read", request, lambda data: data["emailVerified"], reads=True)
            elif MOST_CODES - codes[0] < wrong_first or drawn < 0.35:
                await use_code("wrong code", WRONG_CODE)
            elif drawn < 0.85:
                await use_code("code", mail.code)
            else:
                await use("link", {"token": mail.token})

    await concurrently(*(client() for _ in range(CLIENTS)))
    return history


async def _mailed(world: World, address: str) -> tuple[Person, Mail]:
    person = await world.register(address)
    mail = await world.mails.find(person.email, "verify-email")
    if mail is None:  # a process that died while it sent it holds it for two minutes
        raise Outage("no email")
    return person, mail
