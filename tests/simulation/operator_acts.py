"""What the operator log must say of the acts of an operator."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tests.simulation.life import Life
from tests.simulation.world import Outcome

_PAGE = 1000
_OF_AUTH = "user."


@dataclass(eq=False)
class NotedAct:
    """An act, as the operator was answered.

    Attributes:
        reason: Why it was done, which no other act has.
        kind: What the log calls it.
        least: How many entries it has at least.
        most: How many entries it has at most.
        certain: Whether it was acknowledged.
    """

    reason: str
    kind: str
    least: int
    most: int
    certain: bool


class NotedActs:
    """The acts of one operator, in the order of their answers.

    Args:
        life: The operator.
    """

    def __init__(self, life: Life) -> None:
        self._life = life
        self._acts: list[NotedAct] = []

    def add(self, reason: str, kind: str, found: Outcome, changes: tuple[int, int]) -> None:
        """Notes an act: refused ones have no entry, those that were not answered one at most."""
        least, most = changes
        if found.refused:
            most = 0
        self._acts.append(NotedAct(reason, kind, least * found.ok, most, found.ok))

    async def check(self, token: str) -> None:
        """Checks the log: it has each act once, and those on users in the order of their answers."""
        listed = await self._listed(token)
        places: dict[str, list[int]] = defaultdict(list)
        for number, act in enumerate(reversed(listed)):
            places[act.reason].append(number)
        last = -1
        for act in self._acts:
            found = places.pop(act.reason, [])
            if not act.least <= len(found) <= act.most:
                self._life.broken(f"{act.kind} ({act.reason}) is {len(found)} times in the log")
            if found and act.certain and act.kind.startswith(_OF_AUTH):
                if found[0] < last:
                    self._life.broken(f"{act.kind} ({act.reason}) is not in its place in the log")
                (last,) = found
        if places.keys() - {""}:
            self._life.broken(f"the log has acts that no operator did: {sorted(places)}")

    async def _listed(self, token: str) -> list[Any]:
        """The acts in the log, the newest first."""
        listed, page = [], ""
        while True:
            found = await self._life.certainly(
                "auth.OperatorLogService/ListOperatorLog",
                token,
                page_size=_PAGE,
                page_token=page,
            )
            if not found.ok:
                self._life.broken(f"an operator cannot read the log: {found.reason}")
            listed += found.answer.acts
            page = found.answer.next_page_token
            if not page:
                return listed
