"""Downloads: files pass piece by piece, and clients notice incomplete ones."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.api import httpbody_pb2
from google.rpc import code_pb2, status_pb2

from gateway.envoy.downloads import MAX_DOWNLOADS
from tests.gateway.backend import failure
from tests.gateway.environment import ORIGIN, Environment, open_environment
from tests.support.plain_http import PLAIN

PATH = "/api/v5/auth/me/export"
LINE = b'{"kind":"session","state":"' + b"x" * (65_536 - 30) + b'"}\n'
PROTOCOLS = pytest.mark.parametrize("protocol", ["--http1.1", "--http2-prior-knowledge"])
BROKEN = {"--http1.1": 18, "--http2-prior-knowledge": 92}
"""curl's exit codes for a body that ends too early."""

Pieces = Callable[[Any], AsyncIterator[Any]]


def piece(data: bytes) -> httpbody_pb2.HttpBody:
    """A piece of a file."""
    return httpbody_pb2.HttpBody(content_type="application/x-ndjson", data=data)


def giving(*parts: bytes | float | status_pb2.Status | Exception) -> Pieces:
    """A service that yields pieces, pauses for seconds, and fails."""

    async def give(_: Any) -> AsyncIterator[Any]:
        for part in parts:
            if isinstance(part, Exception):
                raise part
            if isinstance(part, float):
                await asyncio.sleep(part)
            else:
                yield piece(part) if isinstance(part, bytes) else part

    return give


def curl(made: Environment, protocol: str, path: str = PATH) -> tuple[int, bytes]:
    """Downloads with curl; returns its exit code and the bytes that arrived."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "--max-time", "15", protocol,
         "-H", f"authorization: {made.bearer['authorization']}", made.url + path],
        capture_output=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@contextmanager
def stalled(made: Environment) -> Iterator[socket.socket]:
    """A client that requests the file, and reads only its beginning."""
    with socket.create_connection(("127.0.0.1", made.port), timeout=10) as client:
        bearer = made.bearer["authorization"]
        client.sendall(
            f"GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\n\r\n".encode()
        )
        assert client.recv(12) == b"HTTP/1.1 200"
        yield client


def allocated(made: Environment) -> int:
    """The bytes that Envoy has in use."""
    return int(httpx.get(f"{made.admin}/memory", verify=PLAIN).json()["allocated"])


def test_pieces_pass_as_they_come(gateway: Environment) -> None:
    """The client gets the first line before the service sends the second, without an envelope."""
    seen = threading.Event()

    async def give(_: Any) -> AsyncIterator[Any]:
        yield piece(b'{"kind":"user"}\n')
        await asyncio.to_thread(seen.wait, 10)
        yield piece(b'{"kind":"end"}\n')

    gateway.backend.answers["ExportMe"] = give
    headers = gateway.bearer | {"origin": ORIGIN}
    with gateway.client.stream("GET", PATH, headers=headers) as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b'{"kind":"user"}\n'
        seen.set()
        assert b"".join(pieces) == b'{"kind":"end"}\n'
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "content-length" not in answer.headers
    assert gateway.logged(answer.headers["x-request-id"])["details"] == "via_upstream"


def test_a_long_file_is_not_buffered(gateway: Environment) -> None:
    """200 MB pass through a gateway that buffers little of them."""
    gateway.backend.answers["ExportMe"] = giving(*[LINE] * 3200)
    gateway.call("GET", "/api/v5/auth/me")
    before, most, size, chunks = allocated(gateway), 0, 0, 0
    with gateway.client.stream("GET", PATH, headers=gateway.bearer) as answer:
        for chunk in answer.iter_raw():
            size, chunks = size + len(chunk), chunks + 1
            if chunks % 100 == 0:
                most = max(most, allocated(gateway))
    assert size == 3200 * len(LINE)
    assert most - before < 4 << 20


def test_a_slow_reader_pauses_the_service(gateway: Environment) -> None:
    """The service stops producing if the client does not read; other calls and downloads do not wait."""
    made: list[int] = []

    async def give(_: Any) -> AsyncIterator[Any]:
        for number in range(3200):
            made.append(number)
            yield piece(LINE)

    gateway.backend.answers["ExportMe"] = give
    before = allocated(gateway)
    with ExitStack() as readers:
        for _ in range(8):
            readers.enter_context(stalled(gateway))
        gateway.backend.answers["ExportMe"] = giving(*[LINE] * 100)
        assert gateway.call("GET", "/api/v5/auth/me").status_code == 200
        assert len(gateway.call("GET", PATH).content) == 100 * len(LINE)
        assert allocated(gateway) - before < 8 * (2 << 20)
        assert max(made) < 3199


def test_a_slow_reader_gets_everything(tmp_path: Path) -> None:
    """Neither the limit of a call nor that on silence ends a download that the client keeps reading."""
    # It takes longer than both, and a client on a busy machine may pause for a moment.
    with open_environment(tmp_path, download_idle_timeout=3) as made:
        made.backend.answers["ExportMe"] = giving(*[LINE] * 160)
        size = 0
        with made.client.stream("GET", PATH, headers=made.bearer) as answer:
            for chunk in answer.iter_raw(1 << 18):
                size += len(chunk)
                time.sleep(0.09)
        assert size == 160 * len(LINE)


def test_no_deadline(gateway: Environment) -> None:
    """A download may take longer than any call, and its service has no deadline."""
    gateway.backend.answers["ExportMe"] = giving(b"1\n", 1.25, b"2\n", 1.25, b"3\n")
    answer = gateway.call("GET", PATH)
    assert (answer.status_code, answer.content) == (200, b"1\n2\n3\n")
    assert answer.elapsed.total_seconds() > 2.4
    call = gateway.backend.last("ExportMe")
    assert call.seconds_left is None
    assert "grpc-timeout" not in call.metadata


@PROTOCOLS
def test_a_whole_file_ends_well(gateway: Environment, protocol: str) -> None:
    """A complete file ends without an error, and without gRPC's trailers."""
    gateway.backend.answers["ExportMe"] = giving(b"1\n", b"2\n")
    code, text = curl(gateway, protocol)
    assert code == 0
    assert text.partition(b"\r\n\r\n")[2] == b"1\n2\n"
    assert b"grpc" not in text


