"""Starts the applications to compare with, and logs a user in at each."""

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers import installed, postgres
from bench.peers.postgres import Server
from bench.system import PASSWORD

STATE = {"open": ["a.py", "b.py"], "cursor": {"line": 12, "column": 4}}
EMAIL = "bench@example.com"
_READY_SECONDS = 60
_HOST = "127.0.0.1"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Target:
    """What is measured.

    Attributes:
        url: Where a row of the caller is.
        headers: The credential of the caller.
        pids: The processes that work for a call, without those that they have started.
    """

    url: str
    headers: list[str]
    pids: list[int]


@dataclass(frozen=True)
class Size:
    """How large an application is.

    Attributes:
        name: What this size is called.
        processes: How many processes answer requests.
        connections: How many connections each may keep; None for the default of its library.
    """

    name: str
    processes: int
    connections: int | None


@contextmanager
def fastapi_users(folder: Path, server: Server, size: Size) -> Iterator[Target]:
    """Runs the application on FastAPI-Users.

    Raises:
        Skipped: It cannot be installed.
    """
    python, port = installed.python(), _free_port()
    database = server.create_database(f"fastapi_users_{size.name}")
    url = f"postgresql+asyncpg://{postgres.USER}@/{database}?host={server.folder}"
    environ = _environ(url, size)
    source = Path(__file__).parent / "fastapi_users"
    subprocess.run([python, source / "app.py"], env=environ, check=True)
    argv = [str(python), "-m", "uvicorn", "app:app", "--app-dir", str(source)]
    argv += ["--host", _HOST, "--port", str(port), "--workers", str(size.processes)]
    argv += ["--log-level", "warning", "--no-access-log"]
    with _application(argv, environ, port, folder / f"{database}.log") as (at, pid):
        _post(f"{at}/auth/register", {"email": EMAIL, "password": PASSWORD})
        form = urllib.parse.urlencode({"username": EMAIL, "password": PASSWORD}).encode()
        request = urllib.request.Request(f"{at}/auth/jwt/login", form)  # noqa: S310 - ours
        with _DIRECT.open(request) as answer:
            token = json.load(answer)["access_token"]
        yield _target(at, ("authorization", f"Bearer {token}"), [pid, server.pid])


@contextmanager
def better_auth(folder: Path, server: Server, size: Size) -> Iterator[Target]:
    """Runs the application on better-auth.

    Raises:
        Skipped: There is no Node.js, or it cannot be installed.
    """
    (program, packages), port = installed.javascript(), _free_port()
    database = server.create_database(f"better_auth_{size.name}")
    url = f"postgresql://{postgres.USER}@/{database}?host={server.folder}"
    environ = {
        **_environ(url, size),
        "PORT": str(port),
        "PROCESSES": str(size.processes),
        "NODE_ENV": "production",
    }
    argv = [str(program), str(packages / "server.mjs")]
    with _application(argv, environ, port, folder / f"{database}.log") as (at, pid):
        body = {"email": EMAIL, "password": PASSWORD, "name": "Bench Mark"}
        _, headers = _post(f"{at}/api/auth/sign-up/email", body)
        cookie = headers["set-cookie"].partition(";")[0]
        yield _target(at, ("cookie", cookie), [pid, server.pid])


PEERS: Mapping[str, Callable[[Path, Server, Size], AbstractContextManager[Target]]] = {
    "FastAPI-Users": fastapi_users,
    "better-auth": better_auth,
}


def _environ(url: str, size: Size) -> dict[str, str]:
    connections = "" if size.connections is None else str(size.connections)
    return {**os.environ, "DATABASE_URL": url, "CONNECTIONS": connections}


@contextmanager
def _application(
    argv: list[str], environ: Mapping[str, str], port: int, log: Path
) -> Iterator[tuple[str, int]]:
    """Runs an application until the end of the block; gives its address and its first process."""
    with (
        log.open("wb") as out,
        subprocess.Popen(argv, env=environ, stdout=out, stderr=out) as first,
    ):
        try:
            _wait_until_ready(f"http://{_HOST}:{port}/sessions/", first, log)
            yield f"http://{_HOST}:{port}", first.pid
        finally:
            first.terminate()  # it ends the others


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _READY_SECONDS
    while True:
        try:
            _DIRECT.open(url)
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{log.stem} does not start: {log.read_text()}") from None
            time.sleep(0.2)


def _target(url: str, credential: tuple[str, str], pids: list[int]) -> Target:
    """Creates a row, and says how it is read."""
    made, _ = _post(f"{url}/sessions", {"name": "bench", "state": STATE}, dict([credential]))
    return Target(f"{url}/sessions/{made['id']}", [": ".join(credential)], pids)


def _post(url: str, body: object, more: Mapping[str, str] | None = None) -> tuple[Any, Any]:
    """Posts JSON; returns the answer and its headers."""
    headers = {"content-type": "application/json", **(more or {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - ours
    with _DIRECT.open(request) as answer:
        return json.load(answer), answer.headers


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return int(free.getsockname()[1])
