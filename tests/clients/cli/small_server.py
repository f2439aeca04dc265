"""A small server with the shapes of the RFCs, whose answers a test chooses and whose calls it sees."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

Answer = tuple[int, dict[str, Any] | None]
TENANT = {
    "tenantId": "6af79b48-04a7-579a-9a14-b91092a3db3f",
    "name": "Acme",
    "slug": "acme",
    "role": "owner",
    "state": "active",
}
USER = {"userId": "3066e3ee-e5e8-5ae2-9929-f493543c4ddd", "email": "ada@example.com"}


def oauth_error(code: str, status: int = 400) -> Answer:
    """An answer by RFC 6749, section 5.2."""
    return status, {"error": code, "error_description": f"It is {code}."}


@dataclass
class Call:
    """A request that the server has got."""

    method: str
    path: str
    form: dict[str, str]
    json: Any
    headers: dict[str, str]


@dataclass
class SmallServer:
    """One user, who has one login at a time.

    `scripted` has answers for paths, used once each, before those that the server would give.
    `seconds` is the life of an access token, `keeps` whether the server still takes the current one.
    """

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    scripted: dict[str, deque[Answer]] = field(default_factory=dict)
    seconds: int = 900
    interval: int = 1
    expires_in: int = 60
    access_token: str = ""
    refresh_token: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, call: Call) -> Answer:
        """What the server answers."""
        with self.lock:
            self.calls.append(call)
            path = urlsplit(call.path).path
            waiting = self.scripted.get(path)
            if waiting:
                return waiting.popleft()
            if path.startswith("/api/v5"):
                return self._api(call, path)
            routes = {
                "/.well-known/oauth-authorization-server": self._metadata,
                "/oauth/device_authorization": self._device,
                "/oauth/token": self._token,
                "/oauth/revoke": self._revoke,
            }
            return routes[path](call) if path in routes else (404, {})

    def to(self, path: str) -> list[Call]:
        """The calls of a path, in order."""
        return [call for call in self.calls if urlsplit(call.path).path == path]

    def _metadata(self, _call: Call) -> Answer:
        document = {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/oauth/token",
            "device_authorization_endpoint": f"{self.url}/oauth/device_authorization",
            "revocation_endpoint": f"{self.url}/oauth/revoke",
        }
        return 200, document | self.metadata

    def _device(self, _call: Call) -> Answer:
        return 200, {
            "device_code": "the-device-code",
            "user_code": "BCDF-GHJK",
            "verification_uri": f"{self.url}/oauth/device",
            "verification_uri_complete": f"{self.url}/oauth/device?user_code=BCDF-GHJK",
            "expires_in": self.expires_in,
            "interval": self.interval,
        }

    def _token(self, call: Call) -> Answer:
        if call.form["grant_type"] == "refresh_token":
            if call.form["refresh_token"] != self.refresh_token:
                return oauth_error("invalid_grant")
        elif call.form.get("device_code") != "the-device-code":
            return oauth_error("invalid_grant")
        self.access_token, self.refresh_token = f"access-{uuid4()}", f"refresh-{uuid4()}"
        return 200, {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "token_type": "Bearer",
            "expires_in": self.seconds,
        }

    def _revoke(self, call: Call) -> Answer:
        if call.form["token"] == self.refresh_token:
            self.access_token = self.refresh_token = ""
        return 200, None

    def _api(self, call: Call, path: str) -> Answer:
        if call.headers.get("authorization") != f"Bearer {self.access_token}":
            return 401, envelope_error("ACCESS_TOKEN_INVALID", "The access token is not valid.")
        if path == "/api/v5/auth/me":
            return 200, {"success": True, "data": USER}
        if path == "/api/v5/tenants":
            page = {"tenants": [TENANT], "nextPageToken": ""}
            return 200, {"success": True, "data": page}
        return 404, envelope_error("NOT_FOUND", "There is no such route.")


def envelope_error(code: str, message: str, *details: Any) -> dict[str, Any]:
    """The body of an error of the API."""
    error = {"code": code, "message": message, "details": details, "requestId": "request-1"}
    return {"success": False, "error": error}


class Running:
    """Serves a SmallServer on a free port of this machine."""

    def __init__(self) -> None:
        running = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                is_form = "form" in (self.headers.get("content-type") or "")
                form = dict(parse_qsl(body)) if is_form else {}
                content = None if is_form or not body else json.loads(body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(self.command, self.path, form, content, headers)
                status, answer = running.server.answer(call)
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                """Logs nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server = self.renew()

    def renew(self) -> SmallServer:
        """Serves a server without logins from now on, at the same URL."""
        self.server = SmallServer(f"http://127.0.0.1:{self._http.server_port}")
        return self.server

    def __enter__(self) -> SmallServer:
        # A server looks this often whether it must stop; by default twice a second.
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self.server

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
