"""The names of programs and systems come from fixed lists."""

import pytest

from kernel.identity.devices import Device
from services.auth.notifications.devices import address_of, program_of, system_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "program", "system"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "Chrome", "Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/128.0", "Edge", "Windows"),
        (f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {CHROME}", "Chrome", "Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chrome", "ChromeOS"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/17.5 Safari/605",
            "Safari",
            "macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
            "Safari",
            "iOS",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko Firefox/130.0", "Firefox", "Linux"),
        ("curl/8.5.0", "curl", ""),
        ("Visit https://evil.example now", "", ""),
        ("", "", ""),
    ],
)
def test_a_user_agent_becomes_names_of_ours(user_agent: str, program: str, system: str) -> None:
    """Of an unknown program nothing is shown, whatever it says."""
    device = Device(user_agent, "")
    assert (program_of(device), system_of(device)) == (program, system)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%evil.example", "fe80::1"),
        ("call 0900 123", ""),
        ("", ""),
    ],
)
def test_only_an_ip_address_is_shown(given: str, address: str) -> None:
    """In its canonical form, without the zone, which is any text."""
    assert address_of(Device("", given)) == address
