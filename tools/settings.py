"""The settings of `make run`: ports and the data folder, read from the environment."""

import contextlib
import errno
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

STORE = "store"
"""The folder of the store, in the data folder."""
CONTEXTS = ("auth", "tenants", "sessions")
DEFAULT_PORT = 8080
DEFAULT_DATA = ".data"
HOST = "127.0.0.1"
LAST_PORT = 65535


class SetupError(Exception):
    """The laptop system cannot start with these settings; `problems` has one line for each reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Settings:
    """All addresses and paths, decided before anything starts."""

    data: Path
    """The data folder, absolute."""
    port: int
    """The gateway's port, on the loopback address."""
    ports: Mapping[str, int]
    """The gRPC port of each context."""
    metrics_ports: Mapping[str, int]
    """The metrics port of each context."""
    store: str
    """The address of the store that the services share."""
    environ: Mapping[str, str]
    """The caller's environment, which every program inherits."""
    verbose: bool = False
    """Programs write to the terminal, not to their log files."""

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://{HOST}:{self.port}"


def read(environ: Mapping[str, str]) -> Settings:
    """Reads the settings and finds a free port for each one that is not given.

    `PORT` (8080) and `DATA` (`.data`) are the main ones; `STORE_URL` names another store.
    `AUTH_PORT`, `AUTH_METRICS_PORT` and so on are free ports unless given; 0 means any free port.

    Raises:
        SetupError: With everything that is wrong.
    """
    given, problems = _given_ports(environ)
    with contextlib.ExitStack() as held:
        ports = dict(_take(given, held, problems))
    if problems:
        raise SetupError(*problems)
    data = Path(environ.get("DATA") or DEFAULT_DATA).expanduser().absolute()
    return Settings(
        data=data,
        port=ports["PORT"],
        ports={context: ports[f"{context.upper()}_PORT"] for context in CONTEXTS},
        metrics_ports={context: ports[f"{context.upper()}_METRICS_PORT"] for context in CONTEXTS},
        store=environ.get("STORE_URL") or f"lmdb://{quote(str(data / STORE))}",
        environ=environ,
        verbose=environ.get("VERBOSE", "") not in {"", "0"},
    )


def _given_ports(environ: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """The port given for each name, 0 for any free one; and the problems with the others."""
    given, problems = {}, []
    for name in _port_names():
        text = environ.get(name) or ("0" if name != "PORT" else str(DEFAULT_PORT))
        if text.isascii() and text.isdecimal() and int(text) <= LAST_PORT:
            given[name] = int(text)
        else:
            problems.append(f"{name}={text} is no port: give a number from 1 to {LAST_PORT}")
    return given, problems


def _port_names() -> Iterator[str]:
    yield "PORT"
    for context in CONTEXTS:
        yield f"{context.upper()}_PORT"
        yield f"{context.upper()}_METRICS_PORT"


def _take(
    given: Mapping[str, int], held: contextlib.ExitStack, problems: list[str]
) -> Iterable[tuple[str, int]]:
    """Binds every port, given ones first, and keeps all bound so that no two are the same."""
    for name, port in sorted(given.items(), key=lambda item: item[1] == 0):
        taken = held.enter_context(socket.socket())
        # Without this, lingering connections of an earlier run make a port look busy.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, port))
            taken.listen()  # two sockets that only bind may share a port under SO_REUSEADDR
        except OSError as error:
            problems.append(_refusal(name, port, error))
        else:
            yield name, taken.getsockname()[1]


def _refusal(name: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is busy: give another one with {name}="
    return f"port {port} ({name}) cannot be used: {error.strerror}"
