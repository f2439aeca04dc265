"""Refresh tokens: writing, reading, sealing and deriving the successor."""

from uuid import UUID

import pytest
from cryptography.fernet import Fernet

from kernel import base64url
from kernel.seal import Seal
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SEAL = Seal([OLD])
TOKEN = RefreshToken(UUID(int=1), UUID(int=2), bytes(range(32)))


def test_a_token_survives_a_round_trip() -> None:
    """`read` returns the token that `write` wrote as 107 characters of base64url."""
    text = refresh_tokens.write(TOKEN, SEAL)
    assert refresh_tokens.read(text, SEAL) == TOKEN
    assert len(text) == 107
    assert text.replace("-", "").replace("_", "").isalnum()


def test_a_changed_byte_invalidates_the_token() -> None:
    """`read` returns None for a token with any byte changed in the ids, secret or seal."""
    data = base64url.decode(refresh_tokens.write(TOKEN, SEAL))
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        text = base64url.encode(bytes(changed))
        assert refresh_tokens.read(text, SEAL) is None


@pytest.mark.parametrize("text", ["", "A", "A" * 106, "A" * 107, "A" * 108, "é" * 107, "!" * 107])
def test_garbage_reads_as_none(text: str) -> None:
    """`read` returns None for text that is not a token, and raises no error."""
    assert refresh_tokens.read(text, SEAL) is None


@pytest.mark.parametrize(
    "behind", ["=", "==", "\n", "\r\n", " ", "!!!!", "====", ".", "\0", "A", "AAAA"], ids=ascii
)
def test_nothing_may_stand_behind_a_token(behind: str) -> None:
    """A good token with anything behind, in front or inside is another text, and no token."""
    text = refresh_tokens.write(TOKEN, SEAL)
    for other in (text + behind, behind + text, text[:50] + behind + text[50:]):
        assert refresh_tokens.read(other, SEAL) is None
    assert refresh_tokens.read(text, SEAL) == TOKEN


def test_what_a_decoder_skips_makes_no_token_of_the_right_length() -> None:
    """Text of 107 characters that a lenient decoder reads as a good token is refused."""
    text = refresh_tokens.write(TOKEN, SEAL)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(text[-1]) ^ 1]  # 80 bytes leave two bits unused
    assert refresh_tokens.read(text[:-1] + last, SEAL) is None
    text = refresh_tokens.write(RefreshToken(UUID(int=1), UUID(int=2), b"\xff" * 32), SEAL)
    assert "_" in text
    assert refresh_tokens.read(text, SEAL) is not None
    assert refresh_tokens.read(text.replace("_", "/"), SEAL) is None


def test_the_seal_may_be_rotated() -> None:
    """A token sealed with an old key is valid while the seal keys still include that key."""
    text = refresh_tokens.write(TOKEN, SEAL)
    assert refresh_tokens.read(text, Seal([NEW, OLD])) == TOKEN
    assert refresh_tokens.read(text, Seal([NEW])) is None


def test_the_successor_follows_from_token_and_salt() -> None:
    """The same token and salt give the same successor; a different salt or token does not."""
    successor = TOKEN.successor(b"salt")
    assert successor == TOKEN.successor(b"salt")
    assert (successor.user_id, successor.login_id) == (TOKEN.user_id, TOKEN.login_id)
    others = {TOKEN.secret, TOKEN.successor(b"other").secret, successor.successor(b"salt").secret}
    assert successor.secret not in others


def test_the_hash_differs_from_the_secret() -> None:
    """The hash that the store keeps is 32 bytes long and is not the secret."""
    assert len(TOKEN.hash) == 32
    assert TOKEN.hash != TOKEN.secret
