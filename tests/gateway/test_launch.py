"""`python -m gateway run`: the process that becomes Envoy."""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.gateway.environment import CONTRACT, ENOUGH
from tests.support.eventually import eventually
from tests.support.program import start_program


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of an edge on a free port, whose services cannot be resolved."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return {
        **ENOUGH,
        "LISTEN": f"127.0.0.1:{port}",
        "CONTRACT": str(CONTRACT),
        "RUN_FOLDER": str(tmp_path / "run"),
    }


async def test_an_ignored_signal_stays_ignored(environ: dict[str, str]) -> None:
    """Envoy in a background job of a script runs on after Ctrl-C, and SIGTERM ends it."""
    with start_program("gateway", environ, ["run", "edge"], ignored="INT HUP") as process:
        await eventually(lambda: _accepts(environ["LISTEN"]))
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port))).close()
    except ConnectionRefusedError:
        return False
    return True
