"""The settings of `make run`: addresses, processes and the data folder, read from the environment."""

import contextlib
import errno
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tools.sockets import socket_folder

MAIL = "mail"
"""The folder of emails, in the data folder."""
STORE = "store"
"""The folder of the store, in the data folder."""
CONTEXTS = ("auth", "tenants", "sessions")
DEFAULT_PORT = 8080
DEFAULT_DATA = ".data"
HOST = "127.0.0.1"
HOST_V6 = "[::1]"
MOST_WORKERS = 64
_ATTEMPTS = 10
LAST_PORT = 65535
_NUMBER = re.compile(r"[0-9]{1,5}")


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
    """The gateway's port, on the loopback addresses."""
    gateway_hosts: tuple[str, ...]
    """The loopback addresses that the gateway listens on: both, where the machine has IPv6."""
    workers: Mapping[str, tuple[str, ...]]
    """The names of the processes of each context: `auth`, `auth-2` and so on."""
    listen: Mapping[str, str]
    """Where each of these processes serves gRPC: `unix:/path`, or `host:port` if its port is given."""
    metrics_ports: Mapping[str, int]
    """The metrics port of each of these processes."""
    store: str
    """The address of the store that the services share."""
    environ: Mapping[str, str]
    """The caller's environment, which every program inherits, and what all of them must know alike:
    the URL for users. Its host is `localhost`, because browsers run passkeys there and on no address."""
    verbose: bool = False
    """Programs write to the terminal, not to their log files."""

    @property
    def mail_url(self) -> str:
        """How auth and tenants send email: into one folder, unless the environment says otherwise."""
        return self.environ.get("MAIL_URL") or f"file://{quote(str(self.data / MAIL))}"

    @property
    def mail_folder(self) -> Path | None:
        """Where emails are written; None if a mail server gets them."""
        parts = urlsplit(self.mail_url)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://{HOST}:{self.port}"


def read(environ: Mapping[str, str]) -> Settings:
    """Reads the settings and finds a free port for each one that is not given.

    `PORT` (8080) and `DATA` (`.data`) are the main ones; `STORE_URL` names another store. `WORKERS` (1)
    is the number of processes of each service. `AUTH_PORT` has auth serve gRPC on that port of loopback,
    and its second process has `AUTH_2_PORT`; without one it is a Unix socket. `AUTH_METRICS_PORT` and so
    on are free ports unless given. 0 means any free port.

    Raises:
        SetupError: With everything that is wrong.
    """
    workers, problems = _workers(environ)
    given = _given_ports(environ, workers, problems)
    hosts = (HOST, HOST_V6) if _has_ipv6() else (HOST,)
    with contextlib.ExitStack() as held:
        ports = dict(_take(given, hosts, held, problems))
    data = _folder(environ.get("DATA") or DEFAULT_DATA, problems)
    if problems:
        raise SetupError(*problems)
    names = [name for several in workers.values() for name in several]
    folder = socket_folder(data)
    return Settings(
        data=data,
        port=ports["PORT"],
        gateway_hosts=hosts,
        workers=workers,
        listen={
            name: f"{HOST}:{ports[port]}"
            if (port := _variable(name)) in ports
            else f"unix:{folder / name}"
            for name in names
        },
        metrics_ports={name: ports[_metrics_variable(name)] for name in names},
        store=environ.get("STORE_URL") or f"lmdb://{quote(str(data / STORE))}",
        environ={**environ, **_tokens(environ, ports["PORT"])},
        verbose=environ.get("VERBOSE", "") not in {"", "0"},
    )


def _workers(environ: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The names of the processes of each context; and the problem with their number."""
    text = environ.get("WORKERS") or "1"
    problems = []
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MOST_WORKERS:
        problems.append(
            f"WORKERS={text} is no number of processes: give one from 1 to {MOST_WORKERS}"
        )
        text = "1"
    more = range(2, int(text) + 1)
    names = {context: (context, *(f"{context}-{n}" for n in more)) for context in CONTEXTS}
    return names, problems


def _given_ports(
    environ: Mapping[str, str], workers: Mapping[str, tuple[str, ...]], problems: list[str]
) -> dict[str, int]:
    """The port given for each name, 0 for any free one; a socket needs none."""
    given = {}
    for name, default in _port_names(workers):
        text = environ.get(name) or default
        if _NUMBER.fullmatch(text) and int(text) <= LAST_PORT:
            given[name] = int(text)
        elif text:
            problems.append(f"{name}={text} is no port: give a number from 1 to {LAST_PORT}")
    return given


def _tokens(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """Issuer and audience of tokens, unless the environment says otherwise."""
    issuer = environ.get("TOKEN_ISSUER") or f"http://localhost:{port}"
    audience = environ.get("TOKEN_AUDIENCE") or f"{issuer}/api/v5"
    return {"TOKEN_ISSUER": issuer, "TOKEN_AUDIENCE": audience}


def _port_names(workers: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each variable of a port, and its default."""
    yield "PORT", str(DEFAULT_PORT)
    for name in (one for several in workers.values() for one in several):
        yield _variable(name), ""
        yield _metrics_variable(name), "0"


def _variable(name: str) -> str:
    return f"{name.upper().replace('-', '_')}_PORT"


def _metrics_variable(name: str) -> str:
    return f"{name.upper().replace('-', '_')}_METRICS_PORT"


def _folder(text: str, problems: list[str]) -> Path:
    """The absolute path of the data folder; `~` and `~name` are the home folders that exist."""
    try:
        text.encode()
        path = Path(text).expanduser()
    except UnicodeEncodeError:
        problems.append(f"DATA={text} is not text in UTF-8")
    except RuntimeError:
        problems.append(f"DATA={text} names the home folder of an unknown user")
    else:
        if text.startswith("~") and not Path(Path(text).parts[0]).expanduser().is_dir():
            problems.append(f"DATA={text} is below a home folder that does not exist")
        return path.absolute()
    return Path()


def _has_ipv6() -> bool:
    """Whether this machine has the loopback address of IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind((HOST_V6.strip("[]"), 0))
    except OSError:
        return False
    return True


def _take(
    given: Mapping[str, int], hosts: Sequence[str], held: contextlib.ExitStack, problems: list[str]
) -> Iterable[tuple[str, int]]:
    """Binds every port, given ones first, and keeps all bound so that no two are the same."""
    for name, port in sorted(given.items(), key=lambda item: item[1] == 0):
        for attempt in range(_ATTEMPTS):
            try:
                yield name, _bind(hosts if name == "PORT" else (HOST,), port, held)
            except OSError as error:
                # A port that is free on one address may be busy on the other.
                if port or attempt == _ATTEMPTS - 1:
                    problems.append(_refusal(name, port, error))
                    break
            else:
                break


def _bind(hosts: Sequence[str], port: int, held: contextlib.ExitStack) -> int:
    """Binds a port on all of the addresses until `held` ends, and returns it. Raises `OSError`."""
    with contextlib.ExitStack() as bound:
        for host in hosts:
            family = socket.AF_INET if host == HOST else socket.AF_INET6
            taken = bound.enter_context(socket.socket(family))
            # Without this, lingering connections of an earlier run make a port look busy.
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((host.strip("[]"), port))
            taken.listen()  # two sockets that only bind may share a port under SO_REUSEADDR
            port = taken.getsockname()[1]
        held.enter_context(bound.pop_all())
    return port


def _refusal(name: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is busy: give another one with {name}="
    return f"port {port} ({name}) cannot be used: {error.strerror}"
