"""Which domain passkeys belong to, and which pages may ask for them."""

import pytest

from kernel.settings import SettingsInvalid
from services.auth.passkeys.relying_party import RelyingParty
from tests.services.auth.harness import make_settings


def party(rp_id: str = "", origins: str = "") -> RelyingParty:
    """The relying party of a deployment with these settings; without, that of a laptop."""
    return RelyingParty.of(make_settings(PASSKEY_RP_ID=rp_id, PASSKEY_ORIGINS=origins))


@pytest.mark.parametrize(
    ("origin", "taken"),
    [
        ("https://localhost", True),
        ("http://localhost", True),
        ("http://localhost:8080", True),
        ("https://localhost:65535", True),
        ("http://localhost.example.com", False),
        ("http://localhost:8080.example.com", False),
        ("http://localhost:8080@example.com", False),
        ("http://example.com/http://localhost:8080", False),
        ("http://127.0.0.1:8080", False),
        ("http://localhost:", False),
        ("http://localhost:8080\n", False),
        ("HTTP://localhost:8080", False),
        ("ftp://localhost", False),
        ("null", False),
        ("", False),
        (None, False),
        (["https://localhost"], False),
    ],
)
def test_a_laptop(origin: object, taken: bool) -> None:
    """Pages of this host may ask, at every port."""
    assert party().rp_id == "localhost"
    assert party().takes(origin) == taken


def test_a_host() -> None:
    """Only its own pages over TLS may, and none of this host."""
    one = party("example.com")
    assert one.takes("https://example.com")
    for origin in ("http://example.com", "https://app.example.com", "https://localhost"):
        assert not one.takes(origin)


def test_origins_that_are_given() -> None:
    """They take the place of the domain's own, also on a laptop."""
    one = party("example.com", "https://app.example.com, https://example.com:8443")
    assert one.takes("https://app.example.com")
    assert one.takes("https://example.com:8443")
    for origin in ("https://example.com", "https://app.example.com:8443", "https://localhost"):
        assert not one.takes(origin)
    assert not party("localhost", "http://localhost:3000").takes("http://localhost:8080")


@pytest.mark.parametrize(
    "rp_id",
    ["Example.com", "example.com.", "-a.com", "192.0.2.1", "[::1]", "a b", "a/b", "a:1", "a" * 64],
)
def test_domains_that_are_none(rp_id: str) -> None:
    """They are refused at the start."""
    with pytest.raises(SettingsInvalid, match="PASSKEY_RP_ID: must be a host name"):
        party(rp_id)


@pytest.mark.parametrize(
    "origin",
    [
        "example.com",
        "http://example.com",
        "https://example.com/",
        "https://example.com/app",
        "https://example.com?a",
        "https://user@example.com",
        "https://example.com:443",
        "https://example.com:99999",
        "https://Example.com",
        "https://[example.com",
        "https://",
        "android:apk-key-hash:abc",
    ],
)
def test_origins_that_are_none(origin: str) -> None:
    """They are refused at the start, because no browser would ever send them."""
    with pytest.raises(
        SettingsInvalid, match=r"PASSKEY_ORIGINS.*: must be origins as browsers write them"
    ):
        party("example.com", origin)


@pytest.mark.parametrize("origin", ["https://example.org", "https://badexample.com"])
def test_origins_of_another_domain(origin: str) -> None:
    """They are refused at the start: passkeys of the domain would not be offered there."""
    with pytest.raises(SettingsInvalid, match="PASSKEY_ORIGINS: must be of PASSKEY_RP_ID"):
        party("example.com", f"https://example.com,{origin}")
