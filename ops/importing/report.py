"""What an import says: a line of JSON for each refused line, and counts."""

import json
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import TextIO

from ops.importing.lines import Refused

KINDS = ("user", "organization", "membership")
_PROGRESS_SECONDS = 10.0


class Outcome(StrEnum):
    """What became of a line."""

    CREATED = "created"
    PRESENT = "present"


class Report:
    """Counts lines, and writes refused ones at once.

    Args:
        file: Takes the refused lines.
        say: Takes progress, a line at a time.
        clock: Seconds on a monotonic clock.
    """

    def __init__(
        self, file: TextIO, say: Callable[[str], object], clock: Callable[[], float]
    ) -> None:
        self.refused = 0
        self._counts: Counter[tuple[str, Outcome]] = Counter()
        self._file = file
        self._say = say
        self._clock = clock
        self._begun = self._said = clock()

    def add(self, kind: str, outcome: Outcome) -> None:
        """Counts a line that was accepted."""
        self._counts[kind, outcome] += 1

    def refuse(self, refused: Refused) -> None:
        """Writes a line that was refused."""
        self.refused += 1
        self._file.write(json.dumps(refused._asdict()) + "\n")

    def progress(self) -> None:
        """Says how far the import is, every few seconds."""
        now = self._clock()
        if now - self._said >= _PROGRESS_SECONDS:
            self._said = now
            self._say(f"{self._total():,} lines, {self._rate():,.0f}/s, {self.refused:,} refused")

    def summary(self) -> list[str]:
        """The counts, a line for each kind."""
        lines = [
            f"{kind}: {self._counts[kind, Outcome.CREATED]:,} created, "
            f"{self._counts[kind, Outcome.PRESENT]:,} present"
            for kind in KINDS
        ]
        seconds = self._clock() - self._begun
        lines.append(f"{self.refused:,} lines refused")
        lines.append(f"{self._total():,} lines in {seconds:,.1f} seconds, {self._rate():,.0f}/s")
        return lines

    def _total(self) -> int:
        return self.refused + sum(self._counts.values())

    def _rate(self) -> float:
        return self._total() / max(self._clock() - self._begun, 0.001)
