"""Histories: what concurrent clients asked of one thing, when, and what they were answered.

A history is about one thing that the product keeps, such as a session or an invitation. A model says
what each operation does to the thing if the operations run one after the other. `checker` finds out
whether the answers fit some order that keeps to the times.

Several programs check histories, but none of them is a maintained Python package: Knossos and Elle
are Clojure, Porcupine is Go. So `checker` is our own, and `test_checker` tests it on known histories.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was answered.

    Attributes:
        code: The code of the error; empty for a success.
        value: What the scenario keeps of the content.
    """

    code: str = ""
    value: Any = None

    @property
    def is_success(self) -> bool:
        """Whether the operation succeeded."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a client.

    Attributes:
        what: The kind of operation.
        began: When the client sent it, in seconds by one monotonic clock.
        ended: When the answer arrived; infinite if none did.
        answer: The answer. None if the client does not know whether the operation took place: it
            did, or did not, or will at any later time.
        given: What the client sent, by name.
        reads: Whether it changes nothing, whatever the state is.
    """

    what: str
    began: float
    ended: float
    answer: Answer | None
    given: Mapping[str, Any] = field(default_factory=dict)
    reads: bool = False

    def __str__(self) -> str:
        """A line for a person."""
        sent = " ".join(f"{name}={_short(value)}" for name, value in self.given.items())
        if self.answer is None:
            told = "unknown"
        elif self.answer.is_success:
            told = f"ok {_short(self.answer.value)}"
        else:
            told = f"{self.answer.code} {_short(self.answer.value)}"
        return f"{self.began:9.4f} to {self.ended:9.4f}  {self.what} {sent} -> {told}"


def unknown(operation: Operation) -> bool:
    """Whether the client does not know what became of an operation."""
    return operation.answer is None


class Model(Protocol[State]):
    """What a thing does if the operations on it run one after the other.

    Attributes:
        begin: Its state before the first operation.
    """

    begin: State

    def steps(self, state: State, operation: Operation) -> Iterable[State]:
        """The states that an operation may lead to; none if its answer is impossible in this state.

        If the answer is unknown: the states to which it leads if it takes place.
        """
        ...


@dataclass
class History(Generic[State]):
    """The operations on one thing.

    Attributes:
        thing: What the history is about, for a person.
        model: The model of the thing.
        operations: In the order in which they ended.
    """

    thing: str
    model: Model[State]
    operations: list[Operation] = field(default_factory=list)


def _short(value: Any) -> str:
    """A value, with long texts cut to their end, which differs in secrets of one kind."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"


_SHOWN = 60
