"""A gateway drains before it stops, without losing a call."""

import socket
import subprocess
import sys
import time

import pytest

from tests.end_to_end.conftest import client
from tests.end_to_end.person import registration
from tests.mesh.cluster import Cluster
from tests.support.promises import within
from tools.programs import ROOT
from tools.settings import HOST

pytestmark = pytest.mark.drill


def test_running_calls_end_before_the_gateway_does(own_cluster: Cluster) -> None:
    """While it drains, it answers with `connection: close`, and waits for calls that are under way."""
    laptop = own_cluster.laptop
    body = str(registration("slow@example.com")).replace("'", '"').encode()
    with socket.create_connection((HOST, laptop.settings.port)) as slow:
        slow.sendall(
            b"POST /api/v5/auth/register HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body[:10]
        )
        drain = _drain(own_cluster)
        with client(laptop) as http:
            while http.get("/api/v5/ready").status_code == 200:
                time.sleep(0.05)
            answer = http.get("/api/v5/health")
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        time.sleep(3)  # the notice period is over, but one call is still under way
        assert drain.poll() is None
        slow.sendall(body[10:])
        assert slow.recv(12) == b"HTTP/1.1 201"
    assert drain.wait(within(5)) == 0
    assert drain.communicate()[1] == b"gateway: drained\n"


def _drain(cluster: Cluster) -> "subprocess.Popen[bytes]":
    settings = cluster.laptop.settings
    edge = cluster.mesh.edge(cluster.mesh.replicas["gateway"], settings)
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", "drain"],
        env={**edge.environ, "NOTICE_SECONDS": "2", "DRAIN_SECONDS": "20"},
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
