"""The settings of `make run`."""

from pathlib import Path

import pytest

from tools.settings import SetupError, read


def test_free_ports_are_distinct() -> None:
    """Each port that is not given is a different free one, also of several processes."""
    settings = read({"PORT": "0", "WORKERS": "2"})
    ports = [settings.port, *settings.metrics_ports.values()]
    assert 0 not in ports
    assert len(set(ports)) == 7


def test_a_port_given_is_the_port_taken() -> None:
    """A port that was free a moment ago can be set explicitly."""
    where = read({"PORT": "0", "AUTH_PORT": "0"}).listen["auth"]
    port = where.removeprefix("127.0.0.1:")
    assert port.isdecimal()
    assert read({"PORT": "0", "AUTH_PORT": port}).listen["auth"] == where


def test_a_service_without_a_port_has_a_socket(tmp_path: Path) -> None:
    """It is in the data folder; only a service whose port is given listens on TCP."""
    listen = read(
        {"PORT": "0", "DATA": str(tmp_path), "TENANTS_2_PORT": "0", "WORKERS": "2"}
    ).listen
    assert listen["tenants"] == f"unix:{tmp_path}/run/tenants"
    assert listen["tenants-2"].startswith("127.0.0.1:")
    assert list(listen) == ["auth", "auth-2", "tenants", "tenants-2", "sessions", "sessions-2"]


@pytest.mark.parametrize("text", ["0", "65", "two", "-1", "1.5"])
def test_a_wrong_number_of_workers_is_refused(text: str) -> None:
    """The message names the numbers that are possible."""
    with pytest.raises(SetupError, match=f"WORKERS={text} is no number of processes: .* 1 to 64"):
        read({"PORT": "0", "WORKERS": text})


def test_one_port_for_two_is_refused() -> None:
    """The same port under two names is reported as busy for the second."""
    port = str(read({"PORT": "0"}).port)
    with pytest.raises(SetupError, match=f"port {port} is busy: give another one with AUTH_PORT="):
        read({"PORT": port, "AUTH_PORT": port})


def test_tokens_are_issued_for_localhost() -> None:
    """The URL for users is that of this machine, unless the environment names another one."""
    made = read({"PORT": "0"})
    issuer = f"http://localhost:{made.port}"
    assert made.environ["TOKEN_ISSUER"] == issuer
    assert made.environ["TOKEN_AUDIENCE"] == f"{issuer}/api/v5"
    other = read({"PORT": "0", "TOKEN_ISSUER": "https://ide.example.com"})
    assert other.environ["TOKEN_AUDIENCE"] == "https://ide.example.com/api/v5"


def test_data_is_absolute() -> None:
    """A relative folder is one below the working folder, and `~` is the home folder."""
    assert read({"PORT": "0"}).data == Path.cwd() / ".data"
    assert read({"PORT": "0", "DATA": "x y"}).data == Path.cwd() / "x y"
    assert read({"PORT": "0", "DATA": "~/x"}).data == Path.home() / "x"


@pytest.mark.parametrize(("text", "verbose"), [("", False), ("0", False), ("1", True)])
def test_verbose(text: str, verbose: bool) -> None:
    """`VERBOSE=1` shows the logs, empty and 0 do not."""
    assert read({"PORT": "0", "VERBOSE": text}).verbose is verbose
