"""The doctor's report: a line per finding, and at the end one per family."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from kernel.storage.families import AnyFamily


class Finding(NamedTuple):
    """A broken invariant.

    Attributes:
        family: The name of the family; empty for a key without one.
        key: The elements of the key by their names. Values are never shown.
        text: What is wrong.
    """

    family: str
    key: dict[str, str]
    text: str

    @classmethod
    def of(cls, family: AnyFamily, elements: tuple[Any, ...], text: str) -> "Finding":
        """A finding about a row of a family."""
        names = [part.name for part in family.parts]
        return cls(family.name, dict(zip(names, map(_shown, elements), strict=True)), text)

    @classmethod
    def stray(cls, key: bytes) -> "Finding":
        """A finding about a key that no family declares."""
        return cls("", {"key": ascii(key)[2:-1]}, "belongs to no declared family")

    def __str__(self) -> str:
        key = " ".join(f"{name}={element}" for name, element in self.key.items())
        return " ".join(part for part in (self.family, key) if part) + f": {self.text}"


class Report:
    """Counts the rows and findings of a store, and passes each finding on at once.

    Args:
        emit: Receives each finding.

    Attributes:
        findings: How many findings there are.
        rows: How many rows each family has.
        strays: How many keys belong to no family.
    """

    def __init__(self, emit: Callable[[Finding], object]) -> None:
        self.findings = 0
        self.rows: Counter[str] = Counter()
        self.strays = 0
        self._emit = emit

    def add(self, family: AnyFamily | None, rows: int, findings: Iterable[Finding]) -> None:
        """Adds the findings of some rows of a family, or of stray keys (None)."""
        if family is None:
            self.strays += rows
        else:
            self.rows[family.name] += rows
        for finding in findings:
            self.findings += 1
            self._emit(finding)


def _shown(element: object) -> str:
    if isinstance(element, bytes):
        return element.hex()
    text = str(element)
    return text if text.isprintable() and " " not in text else ascii(text)
