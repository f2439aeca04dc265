"""The settings of `make run`."""

from pathlib import Path

import pytest

from tools.settings import SetupError, read


def test_free_ports_are_distinct() -> None:
    """Each port that is not given is a different free one."""
    settings = read({"PORT": "0"})
    ports = [settings.port, *settings.ports.values(), *settings.metrics_ports.values()]
    assert 0 not in ports
    assert len(set(ports)) == 7


def test_a_port_given_is_the_port_taken() -> None:
    """A port that was free a moment ago can be set explicitly."""
    port = read({"PORT": "0"}).ports["auth"]
    assert read({"PORT": "0", "AUTH_PORT": str(port)}).ports["auth"] == port


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
