"""Connections of clients: how long they stay open, and the older HTTP/1.0."""

import http.client
import socket
import time
from contextlib import closing
from pathlib import Path

from gateway.settings import Settings
from tests.gateway.environment import ENOUGH, ORIGIN, Environment, open_environment
from tests.support.promises import within

PATH = "/api/v5/sessions"
LONGEST_BALANCER_SECONDS = 600
"""For how long Google's load balancer keeps a connection without a call."""


def test_an_idle_connection_outlives_those_of_a_balancer(tmp_path: Path) -> None:
    """A connection is closed after the set time without a call, by default later than a balancer does."""
    assert Settings.read(ENOUGH).idle_timeout > LONGEST_BALANCER_SECONDS
    with open_environment(tmp_path, idle_timeout=3) as made:
        with closing(http.client.HTTPConnection("127.0.0.1", made.port, timeout=60)) as connection:
            for pause in (1.0, 1.0, 0.0):
                connection.request("GET", "/api/v5/health")
                assert connection.getresponse().read()
                time.sleep(pause)
            began = time.monotonic()
            assert connection.sock is not None
            assert connection.sock.recv(1) == b""
        # Envoy announces the end five seconds before it, so that a call may still come.
        assert 1 < time.monotonic() - began < within(13)


def _http10(gateway: Environment, text: str) -> bytes:
    """Sends HTTP/1.0, and reads until the gateway closes the connection."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall(text.encode())
        got = b""
        while piece := connection.recv(65_536):
            got += piece
        return got


def test_http10_is_answered(gateway: Environment) -> None:
    """A call over HTTP/1.0, as nginx makes by default, is answered, with or without a Host."""
    bearer = f"authorization: {gateway.bearer['authorization']}\r\n"
    for host in ("", "host: a\r\n"):
        got = _http10(gateway, f"GET {PATH} HTTP/1.0\r\n{host}{bearer}\r\n")
        assert got.startswith(b"HTTP/1.0 200")
        assert b"content-length: 58" in got
        assert got.endswith(b'{"success":true,"data":{"sessions":[],"nextPageToken":""}}')
    got = _http10(
        gateway,
        "POST /api/v5/auth/login HTTP/1.0\r\ncontent-type: application/json\r\n"
        f"origin: {ORIGIN}\r\ncontent-length: 2\r\n\r\n{{}}",
    )
    assert got.startswith(b"HTTP/1.0 200")
    assert f"access-control-allow-origin: {ORIGIN}".encode() in got
    assert _http10(gateway, "GET /nope HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 404")
    assert _http10(gateway, f"GET {PATH} HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 401")


def test_http10_connections_can_be_kept(gateway: Environment) -> None:
    """A client of HTTP/1.0 that asks for it can make several calls on one connection."""
    kept = "GET /api/v5/health HTTP/1.0\r\nconnection: keep-alive\r\n\r\n"
    got = _http10(gateway, kept + "GET /api/v5/health HTTP/1.0\r\n\r\n")
    assert got.count(b"HTTP/1.0 200") == 2


def test_http10_gets_no_download(gateway: Environment) -> None:
    """A download over HTTP/1.0, whose client could not see that a part is missing, is refused."""
    bearer = f"authorization: {gateway.bearer['authorization']}\r\n"
    got = _http10(gateway, f"GET /api/v5/auth/me/export HTTP/1.0\r\n{bearer}\r\n")
    assert got.startswith(b"HTTP/1.0 505")
    assert b'"code":"HTTP_VERSION_NOT_SUPPORTED"' in got
    assert not gateway.backend.client_calls
