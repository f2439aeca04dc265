"""The server of the product's pages, which browsers load from another origin than the gateway's."""

from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

PAGE = Path(__file__).with_name("page.html")


class Pages:
    """A running server of files, on a free port of this machine."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}
        """Further folders, each under a name in the first part of the path."""
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        """Starts it."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def origin(self, host: str = "localhost") -> str:
        """The origin of the pages, by a name of this machine."""
        return f"http://{host}:{self._server.server_port}"

    def file(self, path: str) -> Path:
        """The file behind a path."""
        first, _, rest = path.strip("/").partition("/")
        folder = self.folders.get(first)
        return PAGE.parent / first if folder is None else folder / rest


class _Server(ThreadingHTTPServer):
    def __init__(self, pages: Pages) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages


class _Handler(SimpleHTTPRequestHandler):
    """Serves the files, and says nothing."""

    extensions_map: ClassVar = {".html": "text/html; charset=utf-8", "": "text/javascript"}

    def translate_path(self, path: str) -> str:
        """The file behind a path."""
        assert isinstance(self.server, _Server)
        return str(self.server.pages.file(path.partition("?")[0]))

    def do_GET(self) -> None:
        """Sends a file, or the browser elsewhere."""
        if not self._redirected():
            super().do_GET()

    def do_POST(self) -> None:
        """Sends the browser elsewhere, with what it posts."""
        if not self._redirected():
            self.send_error(405)

    def _redirected(self) -> bool:
        parts = urlsplit(self.path)
        if parts.path != "/redirect":
            return False
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(307)
        self.send_header("location", parse_qs(parts.query)["to"][0])
        self.end_headers()
        return True

    def log_message(self, *_: Any) -> None:
        """Writes no log."""
