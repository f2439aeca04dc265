"""`make run` from outside: a real supervisor of real, though tiny, processes."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.conftest import Run, gone

Start = Callable[..., Run]


def test_sigterm_stops_everything(start: Start) -> None:
    """SIGTERM stops all children, and the exit code is 0."""
    run = start()
    children = run.wait_until_ready()
    assert len(children) == 4
    run.popen.send_signal(signal.SIGTERM)
    code, out, err = run.end()
    assert (code, err) == (0, "")
    assert out.endswith("stopping (Ctrl-C again kills)\nstopped\n")
    assert gone(children, seconds=0)


def test_ctrl_c_stops_everything(start: Start) -> None:
    """SIGINT stops all children with exit code 0 and no traceback."""
    run = start()
    children = run.wait_until_ready()
    run.popen.send_signal(signal.SIGINT)
    code, _, err = run.end()
    assert (code, err) == (0, "")
    assert gone(children, seconds=0)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_an_ignored_signal_does_nothing(start: Start, number: signal.Signals) -> None:
    """`nohup make run &` runs on after the end of its terminal and after Ctrl-C, until SIGTERM."""
    run = start(ignored="INT HUP")
    children = run.wait_until_ready()
    run.popen.send_signal(number)
    assert not gone(children, seconds=1.5)
    run.popen.send_signal(signal.SIGTERM)
    run.popen.send_signal(number)  # nor does it kill what is stopping
    code, out, err = run.end()
    assert (code, err) == (0, "")
    assert out.endswith("stopping (Ctrl-C again kills)\nstopped\n")
    assert gone(children, seconds=0)


def test_the_end_of_the_terminal_stops_everything(start: Start) -> None:
    """SIGHUP that is not ignored stops all children with exit code 0."""
    run = start()
    children = run.wait_until_ready()
    run.popen.send_signal(signal.SIGHUP)
    assert run.end()[0] == 0
    assert gone(children, seconds=0)


def test_ctrl_c_reaches_only_the_supervisor(start: Start) -> None:
    """No child is in the supervisor's process group, which is what a terminal signals."""
    run = start()
    children = run.wait_until_ready()
    groups = {_group(process.pid) for process in children}
    assert groups == {process.pid for process in children}


def _group(pid: int) -> int:
    # Not os.getpgid: field 5 of ps is portable, and so is this test.
    listing = subprocess.run(
        ["ps", "-o", "pgid=", "-p", str(pid)], check=True, capture_output=True, text=True
    )
    return int(listing.stdout)


def test_ctrl_c_while_it_gets_ready(start: Start) -> None:
    """A start that hangs can be given up cleanly."""
    run = start(FAKE_GATEWAY="never")
    assert run.popen.stdout is not None
    run.output += [run.popen.stdout.readline(), run.popen.stdout.readline()]
    run.popen.send_signal(signal.SIGINT)
    code, out, err = run.end()
    assert (code, err) == (0, "")
    assert out.endswith("stopped\n")


def test_a_full_store_does_not_end_a_start(start: Start) -> None:
    """If every service reports a full store, it says so and runs on: users can delete something."""
    run = start(FAKE_GATEWAY="never", FAKE_AUTH="full", FAKE_TENANTS="full", FAKE_SESSIONS="full")
    assert run.popen.stdout is not None
    run.output += [run.popen.stdout.readline() for _ in range(6)]
    assert "the store, or the disk below it, is full" in "".join(run.output)
    run.popen.send_signal(signal.SIGTERM)
    code, _, err = run.end()
    assert (code, err) == (0, "")


def test_one_full_store_is_named(start: Start) -> None:
    """A start that fails says which services report which problem."""
    run = start(FAKE_GATEWAY="never", FAKE_AUTH="full", READY_SECONDS="3")
    code, _, err = run.end()
    assert code == 1
    assert "\nauth: STORAGE_FULL\n" in err


def test_second_ctrl_c_kills(start: Start) -> None:
    """A second Ctrl-C kills a child that does not stop; a second SIGTERM keeps waiting."""
    run = start(FAKE_AUTH="stubborn")
    children = run.wait_until_ready()
    gateway = run.child("gateway")
    run.popen.send_signal(signal.SIGTERM)
    assert gone([gateway])  # the gateway stops first
    run.popen.send_signal(signal.SIGTERM)
    assert run.child("auth").is_running()
    run.popen.send_signal(signal.SIGINT)
    code, out, err = run.end()
    assert (code, err) == (0, "")
    assert out.endswith("killed\n")
    assert gone(children, seconds=0)


def test_death_of_a_child(start: Start) -> None:
    """A child that dies is named with the end of its log, and the rest is stopped with exit code 1."""
    run = start(FAKE_TENANTS="dies")
    code, _, err = run.end()
    assert code == 1
    assert err == (
        "make run: tenants died: exit code 3\n"
        "the end of its log:\n"
        "  tenants runs\n"
        "  the disk is on fire\n"
    )


