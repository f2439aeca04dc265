"""The device behind a call: what is kept of its metadata, and its network."""

import pytest

from kernel.identity.devices import Device, device_of


def test_metadata_is_cut() -> None:
    """256 characters of the program's name are kept, and 64 of the address; what is missing is empty."""
    long = {"user-agent": "a" * 255 + "bc", "x-forwarded-for": "1" * 63 + "23"}
    assert device_of(long) == Device("a" * 255 + "b", "1" * 63 + "2")
    assert device_of({}) == Device("", "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.0", "192.0.2.255"),
        ("192.0.2.1", "::ffff:192.0.2.9"),
        ("2001:db8:1::1", "2001:db8:1:ffff:ffff::9"),
        ("2001:db8:1::1", "2001:DB8:0001::"),
        ("127.0.0.1", "::1"),
    ],
)
def test_one_network(one: str, other: str) -> None:
    """A network is a /24 of IPv4, or a /48 of IPv6. This machine is one, by either version."""
    assert Device("", one).network == Device("", other).network != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.255", "192.0.3.0"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("0.0.1.1", "::101"),
        ("192.0.2.1", ""),
    ],
)
def test_two_networks(one: str, other: str) -> None:
    """Neighbors, and the two versions, are apart."""
    assert Device("", one).network != Device("", other).network


@pytest.mark.parametrize("address", ["", "nonsense", "192.0.2.1, 192.0.2.2", "1.2.3", "::1::"])
def test_no_address_is_no_network(address: str) -> None:
    """A call without an address, such as a service's own, belongs to the empty network."""
    assert Device("", address).network == ""
