"""The site: what the gateway serves from a folder, and what it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.envoy import site as rendered
from gateway.settings import Settings
from kernel.settings import SettingsInvalid
from tests.gateway import site
from tests.gateway.environment import ENOUGH, ORIGIN, Environment, open_environment

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NO_CODING = {"accept-encoding": "identity"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    return site.build(tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Environment]:
    """A gateway that serves the site."""
    with open_environment(tmp_path_factory.mktemp("edge"), site=folder) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "file", "kind", "kept"),
    [
        ("/", "index.html", "text/html; charset=utf-8", "no-cache"),
        ("/docs", "docs/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/docs/", "docs/index.html", "text/html; charset=utf-8", "no-cache"),
        ("/docs/docs.css", "docs/docs.css", "text/css; charset=utf-8", "no-cache"),
        ("/openapi.yaml", "openapi.yaml", "application/yaml", "no-cache"),
        ("/favicon.svg", "favicon.svg", "image/svg+xml", "no-cache"),
        ("/logo.bin", "logo.bin", "application/octet-stream", "no-cache"),
        (
            site.SCRIPT_PATH,
            site.SCRIPT_PATH[1:],
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
    ],
)
def test_every_file_has_its_address(
    served: Environment, folder: Path, path: str, file: str, kind: str, kept: str
) -> None:
    """A file is served byte by byte, with its type and the headers of the site; a query changes nothing."""
    for address in (path, f"{path}?a=b"):
        answer = served.client.get(address, headers=NO_CODING)
        assert (answer.status_code, answer.content) == (200, (folder / file).read_bytes())
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"] == kept
        for name, value in rendered.HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["vary"] == "Origin, Accept-Encoding"
        assert "x-request-id" in answer.headers
        assert "server" not in answer.headers


def test_head_is_get_without_a_body(served: Environment) -> None:
    """HEAD has the headers of GET, its length included."""
    whole = served.client.get(site.SCRIPT_PATH, headers=NO_CODING)
    answer = served.client.head(site.SCRIPT_PATH, headers=NO_CODING)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(whole.content))
    varying = {"date", "x-request-id"}
    assert {n: v for n, v in answer.headers.items() if n not in varying} == {
        n: v for n, v in whole.headers.items() if n not in varying
    }


@pytest.mark.parametrize(
    ("accepted", "coding", "ends"),
    [
        ("gzip", "gzip", ".gz"),
        ("deflate, gzip", "gzip", ".gz"),
        ("GZIP;q=0.5", "gzip", ".gz"),
        ("br;q=0, gzip", "gzip", ".gz"),
        ("br; q=0.000,gzip ;q=0.001", "gzip", ".gz"),
        ("gzip, deflate, br, zstd", "br", ".br"),
        ("gzip;q=0", None, ""),
        ("xgzip, brx", None, ""),
        ("identity", None, ""),
    ],
)
def test_a_browser_gets_the_compressed_form(
    served: Environment, folder: Path, accepted: str, coding: str | None, ends: str
) -> None:
    """A client that reads a coding, and does not refuse it, gets the file compressed, under one ETag."""
    with served.client.stream(
        "GET", site.SCRIPT_PATH, headers={"accept-encoding": accepted}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers.get("content-encoding") == coding
    assert raw == (folder / f"{site.SCRIPT_PATH[1:]}{ends}").read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    whole = served.client.head(site.SCRIPT_PATH, headers=NO_CODING)
    assert answer.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize("path", ["/", "/docs", "/sessions"])
def test_a_page_that_the_browser_has_is_not_sent_again(served: Environment, path: str) -> None:
    """With the ETag, alone or among others, a client gets 304 without a body, and not with another."""
    whole = served.client.get(path, headers=PAGE)
    tag = whole.headers["etag"]
    for known in (tag, f'"x", {tag}', tag.removeprefix("W/")):
        answer = served.client.get(path, headers=PAGE | {"if-none-match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        kept = ("etag", "cache-control", "content-security-policy", "vary")
        assert [answer.headers[name] for name in kept] == [whole.headers[name] for name in kept]
        assert not {"location", "content-type", "content-encoding"} & set(answer.headers)
    answer = served.client.get(path, headers=PAGE | {"if-none-match": 'W/"0000000000000000"'})
    assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.mark.parametrize(
    "path",
    ["/login", "/sessions/6f1c", "/verify-email?x=y", "/apis", "/docsets", "/index.html", "/%20"],
)
def test_the_console_routes_its_own_addresses(served: Environment, path: str) -> None:
    """An address that a browser opens as a page is the console's, and gets its page."""
    answer = served.client.get(path, headers=PAGE)
    assert (answer.status_code, answer.text) == (200, site.INDEX)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert served.client.head(path, headers=PAGE).headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    ("path", "accepted"),
    [
        ("/login", "*/*"),
        ("/login", "application/json"),
        ("/favicon.ico", "image/avif,image/webp,*/*;q=0.8"),
        ("/api", PAGE["accept"]),
        ("/api/", PAGE["accept"]),
        ("/api/v5/nothing", PAGE["accept"]),
        ("/api?x=/login", PAGE["accept"]),
        ("/oauth/nothing", PAGE["accept"]),
        ("/.well-known/nothing", PAGE["accept"]),
        ("/.well-known/nothing?a=b", PAGE["accept"]),
        ("/docs/nothing", PAGE["accept"]),
        ("/assets/index-0000.js", PAGE["accept"]),
        ("/assets/index-4f2a.js.gz", PAGE["accept"]),
        ("/assets/", PAGE["accept"]),
        ("/docs/../../etc/passwd", "*/*"),
        ("/assets/../openapi.yaml/", "*/*"),
    ],
)
def test_other_addresses_are_not_found(served: Environment, path: str, accepted: str) -> None:
    """What is no page, and any address of the API or of a file that is not there, is as before."""
    answer = served.client.get(path, headers={"accept": accepted})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ROUTE_NOT_FOUND")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.yaml", site.SCRIPT_PATH])
