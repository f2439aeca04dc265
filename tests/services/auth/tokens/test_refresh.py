"""Refresh tokens: what this product reads in them, and how little others can."""

from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from jwt.utils import base64url_decode, base64url_encode

from kernel.seal import Seal
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SEAL = Seal([OLD])
TOKEN = RefreshToken(UUID(int=1), UUID(int=2), bytes(range(32)))


def test_what_is_written_is_read() -> None:
    """A token comes back as it was, from 107 characters that fit into a header."""
    text = refresh_tokens.write(TOKEN, SEAL)
    assert refresh_tokens.read(text, SEAL) == TOKEN
    assert len(text) == 107
    assert text.replace("-", "").replace("_", "").isalnum()


def test_every_changed_byte_is_noticed() -> None:
    """No part of a token can be exchanged: user, login, secret or seal."""
    data = base64url_decode(refresh_tokens.write(TOKEN, SEAL))
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= 1
        text = base64url_encode(bytes(changed)).decode()
        assert refresh_tokens.read(text, SEAL) is None


@pytest.mark.parametrize("text", ["", "A", "A" * 106, "A" * 107, "A" * 108, "é" * 107, "!" * 107])
def test_noise_is_no_token(text: str) -> None:
    """What is not a token reads as none, and raises nothing."""
    assert refresh_tokens.read(text, SEAL) is None


def test_the_seal_may_be_rotated() -> None:
    """A token sealed with the key before is still ours; one of a key that is gone is not."""
    text = refresh_tokens.write(TOKEN, SEAL)
    assert refresh_tokens.read(text, Seal([NEW, OLD])) == TOKEN
    assert refresh_tokens.read(text, Seal([NEW])) is None


def test_the_successor_follows_from_token_and_salt() -> None:
    """The same token and salt give the same successor, another of either another one."""
    successor = TOKEN.successor(b"salt")
    assert successor == TOKEN.successor(b"salt")
    assert (successor.user_id, successor.login_id) == (TOKEN.user_id, TOKEN.login_id)
    others = {TOKEN.secret, TOKEN.successor(b"other").secret, successor.successor(b"salt").secret}
    assert successor.secret not in others


def test_the_hash_does_not_show_the_secret() -> None:
    """What the store keeps has the size of a digest and nothing of the bits."""
    assert len(TOKEN.hash) == 32
    assert TOKEN.hash != TOKEN.secret
