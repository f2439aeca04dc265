"""What the doctor says: a line per finding, and at the end one per family."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from kernel.storage.families import AnyFamily


class Finding(NamedTuple):
    """Something in a store that does not hold.

    Attributes:
        family: The name of the family; empty for a key of none.
        key: The elements of the key by their names. Values are never told.
        text: What does not hold.
    """

    family: str
    key: dict[str, str]
    text: str

    @classmethod
    def of(cls, family: AnyFamily, elements: tuple[Any, ...], text: str) -> "Finding":
        """A finding about a row of a family."""
        names = [part.name for part in family.parts]
        return cls(family.name, dict(zip(names, map(_told, elements), strict=True)), text)

    @classmethod
    def stray(cls, key: bytes) -> "Finding":
        """A finding about a key that no family declares."""
        return cls("", {"key": ascii(key)[2:-1]}, "belongs to no declared family")

    def __str__(self) -> str:
        key = " ".join(f"{name}={element}" for name, element in self.key.items())
        return " ".join(part for part in (self.family, key) if part) + f": {self.text}"


class Report:
    """What is found in a store, told as soon as it is, and counted.

    Args:
        tell: Takes a finding.

    Attributes:
        findings: How many there are.
        rows: How many rows each family has.
        strays: How many keys belong to no family.
    """

    def __init__(self, tell: Callable[[Finding], object]) -> None:
        self.findings = 0
        self.rows: Counter[str] = Counter()
        self.strays = 0
        self._tell = tell

    def add(self, family: AnyFamily | None, rows: int, findings: Iterable[Finding]) -> None:
        """Takes in what was found in some rows of a family, or in stray ones."""
        if family is None:
            self.strays += rows
        else:
            self.rows[family.name] += rows
        for finding in findings:
            self.findings += 1
            self._tell(finding)


def _told(element: object) -> str:
    if isinstance(element, bytes):
        return element.hex()
    text = str(element)
    return text if text.isprintable() and " " not in text else ascii(text)
