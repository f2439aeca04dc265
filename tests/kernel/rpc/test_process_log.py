"""What a service's process writes about calls that no client should make: never their data."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from kernel.log import LINE_BYTES
from tests.support import raw_grpc
from tests.support.program import start_program
from tests.support.raw_grpc import Header
from tests.support.service import ENVIRON, UNREACHABLE

SECRET = b"hunter2-hunter2"
LIST = b"/coditect.tenants.v5.MembersService/ListMembers"
CALLS: dict[str, tuple[bytes, list[Header], bytes]] = {
    "a token that is not UTF-8": (LIST, [(b"authorization", b"Bearer T\xe9" + SECRET)], b""),
    "57 kB that are not UTF-8": (LIST, [(b"user-agent", SECRET + 57_000 * b"\xe9")], b""),
    "binary metadata": (LIST, [(b"token-bin", b"!!!" + SECRET)], b""),
    "a control character": (LIST, [(b"authorization", b"\x01" + SECRET)], b""),
    "a name in capitals": (LIST, [(b"Authorization", SECRET)], b""),
    "an unknown method": (b"/" + SECRET + b"/x", [], b""),
    "a deadline": (LIST, [(b"grpc-timeout", SECRET)], b""),
    "an encoding": (LIST, [(b"grpc-encoding", SECRET)], b""),
    "a content type": (LIST, [(b"content-type", SECRET)], b""),
    "a message": (LIST, [], SECRET),
    "an idempotency key": (LIST, [(b"idempotency-key", SECRET + b"\xe9")], b""),
    "a request id": (LIST, [(b"x-request-id", b"\xe9" + SECRET)], b""),
    "too many bytes": (LIST, [(b"authorization", SECRET * 20_000)], b""),
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The settings of tenants, which writes everything that it can."""
    return {
        **ENVIRON,
        "STORE_URL": f"lmdb://{tmp_path}/store",
        "AUTH_ADDRESS": UNREACHABLE,
        "SESSIONS_ADDRESS": UNREACHABLE,
        "LOG_LEVEL": "DEBUG",
    }


def test_malformed_calls_write_nothing_of_themselves(environ: dict[str, str]) -> None:
    """Neither our log nor that of gRPC, in Python and in its core, quotes a call."""
    with start_program("services.tenants", environ) as process:
        address = _address(process)
        for path, headers, message in CALLS.values():
            assert raw_grpc.call(address, path, headers, message)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert SECRET.decode() not in out + err
    assert err == "tenants: starting\n"
    assert len(out) < LINE_BYTES


def test_a_server_that_ends_ends_the_process(environ: dict[str, str]) -> None:
    """A path that is not UTF-8 ends gRPC's server, and the process does not run on without it."""
    with start_program("services.tenants", environ) as process:
        raw_grpc.call(_address(process), b"/" + SECRET + b"/\xe9", [])
        out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (1, "tenants: starting\n")
    assert json.loads(out.splitlines()[-1])["event"] == "ended by an unexpected error"
    assert SECRET.decode() not in out


def _address(process: subprocess.Popen[str]) -> str:
    """The address at which a process begins to listen."""
    assert process.stdout is not None
    for said in map(json.loads, process.stdout):
        if said["event"] == "listening":
            return str(said["address"])
    raise AssertionError("it has ended")
