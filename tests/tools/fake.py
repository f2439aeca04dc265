"""Stand-ins for the services and the gateway: real processes that start quickly.

`python -m tests.tools.fake NAME HOW` starts one. HOW is `well`, `dies` (at once), `stubborn` (ignores
SIGTERM), for a service `full` (reports a full store) or, for the gateway, `never` (never ready) or `silent` (never listens).
"""

import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tools.sockets import listens


class Gateway(BaseHTTPRequestHandler):
    """Answers the routes that the supervisor and the lines it prints use."""

    def do_GET(self) -> None:
        """Answers whether it is ready, or the bearer token of the request."""
        if self.path == "/api/v5/ready":
            self._answer(200 if sys.argv[2] != "never" and _all_listen() else 503, {})
        else:
            self._answer(200, {"authorization": self.headers["authorization"]})

    def do_POST(self) -> None:
        """Answers with a token and with what was sent."""
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(201, {"data": {"tokens": {"accessToken": "t0ken"}, "sent": sent}})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main(name: str, how: str) -> None:
    """Runs until SIGTERM."""
    if how == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(f"{name} runs", flush=True)  # noqa: T201 - its log
    if how == "dies":
        print("the disk is on fire", flush=True)  # noqa: T201
        sys.exit(3)
    if how == "silent":
        signal.pause()
    if how == "full":
        _report_full_store()
    if name == "gateway":
        HTTPServer(_address("LISTEN"), Gateway).serve_forever()
    with socket.socket(socket.AF_UNIX) as listening:
        path = Path(os.environ["LISTEN"].removeprefix("unix:"))
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        listening.listen()
        signal.pause()


def _report_full_store() -> None:
    from kernel.settings import Address  # noqa: PLC0415 - other stand-ins start without it
    from kernel.telemetry import Telemetry  # noqa: PLC0415

    telemetry = Telemetry()
    telemetry.show("STORAGE_FULL")
    telemetry.serve(Address(*_address("METRICS_LISTEN")))


def _all_listen() -> bool:
    """Whether every service listens."""
    return all(listens(os.environ[name]) for name in os.environ if name.endswith("_ADDRESS"))


def _address(name: str) -> tuple[str, int]:
    host, _, port = os.environ[name].rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    main(*sys.argv[1:])
