"""`python -m bench.imports STORE_URL`: imports many users, is killed half-way, resumes, and looks at the store.

Prints the lines per second of each run, its processor time, and the memory of the process at its begin,
middle and end: without the pages of the store, which LMDB maps into it. Begin with an empty store.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import psutil

from kernel.storage import open_store

_SAMPLE_SECONDS = 1.0
_PASSWORD, _SALT, _ITERATIONS = b"correct horse battery staple", b"salt", 27_500
_USERS_PER_TEAM, _MEMBERS_PER_TEAM = 1_000, 20


class Run(NamedTuple):
    """One run: its seconds, its processor time, and samples of its memory in MB."""

    seconds: float
    cpu: float
    memory: list[float]

    def __str__(self) -> str:
        begin, middle, end = (self.memory[at] for at in (0, len(self.memory) // 2, -1))
        memory = f"memory {begin:.0f}, {middle:.0f}, {end:.0f} MB"
        return f"{self.seconds:,.0f} s, {self.cpu:,.0f} s of processor, {memory}"


def lines(users: int) -> Iterator[dict[str, object]]:
    """Users, one team for a thousand of them, and its members."""
    key = hashlib.pbkdf2_hmac("sha256", _PASSWORD, _SALT, _ITERATIONS)
    password_hash = f"pbkdf2_sha256${_ITERATIONS}${_SALT.decode()}${base64.b64encode(key).decode()}"
    for number in range(users):
        yield {
            "kind": "user",
            "id": str(uuid5(NAMESPACE_URL, str(number))),
            "email": f"user-{number}@example.com",
            "firstName": "Ada",
            "lastName": f"Lovelace {number}",
            "emailVerified": number % 3 > 0,
            "passwordHash": password_hash,
        }
    teams = users // _USERS_PER_TEAM
    for number in range(teams):
        yield {
            "kind": "organization",
            "externalId": f"{number}",
            "name": f"Team {number}",
            "slug": f"team-{number}",
            "ownerEmail": f"user-{number}@example.com",
        }
    for number in range(teams * _MEMBERS_PER_TEAM):
        yield {
            "kind": "membership",
            "organizationExternalId": f"{number % teams}",
            "userEmail": f"user-{(teams + 13 * number) % users}@example.com",
            "role": "member",
        }


def run(file: Path, url: str, kill_after: float | None = None) -> Run:
    """Runs the import, and kills it after some seconds."""
    argv = [sys.executable, "-m", "ops", "import", str(file), "--store", url]
    memory: list[float] = []
    cpu, begun = 0.0, time.monotonic()
    with psutil.Popen(argv) as process:
        while process.poll() is None:
            time.sleep(_SAMPLE_SECONDS)
            try:
                used, times = process.memory_info(), process.cpu_times()
            except psutil.NoSuchProcess:
                break
            if not used.rss:  # it is ending
                break
            memory.append((used.rss - used.shared) / 1e6)
            cpu = times.user + times.system
            if kill_after is not None and time.monotonic() - begun > kill_after:
                process.kill()
    return Run(time.monotonic() - begun, cpu, memory or [0.0])


async def _create(url: str) -> None:
    await open_store(url).close()


def main() -> int:
    """Runs the command line; returns the doctor's exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("store", metavar="STORE_URL")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--kill-after", type=float, default=120.0, metavar="SECONDS")
    options = parser.parse_args()
    asyncio.run(_create(options.store))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "users.ndjson"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines(options.users))
        print("killed:", run(file, options.store, options.kill_after), flush=True)
        print("resumed:", run(file, options.store), flush=True)
        print("again:", run(file, options.store), flush=True)
    argv = [sys.executable, "-m", "ops.doctor", options.store]
    return subprocess.run(argv, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
