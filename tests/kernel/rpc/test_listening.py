"""A server on a Unix socket: who may call it, and which process has it."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from structlog.testing import capture_logs

from kernel.rpc.listening import CannotListen
from kernel.rpc.server import ALIVE, Server
from tests.kernel.rpc.stub_service import StubServicer, app_of, settings_of
from tests.support.clock import FixedClock
from tests.support.program import ROOT

OTHER = """
import signal, socket, sys
from kernel.rpc.listening import Listening
from kernel.settings import SocketPath
listening = Listening(SocketPath(sys.argv[1]))
bound = socket.socket(socket.AF_UNIX)
bound.bind(sys.argv[1])
bound.listen()
print("bound", flush=True)
signal.pause()
"""
"""Another process that listens on the socket named by its argument."""


@pytest.fixture
def path() -> Iterator[Path]:
    """The path of a socket; that of `tmp_path` can be too long."""
    with tempfile.TemporaryDirectory(prefix="sock-") as folder:
        yield Path(folder) / "grpc"


def server_at(path: Path, servicer: StubServicer, clock: FixedClock) -> Server:
    """A server that is to listen on a socket."""
    return Server(app_of(servicer, clock), settings_of(LISTEN=f"unix:{path}"))


def mode(path: Path) -> int | None:
    """The type and the rights of what is at a path; None for nothing."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


async def lives(path: Path) -> bool:
    """Whether a server answers on a socket."""
    async with grpc.aio.insecure_channel(f"unix:{path}") as channel:
        request = health_pb2.HealthCheckRequest(service=ALIVE)
        answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=20)
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def test_it_answers_on_a_socket(
    path: Path, servicer: StubServicer, clock: FixedClock
) -> None:
    """Only its own user may connect, whatever the umask is; the socket goes when it stops."""
    server = server_at(path, servicer, clock)
    before = os.umask(0)
    try:
        with capture_logs() as logs:
            await server.start()
        after = os.umask(0)
    finally:
        os.umask(before)
    assert after == 0
    assert mode(path) == stat.S_IFSOCK | 0o600
    assert logs[-1]["address"] == f"unix:{path}"
    assert await lives(path)
    await server.stop()
    assert mode(path) is None


async def test_a_socket_has_one_server(
    path: Path, servicer: StubServicer, clock: FixedClock
) -> None:
    """A second one does not start, and the first one goes on; after its end the socket is free."""
    first, second = (server_at(path, servicer, clock) for _ in range(2))
    await first.start()
    with pytest.raises(CannotListen, match=f"cannot listen on unix:{path}: another process does"):
        await second.start()
    assert await lives(path)
    await first.stop()
    third = server_at(path, servicer, clock)
    await third.start()
    assert await lives(path)
    await third.stop()


async def test_the_socket_of_a_killed_process_is_replaced(
    path: Path, servicer: StubServicer, clock: FixedClock
) -> None:
    """It stays behind, and no process has it."""
    argv = [sys.executable, "-c", OTHER, str(path)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: ASYNC220 - short
        assert process.stdout is not None
        assert process.stdout.readline() == b"bound\n"
        with pytest.raises(CannotListen, match="another process does"):
            await server_at(path, servicer, clock).start()
        process.kill()
    assert mode(path) is not None
    server = server_at(path, servicer, clock)
    await server.start()
    assert await lives(path)
    await server.stop()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
async def test_nothing_else_is_removed(
    path: Path, kind: str, servicer: StubServicer, clock: FixedClock
) -> None:
    """What is at the path and is no socket stays as it is."""
    {"file": Path.touch, "folder": Path.mkdir, "link": _link}[kind](path)
    before = mode(path)
    with pytest.raises(CannotListen, match=f"unix:{path}: the path is no socket"):
        await server_at(path, servicer, clock).start()
    assert mode(path) == before


async def test_a_folder_that_is_missing(
    path: Path, servicer: StubServicer, clock: FixedClock
) -> None:
    """The message says so."""
    missing = path / "x"
    with pytest.raises(CannotListen, match=f"cannot listen on unix:{missing}: No such file"):
        await server_at(missing, servicer, clock).start()


def _link(path: Path) -> None:
    path.symlink_to("/nowhere")
