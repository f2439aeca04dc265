"""The origins whose pages are ours."""

import pytest

from kernel.origins import KnownOrigins, origin_of

LAPTOP, CLUSTER = "http://localhost:8080", "https://api.example.com"
APP = "https://app.example.com"


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:5173",
        "http://localhost",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "https://localhost:5173",
    ],
)
def test_on_a_laptop_the_pages_of_the_machine_are_ours(origin: str) -> None:
    """Every port of a loopback host, if no origin is listed; and nowhere else."""
    for issuer in (LAPTOP, "http://127.0.0.1:8080", "http://[::1]:8080"):
        assert origin in KnownOrigins.of(issuer, ())
    assert origin not in KnownOrigins.of(LAPTOP, (APP,))
    assert origin not in KnownOrigins.of(CLUSTER, ())


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://localhost:5173/",
        "http://localhost:x",
        "http://localhost:123456",
        "http://localhost.evil.example",
        "http://evil.example:80@localhost",
        "http://localhost:5173.evil.example",
        "http://evil.example",
        "http://evil-localhost",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.10",
        "http://0.0.0.0:1",
        "http://192.168.0.1",
        "file://localhost",
        "HTTP://LOCALHOST",
        "http://localhost:5173\n",
        None,
    ],
)
def test_no_other_page_is_ours(origin: str | None) -> None:
    """Neither on a laptop, nor elsewhere; a sandboxed page says `null`."""
    for issuer in (LAPTOP, CLUSTER):
        for listed in ((), (APP,)):
            assert origin not in KnownOrigins.of(issuer, listed)


def test_listed_origins_and_the_own_one_are_ours() -> None:
    """Character by character."""
    known = KnownOrigins.of(CLUSTER, (APP,))
    assert CLUSTER in known
    assert APP in known
    for other in (f"{APP}:443", f"{APP}/", APP.upper(), APP.replace("https", "http")):
        assert other not in known


def test_whether_others_than_the_own_one_are_known() -> None:
    """The gateway says nothing about origins where there are none."""
    assert not KnownOrigins.of(CLUSTER, ()).has_others
    assert KnownOrigins.of(CLUSTER, (APP,)).has_others
    assert KnownOrigins.of(LAPTOP, ()).has_others


def test_the_origin_of_a_url() -> None:
    """Scheme, host and port."""
    assert origin_of("http://localhost:8080/a?b#c") == "http://localhost:8080"
