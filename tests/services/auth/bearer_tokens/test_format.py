"""The form of bearer tokens: a prefix, base62, a MAC, and a checksum that scanners know."""

import re
from zlib import crc32

import pytest

from kernel.ids import SystemIds
from kernel.seal import Seal
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.format import BearerKind
from tests.services.auth.harness import OTHER_SEAL_KEY

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY = "c2VhbC1rZXktc2VhbC1rZXktc2VhbC1rZXktc2VhbCE="
SEAL = Seal([KEY])


def made(kind: BearerKind = BearerKind.PERSONAL, seal: Seal = SEAL) -> form.NewBearerToken:
    """A new token with random parts."""
    return form.new(kind, SystemIds(), seal)


@pytest.mark.parametrize("kind", BearerKind)
def test_a_token_is_read_as_it_was_made(kind: BearerKind) -> None:
    """Kind, id and the digest of the secret come back; the text fits the pattern for scanners."""
    for _ in range(100):
        new = made(kind)
        assert form.read(new.text, SEAL) == (new.token, True)
        assert re.fullmatch(form.PATTERN, new.text)


def test_the_checksum_is_crc32_in_base62() -> None:
    """A scanner that knows no key tells a token from another text: as for GitHub's tokens."""
    text = made().text
    checksum = 0
    for digit in text[-6:]:
        checksum = checksum * 62 + _DIGITS.index(digit)
    assert checksum == crc32(text[:-6].encode())


def test_a_changed_token_is_none() -> None:
    """Each character counts; with the checksum made right, it is not ours, as with another kind."""
    text = made().text
    for at in range(len(text)):
        other = _DIGITS[(_DIGITS.find(text[at]) + 1) % 62]
        assert form.read(text[:at] + other + text[at + 1 :], SEAL) is None
    fronts = (BearerKind.SERVICE_KEY + text[8:-6], text[:20] + "0" + text[21:-6])
    for front in fronts:
        found = form.read(front + form._checksum(front), SEAL)
        assert found is not None
        assert found.is_ours == (front == text[:-6])


@pytest.mark.parametrize("noise", ["", "cdt_", "cdt_pat_", "cdt_pat_" + "z" * 60, "x" * 100_000])
def test_noise_is_no_token(noise: str) -> None:
    """Texts that are too short, too long, or too large as a number."""
    assert form.read(noise, SEAL) is None
    front = BearerKind.PERSONAL + "z" * 54
    assert form.read(front + form._checksum(front), SEAL) is None
    assert form.read(made().text[:-7] + "é" + made().text[-6:], SEAL) is None


def test_another_seal_key() -> None:
    """A token is ours by any of the keys, and by no other key."""
    new = made()
    assert form.read(new.text, Seal([OTHER_SEAL_KEY, KEY])) == (new.token, True)
    assert form.read(new.text, Seal([OTHER_SEAL_KEY])) == (new.token, False)
