"""A checker for linearizability, after Wing and Gong, with the memory of Lowe.

The search builds an order of the operations from its beginning. An operation may come next if no
other one that is still to come ended before it began. The search goes back if no answer fits. It
remembers each pair of operations that are done and the state, and visits none twice. A read that may come
next and whose answer fits comes next, and no other order is tried: every order that explains the rest
does so with the read before it as well. Else twenty concurrent reads had a million orders.

Sources: J. M. Wing, C. Gong, "Testing and verifying concurrent objects" (1993); G. Lowe, "Testing for
linearizability" (2017).
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.histories.history import History, Model, Operation, unknown

State = TypeVar("State", bound=Hashable)

MOST = 1_000_000
"""The pairs of operations and state that a search visits at most."""
_SHOWN_BEFORE = 12


class Undecided(Exception):
    """The search is too large: the history is neither shown to be right nor to be wrong."""


@dataclass(frozen=True)
class Violation:
    """A history that no order of its operations explains.

    Attributes:
        thing: What the history is about.
        state: The state behind the longest order that was found.
        order: That order.
        stuck: The operations of which one had to come next.
    """

    thing: str
    state: Any
    order: Sequence[Operation]
    stuck: Sequence[Operation]

    def __str__(self) -> str:
        """What a person needs to understand it."""
        shown = self.order[-_SHOWN_BEFORE:]
        lines = [f"{self.thing}: not linearizable"]
        if left_out := len(self.order) - len(shown):
            lines.append(f"  {left_out} operations, then")
        lines += [f"  {operation}" for operation in shown]
        lines += [f"  lead to {self.state}, in which none of these is possible:"]
        lines += [f"  {operation}" for operation in self.stuck]
        return "\n".join(lines)


def check(history: History[Any], most: int = MOST) -> Violation | None:
    """Whether some order explains a history.

    Args:
        history: What was observed.
        most: The pairs of operations and state that are visited at most.

    Returns:
        None if it is linearizable.

    Raises:
        Undecided: The limit was reached.
    """
    return _Search(history, most).run()


class _Search:
    """The search through the orders of one history.

    A set of operations is a number with a bit for each.
    """

    def __init__(self, history: History[Any], most: int) -> None:
        self._thing = history.thing
        self._model: Model[Any] = history.model
        self._operations = sorted(history.operations, key=lambda one: one.began)
        self._most = most
        self._answered = sum(
            1 << number for number, one in enumerate(self._operations) if not unknown(one)
        )
        self._seen: set[tuple[int, Any]] = set()
        self._back: list[tuple[int, Any]] = []
        """Where the search was before each operation of its order."""

    def run(self) -> Violation | None:
        """Searches in depth, without recursion: a history may be long."""
        order: list[int] = []
        farthest: list[int] = []
        done, state = 0, self._model.begin
        farthest_at = done, state
        stack = [self._next(done, state)]
        while stack:
            if done & self._answered == self._answered:
                return None
            if (step := next(stack[-1], None)) is None:
                stack.pop()
                if order:
                    order.pop()
                    done, state = self._back.pop()
                continue
            number, following = step
            self._back.append((done, state))
            order.append(number)
            done, state = done | 1 << number, following
            if len(order) > len(farthest):
                farthest, farthest_at = order.copy(), (done, state)
            stack.append(self._next(done, state))
        return self._violation(farthest, *farthest_at)

    def _next(self, done: int, state: Any) -> Iterator[tuple[int, Any]]:
        """The operations that may come next, each with a state to which it leads."""
        candidates = self._candidates(done)
        read = next((number for number in candidates if self._is_read(number, state)), None)
        for number in candidates if read is None else [read]:
            for following in self._model.steps(state, self._operations[number]):
                visited = (done | 1 << number, following)
                if visited in self._seen:
                    continue
                if len(self._seen) >= self._most:
                    raise Undecided(f"{self._thing}: {len(self._operations)} operations")
                self._seen.add(visited)
                yield number, following

    def _is_read(self, number: int, state: Any) -> bool:
        """Whether an operation changes nothing, and its answer fits the state."""
        operation = self._operations[number]
        return operation.reads and state in self._model.steps(state, operation)

    def _candidates(self, done: int) -> list[int]:
        """The operations that began before any other one to come had ended.

        Those that ended first come first, and those without an answer last: most took place where
        the times suggest it, or never.
        """
        found, first_end = [], float("inf")
        for number, operation in enumerate(self._operations):
            if done >> number & 1:
                continue
            if operation.began > first_end:
                break
            found.append(number)
            first_end = min(first_end, operation.ended)
        return sorted(
            (number for number in found if self._operations[number].began <= first_end),
            key=lambda number: self._operations[number].ended,
        )

    def _violation(self, order: list[int], done: int, state: Any) -> Violation:
        return Violation(
            self._thing,
            state,
            [self._operations[number] for number in order],
            [self._operations[number] for number in self._candidates(done)],
        )
