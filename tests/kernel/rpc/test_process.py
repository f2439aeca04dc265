"""A service's process: its first line, exit codes and shutdown, with real processes of tenants."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.storage import open_store
from kernel.storage.moving.progress import Progress
from kernel.version import VERSION
from tests.support.program import SECONDS, run_program, start_program
from tests.support.service import ENVIRON, SERVICE_KEY, UNREACHABLE
from tests.support.small_disk import run_on_small_disk

MODULE = "services.tenants"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Valid settings."""
    return {
        **ENVIRON,
        "STORE_URL": f"lmdb://{tmp_path}/store",
        "AUTH_ADDRESS": UNREACHABLE,
        "SESSIONS_ADDRESS": UNREACHABLE,
    }


def test_check_config_accepts_good_settings(environ: dict[str, str], tmp_path: Path) -> None:
    """`--check-config` exits with 0, opens no store and does not listen."""
    ended = run_program(MODULE, environ, ["--check-config"])
    assert (ended.returncode, ended.stdout) == (0, "tenants: settings are good\n")
    assert ended.stderr == "tenants: starting\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--check-config"], []])
def test_all_wrong_settings_are_named_at_once(
    environ: dict[str, str], arguments: list[str]
) -> None:
    """After the first line there is one line per problem, without keys; the exit code is 2."""
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


def test_a_wrong_store_address_is_found_without_opening(environ: dict[str, str]) -> None:
    """`--check-config` also refuses an address that no store can be opened with."""
    wrong = {**environ, "STORE_URL": f"{environ['STORE_URL']}?map_size=99999999999999999999"}
    ended = run_program(MODULE, wrong, ["--check-config"])
    _, problem = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert problem.startswith("tenants: STORE_URL: The map_size")


def test_it_prints_its_version(environ: dict[str, str]) -> None:
    """`--version` prints the version, which another program in the image could not."""
    ended = run_program(MODULE, environ, ["--version"])
    assert (ended.returncode, ended.stdout) == (0, f"tenants {VERSION}\n")


def test_an_unknown_argument(environ: dict[str, str]) -> None:
    """An unknown argument is refused after the first line."""
    ended = run_program(MODULE, environ, ["--nonsense"])
    assert ended.returncode == 2
    assert ended.stderr.startswith("tenants: starting\n")


def test_a_store_that_cannot_be_opened(environ: dict[str, str], tmp_path: Path) -> None:
    """One line names its place, without a traceback; the exit code is 2."""
    (tmp_path / "file").write_text("")
    for url in (f"lmdb://{tmp_path}/file/store", "nonsense://x"):
        ended = run_program(MODULE, {**environ, "STORE_URL": url})
        assert ended.returncode == 2
        assert ended.stderr.startswith("tenants: starting\ntenants: ")
        assert "Traceback" not in ended.stderr


async def test_a_half_copied_store(environ: dict[str, str]) -> None:
    """A store with an unfinished copy is refused in one line; the exit code is 2."""
    store = open_store(environ["STORE_URL"])
    await Progress(store, "elsewhere", b"run").claim(anew=False)
    await store.close()
    ended = run_program(MODULE, environ)
    assert ended.returncode == 2
    assert "tenants: The store is the target of a copy that is not finished." in ended.stderr


def test_a_busy_port(environ: dict[str, str]) -> None:
    """One line names the address, and gRPC's core adds none; the exit code is 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run_program(MODULE, {**environ, "LISTEN": address})
    assert ended.returncode == 2
    assert ended.stderr == (
        f"tenants: starting\ntenants: cannot listen on {address}: is the port taken?\n"
    )


def test_an_unexpected_error_is_not_silent(environ: dict[str, str]) -> None:
    """An unexpected error exits with 1, and the log has its traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        metrics = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run_program(MODULE, {**environ, "METRICS_LISTEN": metrics})
    *_, line = map(json.loads, ended.stdout.splitlines())
    assert (ended.returncode, ended.stderr) == (1, "tenants: starting\n")
    assert (line["level"], line["event"]) == ("critical", "ended by an unexpected error")
    assert "Address already in use" in line["exception"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_on_a_full_disk_stops_no_service(environ: dict[str, str]) -> None:
    """The service starts and listens, although it cannot write a line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
    variables = {**environ, "LISTEN": f"127.0.0.1:{address[1]}"}
    with (
        Path("/dev/full").open("w") as full,
        start_program(MODULE, variables, output=full) as process,
    ):
        end = time.monotonic() + SECONDS
        while not _accepts(address):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def test_a_new_store_on_a_full_disk(tmp_path: Path) -> None:
    """One line says that there is no space; the exit code is 2."""
    run_on_small_disk(
        tmp_path,
        f"""
        fill_disk()
        ended = run_program("{MODULE}", {{
            **ENVIRON, "STORE_URL": f"lmdb://{{DISK}}/store",
            "AUTH_ADDRESS": UNREACHABLE, "SESSIONS_ADDRESS": UNREACHABLE,
        }})
        first, line = ended.stderr.splitlines()
        assert (ended.returncode, first) == (2, "tenants: starting"), ended.stderr
        assert line.startswith("tenants: The store at "), line
        assert "No space left on device" in line, line
        """,
        "from tests.support.program import run_program\n"
        "from tests.support.service import ENVIRON, UNREACHABLE\n",
    )


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, 1).close()
    except OSError:
        return False
    return True


def listening(stdout: Iterator[str]) -> bool:
    """Reads the log until the service listens."""
    return any('"listening"' in line for line in stdout)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(environ: dict[str, str], number: signal.Signals) -> None:
    """The exit code is 0, and stderr has only the first line."""
    with start_program(MODULE, environ) as process:
        assert process.stdout is not None
        assert listening(process.stdout)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (0, "tenants: starting\n")


def test_an_ignored_signal_stays_ignored(environ: dict[str, str]) -> None:
    """A background job of a script runs on after Ctrl-C, and SIGTERM ends it."""
    with start_program(MODULE, environ, ignored="INT HUP") as process:
        assert process.stdout is not None
        assert listening(process.stdout)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (0, "tenants: starting\n")
