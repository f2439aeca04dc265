"""Settings of the gateway."""

import pytest

from gateway.settings import Settings
from kernel.settings import SettingsInvalid
from tests.gateway.environment import ENOUGH


def test_reads_the_environment() -> None:
    """Variables become typed values, and the rest keeps its default."""
    settings = Settings.read(
        ENOUGH
        | {"CORS_ORIGINS": "https://a.example, http://localhost:3000", "TRUSTED_PROXIES": "2"}
    )
    assert settings.cors_origins == ("https://a.example", "http://localhost:3000")
    assert settings.trusted_proxies == 2
    assert settings.listen == (("127.0.0.1", 8080),)
    assert settings.admin_listen is None
    assert [str(where) for where in settings.addresses["sessions"]] == ["127.0.0.1:50053"]


def test_takes_several_addresses_of_a_service() -> None:
    """A service may have more than one address."""
    settings = Settings.read(ENOUGH | {"AUTH_ADDRESS": "a:1, b:2"})
    assert [str(where) for where in settings.addresses["auth"]] == ["a:1", "b:2"]


def test_takes_sockets_of_a_service() -> None:
    """A service on the same machine may have Unix sockets, beside addresses that are no names."""
    settings = Settings.read(ENOUGH | {"AUTH_ADDRESS": "unix:/run/a,unix:/run/b, [::1]:1"})
    assert [str(where) for where in settings.addresses["auth"]] == [
        "unix:/run/a",
        "unix:/run/b",
        "[::1]:1",
    ]


def test_refuses_a_name_beside_a_socket() -> None:
    """Envoy resolves all hosts of a service or none."""
    with pytest.raises(SettingsInvalid, match="AUTH_ADDRESS: must not have host names beside"):
        Settings.read(ENOUGH | {"AUTH_ADDRESS": "unix:/run/a,auth:1"})


@pytest.mark.parametrize(
    "origin",
    [
        "https://App.example.com",
        "https://a.example:443",
        "http://a.example:80",
        "https://a.example/",
    ],
)
def test_refuses_an_origin_that_no_browser_writes(origin: str) -> None:
    """It would match no page, and nothing would say why."""
    with pytest.raises(SettingsInvalid, match="CORS_ORIGINS"):
        Settings.read(ENOUGH | {"CORS_ORIGINS": f"https://b.example, {origin}"})


def test_names_every_wrong_setting_at_once() -> None:
    """One error names everything missing or wrong, without quoting values."""
    with pytest.raises(SettingsInvalid) as caught:
        Settings.read({"CORS_ORIGINS": "*", "LISTEN": "nowhere", "CREDENTIAL_RATE": "many"})
    text = str(caught.value)
    for name in ("CORS_ORIGINS", "LISTEN", "CREDENTIAL_RATE", "AUTH_ADDRESS", "TENANTS_ADDRESS"):
        assert name in text
    assert "nowhere" not in text
