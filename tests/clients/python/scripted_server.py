"""A server on this machine that gives the answers of a test, in order, and keeps what it was asked."""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """An answer. With `breaks` the connection closes before the end of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False


Scripted = Answer | Callable[[], Answer]
"""An answer, or what makes it once its request has come."""


@dataclass(frozen=True)
class Asked:
    """A request that has come."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def data(value: Any, status: int = 200) -> Answer:
    """An answer of the API."""
    return Answer(status, json.dumps({"success": True, "data": value}).encode())


def error(status: int, code: str, *details: Any, **headers: str) -> Answer:
    """An error of the API."""
    found = {"code": code, "message": "It is so.", "details": details, "requestId": "request-1"}
    body = json.dumps({"success": False, "error": found}).encode()
    return Answer(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


def tokens(number: int, expires_in: int = 900) -> dict[str, Any]:
    """The tokens of a login, told apart by a number."""
    found = {"accessToken": f"access-{number}", "refreshToken": f"refresh-{number}"}
    return found | {"tokenType": "Bearer", "expiresIn": expires_in}


class ScriptedServer:
    """Gives each path its answers in order; the last one again and again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, deque[Scripted]] = {}
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                server.answer(self)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                """Logs nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def script(self, path: str, *answers: Scripted) -> None:
        """Gives a path its answers."""
        self._answers[path] = deque(answers)

    def to(self, path: str) -> list[Asked]:
        """The requests to a path, in order."""
        return [one for one in self.asked if one.path == path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        url = urlsplit(handler.path)
        text = handler.rfile.read(int(handler.headers.get("content-length") or 0)).decode()
        is_form = "form" in handler.headers.get("content-type", "")
        body = dict(parse_qsl(text)) if is_form else json.loads(text) if text else None
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, url.path, dict(parse_qsl(url.query)), headers, body)
        with self._lock:
            self.asked.append(asked)
            unknown: Scripted = error(404, "ROUTE_NOT_FOUND")
            answers = self._answers.get(url.path, deque([unknown]))
            answer = answers.popleft() if len(answers) > 1 else answers[0]
        _give(handler, answer if isinstance(answer, Answer) else answer())


def _give(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    if answer.breaks and not answer.body:
        handler.close_connection = True
        return
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    length = len(answer.body) + (1 if answer.breaks else 0)
    handler.send_header("content-length", str(length))
    handler.end_headers()
    handler.wfile.write(answer.body)
    handler.close_connection = answer.breaks
