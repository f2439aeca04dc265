"""Load from h2load (nghttp2), a client in C that takes little processor time itself."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class Skipped(Exception):
    """Something cannot be measured on this machine; the text says why."""


class NoLoadGenerator(Skipped):
    """h2load is not installed."""

    def __init__(self) -> None:
        super().__init__("h2load is not installed (it is part of nghttp2)")


@dataclass(frozen=True)
class Load:
    """The result of a number of requests.

    Attributes:
        rate: Requests per second.
        milliseconds: How long each took, sorted.
        failed: How many had no 2xx response.
    """

    rate: float
    milliseconds: Sequence[float]
    failed: int

    def percentile(self, share: float) -> float:
        """The milliseconds within which that share of the requests had a response."""
        return self.milliseconds[
            min(int(share * len(self.milliseconds)), len(self.milliseconds) - 1)
        ]


def run(
    url: str,
    *,
    seconds: int,
    clients: int,
    rate: float | None = None,
    headers: Sequence[str] = (),
    body: bytes | None = None,
) -> Load:
    """Sends requests over HTTP/1.1, one at a time per client, at most `rate` per second in all."""
    program = shutil.which("h2load")
    if program is None:
        raise NoLoadGenerator
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        argv = [program, "--h1", "-m1", f"-c{clients}", f"-D{seconds:.0f}", f"--log-file={log}"]
        if rate is not None:
            argv.append(f"--rps={rate / clients:.2f}")
        for header in headers:
            argv += ["-H", header]
        if body is not None:
            data = Path(folder) / "body"
            data.write_bytes(body)
            argv += ["-d", str(data)]
        done = subprocess.run([*argv, url], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"h2load failed: {done.stderr.strip() or done.stdout.strip()}")
        rows = [line.split("\t") for line in log.read_text(encoding="ascii").splitlines()]
    if not rows:
        raise RuntimeError("no request was answered")
    starts = [int(row[0]) for row in rows]
    ends = [int(row[0]) + int(row[2]) for row in rows]
    return Load(
        rate=len(rows) / ((max(ends) - min(starts)) / 1e6),
        milliseconds=sorted(int(row[2]) / 1000 for row in rows),
        failed=sum(not row[1].startswith("2") for row in rows),
    )
