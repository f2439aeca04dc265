"""Seals: opened with any of the keys, made with the first."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from kernel.seal import Seal, SealKeysWrong

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_rotation_loses_nothing() -> None:
    """What the old key sealed opens with both, what both seal needs the new one."""
    sealed = Seal([OLD]).encrypt(b"data")
    both = Seal([NEW, OLD])
    assert both.open(sealed) == b"data"
    assert Seal([NEW]).open(both.encrypt(b"data")) == b"data"
    with pytest.raises(InvalidToken):
        Seal([OLD]).decrypt(both.encrypt(b"data"))


def test_wrong_keys_are_named() -> None:
    """What cannot be opened says which setting is wrong and nothing else."""
    for sealed in (Seal([OLD]).encrypt(b"data"), b"damaged", b""):
        with pytest.raises(SealKeysWrong, match=r"^SEAL_KEYS do not open"):
            Seal([NEW]).open(sealed)


def test_a_mac_is_of_its_purpose_and_data() -> None:
    """The same for the same, another one for anything else, also when the parts shift."""
    seal = Seal([OLD])
    assert seal.mac("a", b"data") == seal.mac("a", b"data")
    macs = {
        seal.mac("a", b"data"), seal.mac("b", b"data"), seal.mac("a", b"Data"),
        seal.mac("ad", b"ata"), seal.mac("a", b""), Seal([NEW]).mac("a", b"data"),
    }  # fmt: skip
    assert len(macs) == 6
    assert {len(mac) for mac in macs} == {32}


def test_a_mac_survives_a_rotation() -> None:
    """A tag of the key before is still good, the first one makes new tags."""
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
    """What was taged before the keys changed can be found again, by whichever is in force."""
    assert Seal([NEW, OLD]).macs("a", b"data") == (
        Seal([NEW]).mac("a", b"data"), Seal([OLD]).mac("a", b"data"),
    )  # fmt: skip
