"""Seals: any of the keys opens them, the first one makes them."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from kernel.seal import Seal, SealKeysWrong

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_rotation_loses_nothing() -> None:
    """Both keys together open data of the old key; data sealed by both needs the new one."""
    sealed = Seal([OLD]).encrypt(b"data")
    both = Seal([NEW, OLD])
    assert both.open(sealed) == b"data"
    assert Seal([NEW]).open(both.encrypt(b"data")) == b"data"
    with pytest.raises(InvalidToken):
        Seal([OLD]).decrypt(both.encrypt(b"data"))


def test_wrong_keys_are_named() -> None:
    """The error names the wrong setting and reveals nothing else."""
    for sealed in (Seal([OLD]).encrypt(b"data"), b"damaged", b""):
        with pytest.raises(SealKeysWrong, match=r"^SEAL_KEYS do not open"):
            Seal([NEW]).open(sealed)


def test_a_mac_depends_on_purpose_and_data() -> None:
    """Equal input has an equal tag; other input has another tag, even if only the parts shift."""
    seal = Seal([OLD])
    assert seal.mac("a", b"data") == seal.mac("a", b"data")
    macs = {
        seal.mac("a", b"data"), seal.mac("b", b"data"), seal.mac("a", b"Data"),
        seal.mac("ad", b"ata"), seal.mac("a", b""), Seal([NEW]).mac("a", b"data"),
    }  # fmt: skip
    assert len(macs) == 6
    assert {len(mac) for mac in macs} == {32}


def test_a_mac_survives_a_rotation() -> None:
    """Tags of the previous key are still valid; the first key makes new tags."""
    tag = Seal([OLD]).mac("a", b"data")[:16]
    both = Seal([NEW, OLD])
    assert both.verify_mac(tag, "a", b"data")
    assert not Seal([NEW]).verify_mac(tag, "a", b"data")
    assert not both.verify_mac(tag, "b", b"data")
    assert both.mac("a", b"data") == Seal([NEW]).mac("a", b"data")


def test_the_mac_key_is_not_the_fernet_key() -> None:
    """One key never serves two algorithms."""
    assert OLD.encode() not in Seal([OLD])._mac_keys


def test_a_mac_with_each_key() -> None:
    """Data tagged before a key change can be found with the tags of all keys."""
    assert Seal([NEW, OLD]).macs("a", b"data") == (
        Seal([NEW]).mac("a", b"data"), Seal([OLD]).mac("a", b"data"),
    )  # fmt: skip
