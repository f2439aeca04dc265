"""A service's process: its first words, its exit codes, its end. Real processes of tenants."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.storage import open_store
from kernel.storage.moving.progress import Progress
from kernel.version import VERSION
from tests.support.program import run_program, start_program
from tests.support.service import ENVIRON, NOBODY, SERVICE_KEY

MODULE = "services.tenants"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Good settings."""
    return {
        **ENVIRON,
        "STORE_URL": f"lmdb://{tmp_path}/store",
        "AUTH_ADDRESS": NOBODY,
        "SESSIONS_ADDRESS": NOBODY,
    }


def test_good_settings_are_said_to_be_good(environ: dict[str, str], tmp_path: Path) -> None:
    """`--check-config` exits with 0, touches no store and listens nowhere."""
    ended = run_program(MODULE, environ, ["--check-config"])
    assert (ended.returncode, ended.stdout) == (0, "tenants: settings are good\n")
    assert ended.stderr == "tenants: starting\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--check-config"], []])
def test_all_wrong_settings_are_named_at_once(
    environ: dict[str, str], arguments: list[str]
) -> None:
    """A line for each, exit code 2, the first words before them, and no key in any of them."""
    wrong = {
        **environ, "LISTEN": "nowhere", "CALL_SECONDS": "-1", "SEAL_KEYS": f"{SERVICE_KEY},broken",
    }  # fmt: skip
    del wrong["AUTH_ADDRESS"]
    ended = run_program(MODULE, wrong, arguments)
    first, *problems = ended.stderr.splitlines()
    assert (ended.returncode, first, ended.stdout) == (2, "tenants: starting", "")
    assert sorted(line.split(": ")[1] for line in problems) == [
        "AUTH_ADDRESS", "CALL_SECONDS", "LISTEN", "SEAL_KEYS",
    ]  # fmt: skip
    assert SERVICE_KEY not in ended.stderr


def test_it_says_which_version_it_is(environ: dict[str, str]) -> None:
    """An image that holds another program cannot say this."""
    ended = run_program(MODULE, environ, ["--version"])
    assert (ended.returncode, ended.stdout) == (0, f"tenants {VERSION}\n")


def test_an_argument_that_is_none(environ: dict[str, str]) -> None:
    """What is not understood is refused after the first words."""
    ended = run_program(MODULE, environ, ["--nonsense"])
    assert ended.returncode == 2
    assert ended.stderr.startswith("tenants: starting\n")


def test_a_store_that_cannot_be_opened(environ: dict[str, str], tmp_path: Path) -> None:
    """One line that says where it should have been, exit code 2, no traceback."""
    (tmp_path / "file").write_text("")
    for url in (f"lmdb://{tmp_path}/file/store", "nonsense://x"):
        ended = run_program(MODULE, {**environ, "STORE_URL": url})
        assert ended.returncode == 2
        assert ended.stderr.startswith("tenants: starting\ntenants: ")
        assert "Traceback" not in ended.stderr


async def test_a_half_copied_store(environ: dict[str, str]) -> None:
    """A store that a copy has not finished is refused in one line, exit code 2."""
    store = open_store(environ["STORE_URL"])
    await Progress(store, "elsewhere", b"run").claim(anew=False)
    await store.close()
    ended = run_program(MODULE, environ)
    assert ended.returncode == 2
    assert "tenants: The store is the target of a copy that is not finished." in ended.stderr


def test_a_busy_port(environ: dict[str, str]) -> None:
    """One line that names the address, exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run_program(MODULE, {**environ, "LISTEN": address})
    assert ended.returncode == 2
    assert f"tenants: cannot listen on {address}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unforeseen_end_is_not_silent(environ: dict[str, str]) -> None:
    """What nobody thought of exits with 1 and its traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        metrics = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run_program(MODULE, {**environ, "METRICS_LISTEN": metrics})
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def listening(stdout: Iterator[str]) -> bool:
    """Reads the log up to the line that says so."""
    return any('"listening"' in line for line in stdout)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(environ: dict[str, str], number: signal.Signals) -> None:
    """Exit code 0, and nothing on stderr but the first words."""
    with start_program(MODULE, environ) as process:
        assert process.stdout is not None
        assert listening(process.stdout)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=10)
    assert (process.returncode, stderr) == (0, "tenants: starting\n")
