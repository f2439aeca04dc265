"""The resident memory of each process, before and after logins under load.

python -m bench memory     needs h2load (nghttp2-client)
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.load import run
from bench.system import JSON, PASSWORD, Row, at_most, checked, laptop, new_user
from tools import settings
from tools.laptop import Laptop

IDLE, LOADED = "idle", "after logins under load"
BUDGET, LOADED_AUTH_BUDGET = 90, 110  # MB
_LAST_HASHES_SECONDS = 2.0
"""The load leaves without the answers to its last calls; each hash takes 19 MiB while it is computed."""


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures a new system, and then loads it."""
    with laptop(folder / "data") as running:
        running.wait_until_ready()
        user = new_user(running)
        yield from _memory(running, IDLE)
        body = json.dumps({"email": user.email, "password": PASSWORD}).encode()
        url = f"{user.url}/api/v5/auth/login"
        checked(run(url, seconds=seconds, clients=8, headers=[JSON], body=body))
        time.sleep(_LAST_HASHES_SECONDS)
        yield from _memory(running, LOADED)


def _memory(running: Laptop, when: str) -> Iterator[Row]:
    for name in (*settings.CONTEXTS, "gateway"):
        used = psutil.Process(running.pid(name)).memory_info().rss / 1e6
        row = f"memory of {name}, {when}"
        if name == "gateway":
            yield Row(row, f"{used:.0f} MB")
        else:
            loaded = name == "auth" and when == LOADED
            yield at_most(row, used, LOADED_AUTH_BUDGET if loaded else BUDGET, "MB")
