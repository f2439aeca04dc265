"""Which addresses auth connects to when a stranger has chosen the URL."""

import pytest

from kernel.outbound.public_addresses import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "192.0.1.1", "2606:4700::1111", "2a00:1450::1"])
def test_addresses_of_the_internet(address: str) -> None:
    """What is routed between networks."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104 - no server listens on it here
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "168.63.129.16",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_addresses_of_this_machine_and_of_networks_around_it(address: str) -> None:
    """This machine, private and link-local networks, documentation, multicast, and IPv4 in IPv6."""
    assert not is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "0177.0.0.1", "127.1", "2130706433", "8.8.8.8 "])
def test_what_is_no_address(text: str) -> None:
    """Other spellings of an address are none."""
    assert not is_public(text)