def test_death_of_a_child_later(start: Start) -> None:
    """The same after the start, here by a signal."""
    run = start()
    children = run.wait_until_ready()
    run.child("sessions").kill()
    code, _, err = run.end()
    assert code == 1
    assert "sessions died: killed by SIGKILL\nthe end of its log:\n  sessions runs\n" in err
    assert gone(children, seconds=0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_no_orphans(start: Start) -> None:
    """After kill -9 of the supervisor no process is left."""
    run = start(FAKE_AUTH="stubborn")
    children = run.wait_until_ready()
    run.popen.kill()
    assert gone(children)


@pytest.mark.parametrize(
    ("gateway", "reason"), [("never", "503 {}"), ("silent", "Connection refused")]
)
def test_not_ready_in_time(start: Start, gateway: str, reason: str) -> None:
    """A system that does not get ready ends with exit code 1, and says what `/ready` answered."""
    run = start(FAKE_GATEWAY=gateway, READY_SECONDS="0.2")
    code, _, err = run.end()
    assert code == 1
    assert "not ready after 0.2 s: GET http://127.0.0.1:" in err
    assert reason in err.partition("/api/v5/ready: ")[2].splitlines()[0]


PROXIES = dict.fromkeys(("http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")


@pytest.mark.parametrize("proxies", [{}, PROXIES])
def test_printed_lines_work(start: Start, proxies: dict[str, str]) -> None:
    """The three printed lines do what they say when pasted into bash, more than once.

    A proxy in the environment, here a dead one, is left out.
    """
    run = start(**proxies)
    run.wait_until_ready()
    lines = [line for line in run.output if line.startswith(("TOKEN=", "curl "))]
    assert len(lines) == 3
    pasted = "".join([lines[0], *lines, 'echo "$TOKEN"\n'])
    environ = {**os.environ, **proxies, "no_proxy": "", "NO_PROXY": ""}
    shell = subprocess.run(
        ["bash"], input=pasted, env=environ, check=True, capture_output=True, text=True
    )
    created, listed, token = shell.stdout.splitlines()
    assert json.loads(created)["data"]["sent"] == {"name": "my first session"}
    assert json.loads(listed) == {"authorization": "Bearer t0ken"}
    assert token == "t0ken"
    assert shell.stderr == ""


def test_a_second_run_finds_the_data_of_the_first(start: Start, tmp_path: Path) -> None:
    """Keys are made once, for their owner only, and used again; logs are appended to."""
    keys = tmp_path / "data" / "keys.env"
    contents = []
    for _ in range(2):
        run = start()
        run.wait_until_ready()
        run.popen.send_signal(signal.SIGTERM)
        assert run.end()[0] == 0
        contents.append(keys.read_text())
    assert contents[0] == contents[1]
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.parent.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data" / "log" / "auth.log").read_text() == "auth runs\nauth runs\n"


def test_two_side_by_side(start: Start, tmp_path: Path) -> None:
    """Two instances with two folders do not disturb each other."""
    first, second = start(), start(DATA=str(tmp_path / "other data"))
    assert len(first.wait_until_ready()) == len(second.wait_until_ready()) == 4


def test_same_folder_twice(start: Start, tmp_path: Path) -> None:
    """A folder in use is refused in one line that names the process that has it."""
    first = start()
    first.wait_until_ready()
    code, out, err = start().end()
    assert (code, out) == (2, "")
    assert err == (
        f"make run: DATA={tmp_path / 'data'} is in use by another `make run` "
        f"(process {first.popen.pid}): stop it, or give another folder with DATA=\n"
    )


def test_busy_port(start: Start) -> None:
    """A busy port is refused in one line that says what to set."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = start(PORT=str(port)).end()
    assert (code, out) == (2, "")
    assert err == f"make run: port {port} is busy: give another one with PORT=\n"


@pytest.mark.parametrize("port", ["http", "65536", "-1", "80 80", "٨٠٨٠", 5000 * "1"])
def test_bad_port(start: Start, port: str) -> None:
    """A value that is not a port is refused in one line."""
    code, out, err = start(PORT=port).end()
    assert (code, out) == (2, "")
    assert err == f"make run: PORT={port} is no port: give a number from 1 to 65535\n"


def test_every_problem_is_named(start: Start) -> None:
    """Two mistakes give two lines."""
    code, _, err = start(PORT="x", AUTH_METRICS_PORT="y").end()
    assert code == 2
    assert [line.split()[2] for line in err.splitlines()] == ["PORT=x", "AUTH_METRICS_PORT=y"]


def test_data_is_a_file(start: Start, tmp_path: Path) -> None:
    """A file in the folder's place, or above it, is refused in one line."""
    file = tmp_path / "file"
    file.touch()
    for data in (file, file / "below"):
        code, out, err = start(DATA=str(data)).end()
        assert (code, out) == (2, "")
        assert err == f"make run: DATA={data} is a file or below one, not a folder\n"
