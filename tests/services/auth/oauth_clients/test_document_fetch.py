"""Documents that are fetched over real TLS, and what is not fetched."""

import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kernel.outbound.guarded_requests import GuardedRequests, system_resolver
from services.auth.oauth_clients import document_fetch
from services.auth.oauth_clients.document_fetch import MOST_BYTES, DocumentFetch, NotFetched
from tests.support.authority import Authority
from tests.support.range_server import RangeServer, range_server, tls_of

HOST = "robot.example.com"
LOOPBACK = "127.0.0.1"
JSON = "Content-Type: application/json\r\n"


class Names:
    """A name server, which can answer differently each time.

    Attributes:
        answers: The addresses of the next answers; the last one stays.
        asked: The hosts that it was asked for.
    """

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, _: int) -> Sequence[str]:
        """The addresses of a host."""
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def authority() -> Authority:
    """Whose certificates count."""
    return Authority()


@pytest.fixture
def trust(authority: Authority) -> ssl.SSLContext:
    """What trusts the authority alone."""
    return ssl.create_default_context(cadata=authority.pem.decode())


@pytest.fixture
async def server(authority: Authority, tmp_path: Path) -> AsyncIterator[RangeServer]:
    """A server with a certificate for `HOST`, which answers with a document."""
    async with range_server(tls_of(authority, HOST, tmp_path)) as server:
        server.body, server.headers = b"{}", JSON
        yield server


def url_at(server: RangeServer, host: str = HOST, path: str = "/client.json") -> str:
    """A URL of the server under a host name."""
    return f"https://{host}:{urlsplit(server.url).port}{path}"


def reaching(
    trust: ssl.SSLContext, names: Names | None = None, allowed: str = LOOPBACK
) -> DocumentFetch:
    """What counts one address of this machine as public, so that a test can have a server."""
    names = names or Names([LOOPBACK])
    requests = GuardedRequests(names.resolve, lambda address: address == allowed, trust)
    return DocumentFetch(requests)


async def test_a_document(server: RangeServer, trust: ssl.SSLContext) -> None:
    """The document comes from the address, is asked for by the host, and over TLS with its name."""
    fetched = await reaching(trust).fetch(url_at(server, path="/a%20b/c?d=e"))
    assert fetched == (b"{}", None)
    (request,) = server.requests
    assert request.startswith("get /a%20b/c?d=e http/1.1\r\n")
    assert f"\r\nhost: {HOST}:{urlsplit(server.url).port}\r\n" in request
    assert "\r\naccept: application/json\r\n" in request


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=60", 60),
        ("public, MAX-AGE=60", 60),
        ("no-store", 0),
        ("no-cache, max-age=60", 0),
        ("max-age=-1", None),
        ("max-age=9999999999999", 999_999_999),
    ],
)
async def test_how_long_it_may_be_kept(
    header: str, seconds: int | None, server: RangeServer, trust: ssl.SSLContext
) -> None:
    """As its server says."""
    server.headers = f"{JSON}Cache-Control: {header}\r\n"
    assert (await reaching(trust).fetch(url_at(server))).max_age == seconds


@pytest.mark.parametrize(
    "addresses",
    [
        [LOOPBACK],
        ["::1"],
        ["10.0.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["fe80::1%eth0"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["0.0.0.0"],  # noqa: S104 - no server listens on it here
        ["8.8.8.8", LOOPBACK],
        [LOOPBACK, "8.8.8.8"],
        [],
    ],
)
async def test_what_is_not_public_is_not_reached(
    addresses: list[str], server: RangeServer, trust: ssl.SSLContext
) -> None:
    """One address that is not public is enough: nothing is connected to."""
    fetch = DocumentFetch(GuardedRequests(Names(addresses).resolve, trust=trust))
    with pytest.raises(NotFetched):
        await fetch.fetch(url_at(server))
    assert server.connections == 0


async def test_the_host_of_this_machine_by_its_real_name(
    server: RangeServer, trust: ssl.SSLContext
) -> None:
    """With the system's own resolver, too."""
    assert LOOPBACK in await system_resolver()("localhost", 443)
    with pytest.raises(NotFetched):
        await DocumentFetch(GuardedRequests(trust=trust)).fetch(url_at(server, "localhost"))
    assert server.connections == 0


async def test_another_answer_of_the_name_server_changes_nothing(
    server: RangeServer, trust: ssl.SSLContext
) -> None:
    """The name is asked for once, and the connection goes to the address that was checked."""
    names = Names([LOOPBACK], ["10.0.0.1"])
    await reaching(trust, names).fetch(url_at(server))
    assert (names.asked, server.connections) == ([HOST], 1)


async def test_a_redirect_is_not_followed(
    server: RangeServer, trust: ssl.SSLContext, authority: Authority, tmp_path: Path
) -> None:
    """Wherever it leads."""
    async with range_server(tls_of(authority, "other.example.com", tmp_path)) as other:
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            server.status = status
            server.headers = f"{JSON}Location: {url_at(other, 'other.example.com')}\r\n"
            with pytest.raises(NotFetched):
                await reaching(trust).fetch(url_at(server))
        assert other.connections == 0


async def test_the_certificate_must_be_that_of_the_host(
    server: RangeServer, trust: ssl.SSLContext
) -> None:
    """One for another name, or of an authority that is not trusted, is refused."""
    with pytest.raises(NotFetched):
        await reaching(trust).fetch(url_at(server, "other.example.com"))
    with pytest.raises(NotFetched):
        await reaching(ssl.create_default_context()).fetch(url_at(server))
    assert server.requests == []


async def test_only_the_answer_200_with_json_counts(
    server: RangeServer, trust: ssl.SSLContext
) -> None:
    """Other statuses and other types are no document, and neither is what is compressed."""
    for status, headers in (
        ("404 Not Found", JSON),
        ("206 Partial Content", JSON),
        ("500 Internal Server Error", JSON),
        ("200 OK", "Content-Type: text/html\r\n"),
        ("200 OK", ""),
        ("200 OK", f"{JSON}Content-Encoding: gzip\r\n"),
    ):
        server.status, server.headers = status, headers
        with pytest.raises(NotFetched):
            await reaching(trust).fetch(url_at(server))


async def test_a_document_has_a_largest_size(server: RangeServer, trust: ssl.SSLContext) -> None:
    """One byte more is too much."""
    server.body = b"x" * MOST_BYTES
    assert (await reaching(trust).fetch(url_at(server))).body == server.body
    server.body += b"x"
    with pytest.raises(NotFetched):
        await reaching(trust).fetch(url_at(server))


async def test_a_slow_server_is_not_waited_for(
    server: RangeServer, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole of it has a limit of time."""
    monkeypatch.setattr(document_fetch, "SECONDS", 0.1)
    server.delay = 5
    with pytest.raises(NotFetched):
        await reaching(trust).fetch(url_at(server))


async def test_proxies_of_the_environment_are_not_used(
    server: RangeServer, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve the name by itself."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert (await reaching(trust).fetch(url_at(server))).body == b"{}"


@pytest.mark.parametrize("url", ["https://", "https://[::1", "https://robot.example.com:x/", "x"])
async def test_a_text_that_is_no_url(url: str, trust: ssl.SSLContext) -> None:
    """It has no document."""
    with pytest.raises(NotFetched):
        await DocumentFetch(GuardedRequests(Names([]).resolve, trust=trust)).fetch(url)
