"""What the processes of the pods use: memory and open files, sampled while the soak runs."""

import statistics
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import psutil

SECONDS = 5.0
"""The time between two samples."""
_FEWEST = 8  # samples of a process, to say anything


@dataclass(frozen=True)
class Growth:
    """What one process used at the beginning and at the end of its life.

    Attributes:
        name: The pod and, for its sidecar, `sidecar`.
        seconds: How long it was sampled.
        megabytes: The resident memory, at the beginning and at the end.
        files: The open files, at the beginning and at the end.
    """

    name: str
    seconds: float
    megabytes: tuple[float, float]
    files: tuple[float, float]


class Usage:
    """Samples all processes while the context is entered.

    Args:
        pids: Returns the ids of the processes of each pod at the moment.
    """

    def __init__(self, pids: Callable[[], Mapping[str, Sequence[int]]]) -> None:
        self._pids = pids
        self._samples: dict[tuple[str, int], list[tuple[float, int]]] = defaultdict(list)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Starts to sample."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops."""
        self._stop.set()
        self._thread.join()

    def growths(self) -> list[Growth]:
        """The growth of each process that lived for long enough to tell.

        Begin and end are the medians of a quarter of the samples; the first quarter is left out, in which
        a process fills its caches.
        """
        found = []
        for (name, _), samples in self._samples.items():
            if len(samples) < _FEWEST:
                continue
            quarter = len(samples) // 4
            first, last = samples[quarter : 2 * quarter], samples[-quarter:]
            found.append(
                Growth(
                    name,
                    len(samples) * SECONDS,
                    (_middle(first, 0), _middle(last, 0)),
                    (_middle(first, 1), _middle(last, 1)),
                )
            )
        return found

    def _run(self) -> None:
        while not self._stop.wait(SECONDS):
            for pod, pids in list(self._pids().items()):
                for number, pid in enumerate(pids):
                    name = f"{pod} sidecar" if number else pod
                    with suppress(psutil.Error):
                        process = psutil.Process(pid)
                        sample = process.memory_info().rss / 1e6, process.num_fds()
                        self._samples[name, pid].append(sample)


def _middle(samples: Sequence[tuple[float, int]], which: int) -> float:
    return statistics.median(sample[which] for sample in samples)
