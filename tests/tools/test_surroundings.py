"""`make run` in odd surroundings: its output, its terminal, its data folder, its network."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.program import SECONDS
from tests.tools.conftest import Run, gone
from tools.programs import ROOT
from tools.settings import HOST, HOST_V6, read

Start = Callable[..., Run]

NO_IPV6 = "ip link set lo up; echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"
SHOW_HOSTS = "from tools.settings import read; print(*read({'PORT': '0'}).gateway_hosts)"


def shell(script: str, tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in which `$RUN` is `make run` with stand-ins."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={
            **os.environ,
            "RUN": f"{sys.executable} -m tests.tools.fake_run",
            "PORT": "0",
            "DATA": str(tmp_path / "data"),
            **environ,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_a_reader_that_ends_stops_it(tmp_path: Path) -> None:
    """`make run | head -1` prints one line and nothing else, and leaves nothing running."""
    done = shell("$RUN | head -1; exit ${PIPESTATUS[0]}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == f"keys and logs in {tmp_path}/data; the store is lmdb://{tmp_path}/data/store\n"
    )


def test_a_reader_that_ends_before_the_problems(tmp_path: Path) -> None:
    """A start ends without a traceback although its problems are not read."""
    done = shell("$RUN 2>&1 | head -1", tmp_path, FAKE_TENANTS="dies")
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")
    done = shell("$RUN 2>&1 | true; exit ${PIPESTATUS[0]}", tmp_path, PORT="x", AUTH_PORT="y")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_a_reader_that_ends_later_changes_nothing(start: Start) -> None:
    """Once everything runs, nothing is printed, so the output need not be read; a stop prints nothing either."""
    run = start()
    children = run.wait_until_ready()
    assert run.popen.stdout is not None
    run.popen.stdout.close()
    assert not gone(children, seconds=1.5)
    run.popen.send_signal(signal.SIGTERM)
    assert run.popen.wait(SECONDS) == 0
    assert run.popen.stderr is not None
    assert run.popen.stderr.read() == ""
    assert gone(children, seconds=0)


def test_closed_streams(tmp_path: Path) -> None:
    """Without stdin, stdout and stderr it runs silently, and what it starts has all three."""
    script = "exec 3>&1; timeout -s TERM 6 $RUN <&- >&- 2>&-; echo $? >&3"
    done = shell(script, tmp_path, VERBOSE="1")
    assert (done.stdout, done.stderr) == ("124\n", "")  # it ran until `timeout` stopped it
    lock = (tmp_path / "data" / "lock").read_text()
    assert lock.strip().isdecimal()  # no program has written into a file of the supervisor


@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}])
def test_an_ascii_terminal(start: Start, tmp_path: Path, environ: dict[str, str]) -> None:
    """A terminal that shows only ASCII gets every line, with escapes for other characters."""
    run = start(DATA=str(tmp_path / "dätá 🩷"), **environ)
    run.wait_until_ready()
    run.popen.send_signal(signal.SIGTERM)
    code, _, err = run.end()
    assert (code, err) == (0, "")


def test_no_terminal_and_no_home(tmp_path: Path) -> None:
    """Without TERM and HOME it runs as usual."""
    done = shell("unset HOME TERM; timeout -s TERM 6 $RUN >/dev/null; exit $?", tmp_path)
    assert (done.returncode, done.stderr) == (124, "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("~no-such-user/x", "names the home folder of an unknown user"),
        ("~no-such-user", "names the home folder of an unknown user"),
        (b"/tmp/\xff".decode("utf-8", "surrogateescape"), "is not text in UTF-8"),
        ("/proc/coditect", "cannot be written: No such file or directory"),
    ],
)
def test_a_data_folder_that_cannot_be(start: Start, data: str, reason: str) -> None:
    """It is refused in one line, without a traceback."""
    code, out, err = start(DATA=data).end()
    assert (code, out) == (2, "")
    shown = data.encode("ascii", "backslashreplace").decode()
    assert err == f"make run: DATA={shown} {reason}\n"


def test_a_home_folder_that_does_not_exist(start: Start) -> None:
    """The home folder of a user without one is not made."""
    home = next((user for user in _users() if not Path(user[1]).exists()), None)
    if home is None:
        pytest.skip("every user of this machine has a home folder")
    name, folder = home
    code, out, err = start(DATA=f"~{name}/x").end()
    assert (code, out) == (2, "")
    assert err == f"make run: DATA=~{name}/x is below a home folder that does not exist\n"
    assert not Path(folder).exists()


def _users() -> list[tuple[str, str]]:
    fields = [line.split(":") for line in Path("/etc/passwd").read_text().splitlines()]
    return [(field[0], field[5]) for field in fields if len(field) > 5]


def test_the_gateway_is_on_both_loopback_addresses() -> None:
    """A machine with IPv6 takes the port on both addresses, so that `localhost` works either way."""
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    assert read({"PORT": "0"}).gateway_hosts == (HOST, HOST_V6)


def test_a_port_that_is_busy_on_one_address_is_busy(start: Start) -> None:
    """Another program on `[::1]` would answer some calls to `localhost`, so the port is refused."""
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        code, out, err = start(PORT=str(port)).end()
    assert (code, out) == (2, "")
    assert err == f"make run: port {port} is busy: give another one with PORT=\n"


def test_a_machine_without_ipv6() -> None:
    """There the gateway is on the IPv4 address alone."""
    script = f'{NO_IPV6} && exec "$0" -c "$1"'
    argv = ["unshare", "-n", "sh", "-c", script, sys.executable, SHOW_HOSTS]
    try:
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs unshare and the right to make a network without IPv6")
    assert done.stdout == f"{HOST}\n"


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False
