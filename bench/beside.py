"""Session GETs at a constant rate, alone and beside as many logins as the machine can serve.

python -m bench beside     needs h2load (nghttp2-client)
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.load import Load, run
from bench.system import JSON, PASSWORD, Row, User, at_most, checked, laptop, new_user

RATE = 200


def measure(folder: Path, seconds: int) -> Iterator[Row]:
    """Measures both, one after the other.

    Another user logs in: the limit of logins per user would end the login of the reader.
    """
    with laptop(folder / "data") as running:
        running.wait_until_ready()
        user, other = new_user(running), new_user(running)
        quiet = _reads(user, seconds)
        with ThreadPoolExecutor(1) as pool:
            logins = pool.submit(_logins, other, seconds + 2)
            time.sleep(1)
            busy = _reads(user, seconds)
            logins.result()
    quiet_p99, busy_p99 = quiet.percentile(0.99), busy.percentile(0.99)
    yield Row(f"session GET at {RATE}/s: p99 ms, quiet", f"{quiet_p99:.2f}")
    yield Row(f"session GET at {RATE}/s: p99 ms, beside logins", f"{busy_p99:.2f}")
    yield at_most("beside logins / quiet", busy_p99 / quiet_p99, 3, "x")


def _reads(user: User, seconds: int) -> Load:
    url, headers = user.session_url, user.headers
    return checked(run(url, seconds=seconds, clients=4, rate=RATE, headers=headers))


def _logins(user: User, seconds: int) -> Load:
    body = json.dumps({"email": user.email, "password": PASSWORD}).encode()
    url = f"{user.url}/api/v5/auth/login"
    return checked(run(url, seconds=seconds, clients=8, headers=[JSON], body=body))