@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_files_are_only_read(served: Environment, path: str, verb: str) -> None:
    """Another method at the address of a file is refused; there is no such address elsewhere."""
    answer = served.client.request(verb, path, headers=PAGE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert served.client.request(verb, "/login", headers=PAGE).status_code == 404


def test_a_response_to_grpc_has_no_file_in_its_headers(served: Environment) -> None:
    """A call with gRPC's type gets an error, because Envoy would put the file into a header."""
    for path in ("/", site.SCRIPT_PATH):
        answer = served.client.get(path, headers={"content-type": "application/grpc"})
        assert answer.status_code == 405
        assert len(str(answer.headers)) < 2000


def test_another_origin_may_read_the_document(served: Environment) -> None:
    """Pages of known origins read the files as they do the API, and no other."""
    answer = served.client.get("/openapi.yaml", headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    answer = served.client.get("/openapi.yaml", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_files_are_served_over_http_2(served: Environment) -> None:
    """A file is served over HTTP/2 as over HTTP/1.1."""
    answer = served.curl("--http2-prior-knowledge", f"{served.url}{site.SCRIPT_PATH}")
    head, _, body = answer.partition("\n\n")
    assert head.splitlines()[0].startswith("HTTP/2 200")
    assert body == site.SCRIPT


def test_the_api_is_as_before(served: Environment) -> None:
    """Calls pass, in the envelope and never kept, and services do not see what the site's routes read."""
    answer = served.call("GET", "/api/v5/sessions", headers=PAGE | {"accept-encoding": "br"})
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    assert answer.headers["cache-control"] == "no-store"
    assert "content-encoding" not in answer.headers
    seen = set(served.backend.last("ListSessions").metadata)
    assert not {"accept", "accept-encoding"} & seen
    assert served.client.get("/api/v5/health").headers["content-type"] == "application/json"


def test_a_browser_that_used_tls_keeps_to_it(tmp_path: Path, folder: Path) -> None:
    """Behind a proxy that says there was TLS, files have the header of HTTP over TLS, too."""
    with open_environment(tmp_path, site=folder, trusted_proxies=1) as made:
        for scheme, expected in (("https", "max-age=31536000"), ("http", None)):
            answer = made.client.get("/", headers={"x-forwarded-proto": scheme})
            assert answer.headers.get("strict-transport-security") == expected


def test_without_a_site_there_is_none(gateway: Environment) -> None:
    """Without the setting, the gateway serves only the API."""
    for path in ("/", "/login", "/docs"):
        assert gateway.client.get(path, headers=PAGE).status_code == 404


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    """The gateway does not start with a folder that has no index.html."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(SettingsInvalid, match=r"SITE: must be a folder with an index\.html"):
            Settings.read(ENOUGH | {"SITE": str(folder)})


def test_rendering_is_repeatable(folder: Path) -> None:
    """The same files render to the same routes, in the same order."""
    settings = Settings.read(ENOUGH | {"SITE": str(folder)})
    assert rendered.routes(settings) == rendered.routes(settings)
