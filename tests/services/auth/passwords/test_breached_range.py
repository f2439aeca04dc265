"""Breached passwords in a service that speaks the range protocol, over real HTTP and HTTPS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.auth.passwords.breached_range import BreachedRange, RangeRefused
from tests.support.authority import Authority
from tests.support.range_server import RangeServer, range_server, sha1, tls_of

KNOWN = "a password that was found"
PADDING = "a password that is padding"
UNKNOWN = "a password of my own"


@pytest.fixture
async def server() -> AsyncIterator[RangeServer]:
    """A service over HTTP."""
    async with range_server() as server:
        server.counts = {KNOWN: 7, PADDING: 0}
        yield server


@asynccontextmanager
async def source_of(url: str) -> AsyncIterator[BreachedRange]:
    """A source, closed at the end."""
    source = BreachedRange(url)
    try:
        yield source
    finally:
        await source.close()


async def knows(server: RangeServer, password: str) -> bool:
    """Whether a source finds a password in the service."""
    async with source_of(server.url) as source:
        return await source.contains(sha1(password))


async def test_it_finds_what_the_service_lists(server: RangeServer) -> None:
    """A listed hash is found, another one is not, and one with the count 0 is padding."""
    async with source_of(server.url) as source:
        found = [await source.contains(sha1(one)) for one in (KNOWN, UNKNOWN, PADDING)]
    assert found == [True, False, False]


async def test_the_case_of_digits_does_not_matter(server: RangeServer) -> None:
    """A service that writes hashes in lower case, or ends lines with LF alone, is understood."""
    server.body = f"{'0' * 35}:1\n{sha1(KNOWN)[5:].lower()}:2\n".encode()
    assert await knows(server, KNOWN)


async def test_a_count_may_have_any_number_of_digits(server: RangeServer) -> None:
    """A count that no machine word holds is one; zeros alone are padding."""
    server.body = f"{sha1(KNOWN)[5:]}:{'9' * 5_000}\n{sha1(PADDING)[5:]}:{'0' * 5_000}\n".encode()
    assert await knows(server, KNOWN)
    assert not await knows(server, PADDING)


async def test_the_service_learns_five_digits(server: RangeServer) -> None:
    """The request has 5 of 40 digits, asks for padding, and names the product."""
    await knows(server, KNOWN)
    (request,) = server.requests
    digest = sha1(KNOWN).lower()
    assert request.startswith(f"get /range/{digest[:5]} http/1.1\r\n")
    assert digest[5:10] not in request
    assert "\r\nadd-padding: true\r\n" in request
    assert "\r\nuser-agent: coditect" in request


async def test_a_search_has_its_own_connection(server: RangeServer) -> None:
    """A connection that was given up cannot disturb the next search."""
    async with source_of(server.url) as source:
        await source.contains(sha1(KNOWN))
        await source.contains(sha1(UNKNOWN))
    assert (len(server.requests), server.connections) == (2, 2)


@pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many Requests", "503 Unavailable"])
async def test_another_status_is_no_answer(server: RangeServer, status: str) -> None:
    """Only 200 is an answer."""
    server.status = status
    with pytest.raises(RangeRefused):
        await knows(server, KNOWN)


async def test_a_redirect_is_not_followed(server: RangeServer) -> None:
    """No other address is asked, whatever the service says."""
    async with range_server() as other:
        other.counts = {KNOWN: 1}
        server.status, server.headers = "302 Found", f"Location: {other.url}/{sha1(KNOWN)[:5]}\r\n"
        with pytest.raises(RangeRefused):
            await knows(server, KNOWN)
    assert other.requests == []


@pytest.mark.parametrize(
    "body", [b"<html>sign in to the network</html>", b"0" * 35, b"0" * 35 + b":-1", b"1:1\n" * 500_000]
)  # fmt: skip
async def test_another_body_is_no_answer(server: RangeServer, body: bytes) -> None:
    """A page of a captive portal, a line without a count, or far too many lines are no range."""
    server.body = body
    with pytest.raises(RangeRefused):
        await knows(server, KNOWN)


async def test_proxies_of_the_environment_are_ignored(
    server: RangeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is asked directly, although a proxy is set for everything else."""
    async with range_server() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert await knows(server, KNOWN)
    assert proxy.requests == []


async def test_an_authority_of_the_system_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTPS the certificate must be of an authority in `SSL_CERT_FILE`, and for that host."""
    authority = Authority()
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with range_server(tls_of(authority, "localhost", tmp_path)) as server:
        server.counts = {KNOWN: 7}
        assert await knows(server, KNOWN)
    for issuer, name in ((Authority(), "localhost"), (authority, "elsewhere")):
        async with range_server(tls_of(issuer, name, tmp_path)) as server:
            with pytest.raises(httpx.ConnectError):
                await knows(server, KNOWN)
            assert server.requests == []
