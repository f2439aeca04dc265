"""The settings of `make run`: ports and the data folder, read from the environment."""

import contextlib
import errno
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

MAIL = "mail"
"""The folder of emails, in the data folder."""
STORE = "store"
"""The folder of the store, in the data folder."""
CONTEXTS = ("auth", "tenants", "sessions")
DEFAULT_PORT = 8080
DEFAULT_DATA = ".data"
HOST = "127.0.0.1"
HOST_V6 = "[::1]"
_ATTEMPTS = 10
LAST_PORT = 65535
_PORT = re.compile(r"[0-9]{1,5}")


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
    ports: Mapping[str, int]
    """The gRPC port of each context."""
    metrics_ports: Mapping[str, int]
    """The metrics port of each context."""
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

    `PORT` (8080) and `DATA` (`.data`) are the main ones; `STORE_URL` names another store.
    `AUTH_PORT`, `AUTH_METRICS_PORT` and so on are free ports unless given; 0 means any free port.

    Raises:
        SetupError: With everything that is wrong.
    """
    given, problems = _given_ports(environ)
    hosts = (HOST, HOST_V6) if _has_ipv6() else (HOST,)
    with contextlib.ExitStack() as held:
        ports = dict(_take(given, hosts, held, problems))
    data = _folder(environ.get("DATA") or DEFAULT_DATA, problems)
    if problems:
        raise SetupError(*problems)
    return Settings(
        data=data,
        port=ports["PORT"],
        gateway_hosts=hosts,
        ports={context: ports[f"{context.upper()}_PORT"] for context in CONTEXTS},
        metrics_ports={context: ports[f"{context.upper()}_METRICS_PORT"] for context in CONTEXTS},
        store=environ.get("STORE_URL") or f"lmdb://{quote(str(data / STORE))}",
        environ={**environ, **_tokens(environ, ports["PORT"])},
        verbose=environ.get("VERBOSE", "") not in {"", "0"},
    )


def _given_ports(environ: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """The port given for each name, 0 for any free one; and the problems with the others."""
    given, problems = {}, []
    for name in _port_names():
        text = environ.get(name) or ("0" if name != "PORT" else str(DEFAULT_PORT))
        if _PORT.fullmatch(text) and int(text) <= LAST_PORT:
            given[name] = int(text)
        else:
            problems.append(f"{name}={text} is no port: give a number from 1 to {LAST_PORT}")
    return given, problems


def _tokens(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """Issuer and audience of tokens, unless the environment says otherwise."""
    issuer = environ.get("TOKEN_ISSUER") or f"http://localhost:{port}"
    audience = environ.get("TOKEN_AUDIENCE") or f"{issuer}/api/v5"
    return {"TOKEN_ISSUER": issuer, "TOKEN_AUDIENCE": audience}


def _port_names() -> Iterator[str]:
    yield "PORT"
    for context in CONTEXTS:
        yield f"{context.upper()}_PORT"
        yield f"{context.upper()}_METRICS_PORT"


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
