"""The site: the console and the documentation, which the edge serves from a folder.

Envoy reads the files when it starts, and answers from memory. Each file has an exact address, so nothing
else of the machine can be asked for. A file `name.br` or `name.gz` is the compressed form of `name`, for
browsers that read it. Every other address that a browser opens as a page gets `index.html`, because the
console routes its own addresses. `console/nginx.conf` serves the same in a cluster.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gateway.envoy.local_replies import SITE, header_to_set
from gateway.envoy.refusals import UNTOUCHED, allowed, refuse
from gateway.settings import Settings

INDEX = "index.html"
"""The file of a folder's own address."""
HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
    # Not `no-referrer`, with which browsers send `Origin: null` with a form.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""The headers of every file, besides those of all responses."""

_FOREVER, _CHECKED = "public, max-age=31536000, immutable", "no-cache"
# The names of the files in it contain a hash of their content.
_HASHED = "/assets/"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".yaml": "application/yaml",
}
_ANY_TYPE = "application/octet-stream"
# The codings, best first, with the ends of the names of their files.
_CODINGS = {"br": ".br", "gzip": ".gz"}
# Addresses that belong to the API, or whose files are all there: a page would hide a mistake.
_NO_PAGES = r"/(?:api|oauth|\.well-known|docs|assets)(?:/[^?]*)?(?:\?.*)?"
_READS = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
# Envoy would put the file into a header of a response to gRPC.
_NOT_GRPC = {
    "name": "content-type",
    "string_match": {"prefix": "application/grpc"},
    "treat_missing_header_as_empty": True,
    "invert_match": True,
}


def routes(settings: Settings) -> list[dict[str, Any]]:
    """Returns the routes of the site, which come after those of the API; none without a site."""
    if settings.site is None:
        return []
    return [
        *(
            route
            for file in _files(settings.site)
            for address in _addresses(file.relative_to(settings.site))
            for route in _resource({"path": address}, file, address)
        ),
        *_answers(_page(), settings.site / INDEX, "/"),
    ]


def largest_file(settings: Settings) -> int:
    """Returns the size of the largest file in bytes, 0 without a site."""
    if settings.site is None:
        return 0
    return max(file.stat().st_size for file in _files(settings.site))


def _files(folder: Path) -> list[Path]:
    compressed = tuple(_CODINGS.values())
    return sorted(
        file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(compressed)
    )


def _addresses(file: Path) -> list[str]:
    """Returns the paths at which a file of the site is served."""
    if file.name != INDEX:
        return [f"/{file.as_posix()}"]
    folder = file.parent.as_posix()
    return ["/"] if folder == "." else [f"/{folder}", f"/{folder}/"]


def _page() -> dict[str, Any]:
    """Returns what a browser asks for when it opens an address as a page."""
    html = {"contains": "text/html", "ignore_case": True}
    api = {"safe_regex": {"regex": _NO_PAGES}}
    return {
        "prefix": "/",
        "headers": [
            {"name": "accept", "string_match": html},
            {"name": ":path", "string_match": api, "invert_match": True},
        ],
    }


def _resource(match: dict[str, Any], file: Path, address: str) -> Iterator[dict[str, Any]]:
    yield from _answers(match, file, address)
    yield refuse(match, 405, allow=allowed(["GET"]))


def _answers(match: dict[str, Any], file: Path, address: str) -> Iterator[dict[str, Any]]:
    """Yields the routes of a file: unchanged since the client has it, compressed, and as it is."""
    tag = f'W/"{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"'
    headers = {
        **HEADERS,
        "cache-control": _FOREVER if address.startswith(_HASHED) else _CHECKED,
        "etag": tag,
    }
    known = {"name": "if-none-match", "string_match": {"contains": tag.removeprefix("W/")}}
    yield _route(match, [known], headers, 304)
    headers["content-type"] = _TYPES.get(file.suffix, _ANY_TYPE)
    for coding, end in _CODINGS.items():
        compressed = file.with_name(file.name + end)
        if compressed.exists():
            accepted = {"safe_regex": {"regex": _accepted(coding)}}
            conditions = [{"name": "accept-encoding", "string_match": accepted}]
            yield _route(match, conditions, headers | {"content-encoding": coding}, 200, compressed)
    yield _route(match, [], headers, 200, file)


def _accepted(coding: str) -> str:
    """Returns the pattern of an Accept-Encoding header with a coding that its client does not refuse."""
    weight = r"(?:[ \t]*;[ \t]*q=(?:1[.0]*|0\.0{0,2}[1-9][0-9]{0,2}))?"
    return rf"(?i:(?:.*,)?[ \t]*{coding}{weight}[ \t]*(?:,.*)?)"


def _route(
    match: dict[str, Any],
    conditions: list[dict[str, Any]],
    headers: dict[str, str],
    status: int,
    file: Path | None = None,
) -> dict[str, Any]:
    body = {"body": {"filename": str(file)}} if file else {}
    return {
        "name": SITE,
        "match": match | {"headers": [*match.get("headers", []), _READS, _NOT_GRPC, *conditions]},
        "direct_response": {"status": status} | body,
        "typed_per_filter_config": UNTOUCHED,
        "response_headers_to_add": [header_to_set(*header) for header in headers.items()],
        # Envoy gives a 304 that of a redirect.
        "response_headers_to_remove": ["location"],
    }