@PROTOCOLS
@pytest.mark.parametrize(
    ("failed", "status", "reason"),
    [
        (failure(code_pb2.UNAUTHENTICATED, "ACCESS_TOKEN_REVOKED"), 401, "ACCESS_TOKEN_REVOKED"),
        (failure(code_pb2.PERMISSION_DENIED, "ROLE_MISSING"), 403, "ROLE_MISSING"),
        (failure(code_pb2.NOT_FOUND, "TENANT_NOT_FOUND"), 404, "TENANT_NOT_FOUND"),
        (failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE"), 503, "STORAGE_UNAVAILABLE"),
        (failure(code_pb2.UNAVAILABLE), 503, "UPSTREAM_UNAVAILABLE"),
        (RuntimeError("secret"), 500, "INTERNAL"),
    ],
)
def test_an_error_before_the_first_piece_has_the_envelope(
    gateway: Environment, protocol: str, failed: Any, status: int, reason: str
) -> None:
    """An error before the first piece has the envelope, like any other error."""
    gateway.backend.answers["ExportMe"] = giving(0.05, failed)
    code, text = curl(gateway, protocol)
    assert code == 0
    head, _, body = text.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert f'{{"success":false,"error":{{"code":"{reason}"'.encode() in body
    assert b"content-type: application/json" in head
    assert (b"retry-after: 1" in head) is (status == 503)
    assert b"grpc" not in text
    assert b"secret" not in text
    assert gateway.backend.count("ExportMe") == 1


@PROTOCOLS
@pytest.mark.parametrize(
    "parts",
    [
        (b"1\n", failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE", message="secret")),
        (b"1\n", 0.1, failure(code_pb2.NOT_FOUND, "TENANT_NOT_FOUND", message="secret")),
        (b"1\n", 0.1, RuntimeError("secret")),
        (b"1\n", *[LINE] * 300, failure(code_pb2.INTERNAL, "INTERNAL", message="secret")),
    ],
    ids=["at once", "later", "unforeseen", "much later"],
)
def test_an_error_after_the_first_piece_aborts_the_download(
    gateway: Environment, protocol: str, parts: Any
) -> None:
    """An error after the first piece aborts the download; no error text is inserted into the file."""
    gateway.backend.answers["ExportMe"] = giving(*parts)
    code, text = curl(gateway, protocol)
    assert code == BROKEN[protocol]
    head, _, body = text.partition(b"\r\n\r\n")
    # An HTTP/2 reset may overtake the data sent before it, so that none arrives.
    assert int(head.split()[1]) == 200 if text else "http2" in protocol
    whole = b"".join(part for part in parts if isinstance(part, bytes))
    assert whole.startswith(body)
    assert b"secret" not in text
    assert gateway.backend.count("ExportMe") == 1


def test_the_log_reports_an_aborted_download(gateway: Environment) -> None:
    """The logged status is 200; the details say that the download was aborted."""
    broken = failure(code_pb2.UNAVAILABLE, "STORAGE_UNAVAILABLE")
    gateway.backend.answers["ExportMe"] = giving(b"1\n", broken)
    with (
        pytest.raises(httpx.RemoteProtocolError),
        gateway.client.stream("GET", PATH, headers=gateway.bearer) as answer,
    ):
        answer.read()
    line = gateway.logged(answer.headers["x-request-id"])
    assert (line["status"], line["path"]) == (200, PATH)
    assert line["details"].startswith("ext_proc_error")


@PROTOCOLS
def test_a_service_that_dies_aborts_the_download(tmp_path: Path, protocol: str) -> None:
    """If the connection to the service is lost, the client's connection is aborted."""
    with open_environment(tmp_path) as made:
        killer = threading.Timer(1, made.backend.stop, ("auth",))

        async def give(_: Any) -> AsyncIterator[Any]:
            yield piece(b"1\n")
            killer.start()  # a second later the piece has arrived
            await asyncio.sleep(30)

        made.backend.answers["ExportMe"] = give
        code, text = curl(made, protocol)
        killer.join()
    assert code == BROKEN[protocol]
    assert text.endswith(b"1\n")


def test_silence_ends_a_download(tmp_path: Path) -> None:
    """A service that is silent for too long is given up, before the first piece and after."""
    with open_environment(tmp_path, download_idle_timeout=0.5) as made:
        made.backend.answers["ExportMe"] = giving(30.0)
        answer = made.call("GET", PATH)
        assert (answer.status_code, answer.json()["error"]["code"]) == (504, "GATEWAY_TIMEOUT")
        made.backend.answers["ExportMe"] = giving(b"1\n", 30.0)
        for protocol, code in BROKEN.items():
            assert curl(made, protocol)[0] == code


def test_a_disconnected_reader_ends_the_work(gateway: Environment) -> None:
    """The service learns that the client has disconnected."""
    ended = threading.Event()

    async def give(_: Any) -> AsyncIterator[Any]:
        try:
            yield piece(b"1\n")
            await asyncio.sleep(30)
        finally:
            ended.set()

    gateway.backend.answers["ExportMe"] = give
    with stalled(gateway):
        pass
    assert ended.wait(20)


def test_downloads_have_a_limit_of_their_own(gateway: Environment) -> None:
    """At the limit of downloads, calls still work; when a download ends, another can begin."""
    gateway.backend.answers["ExportMe"] = giving(b"1\n", 20.0)
    with ExitStack() as readers:
        for _ in range(MAX_DOWNLOADS):
            readers.enter_context(stalled(gateway))
        answer = gateway.call("GET", PATH)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UPSTREAM_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        assert "x-envoy" not in " ".join(answer.headers)
        assert gateway.call("GET", "/api/v5/auth/me").status_code == 200
    gateway.backend.answers["ExportMe"] = giving(b"2\n")
    deadline = time.monotonic() + 30
    while (answer := gateway.call("GET", PATH)).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.content == b"2\n"
