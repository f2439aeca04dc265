"""Service tokens: from one service to another, valid for a minute."""

import json

import pytest
from cryptography.fernet import Fernet

from kernel.errors import ServiceTokenInvalid
from kernel.identity.service_tokens import ServiceTokens
from tests.support.clock import FixedClock

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def refused(tokens: ServiceTokens, token: str) -> bool:
    """Whether a token is rejected."""
    try:
        tokens.verify(token)
    except ServiceTokenInvalid:
        return True
    return False


def test_a_service_is_known_by_its_token() -> None:
    """The callee learns the caller's name; no other service accepts the token."""
    clock = FixedClock()
    auth, tenants, sessions = (
        ServiceTokens(name, [OLD], clock) for name in ("auth", "tenants", "sessions")
    )
    token = auth.issue("tenants")
    assert tenants.verify(token) == "auth"
    assert refused(sessions, token)
    assert refused(auth, token)


def test_a_token_is_good_for_a_minute() -> None:
    """The caller uses it for 20 seconds; the callee accepts it for 60."""
    clock = FixedClock()
    auth, tenants = ServiceTokens("auth", [OLD], clock), ServiceTokens("tenants", [OLD], clock)
    token = auth.issue("tenants")
    clock.advance(seconds=19)
    assert auth.issue("tenants") == token
    clock.advance(seconds=1)
    assert auth.issue("tenants") != token
    clock.advance(seconds=40)
    assert tenants.verify(token) == "auth"
    clock.advance(seconds=1)
    assert refused(tenants, token)


def test_a_clock_set_back_makes_a_new_token() -> None:
    """After the clock was set back, the service does not send a token from the future."""
    clock = FixedClock()
    auth = ServiceTokens("auth", [OLD], clock)
    token = auth.issue("tenants")
    clock.advance(minutes=-5)
    assert auth.issue("tenants") != token


def test_keys_are_rotated() -> None:
    """With both keys known, tokens of either are valid; those of a foreign key are not."""
    clock = FixedClock()
    old = ServiceTokens("auth", [OLD], clock).issue("tenants")
    new = ServiceTokens("auth", [NEW, OLD], clock).issue("tenants")
    both, only_old = (ServiceTokens("tenants", keys, clock) for keys in ([NEW, OLD], [OLD]))
    assert both.verify(old) == both.verify(new) == "auth"
    assert refused(only_old, new)


@pytest.mark.parametrize(
    "token",
    ["", "x", "é", "A" * 100, "gAAAAA", "x" * 10_000, "\0"],
    ids=lambda text: ascii(text)[:9],
)
def test_garbage(token: str) -> None:
    """Any garbage causes the same error."""
    assert refused(ServiceTokens("tenants", [OLD], FixedClock()), token)


@pytest.mark.parametrize("behind", ["=", "==", "\n", " ", "!!!!", "AAAA"], ids=ascii)
def test_nothing_may_stand_behind_a_token(behind: str) -> None:
    """A good token with anything behind or inside is refused."""
    auth, tenants = (ServiceTokens(name, [OLD], FixedClock()) for name in ("auth", "tenants"))
    token = auth.issue("tenants")
    for other in (token + behind, token[:40] + behind + token[40:]):
        assert refused(tenants, other)
    assert tenants.verify(token) == "auth"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"x", b"\xff", b"[]", b"1", b"{}", b'{"to":"tenants"}', b'{"from":1,"to":"tenants"}',
        b'{"from":"auth","from":"sessions","to":"tenants"}', b'{"from":null,"to":"tenants"}',
    ],
)  # fmt: skip
def test_other_things_sealed_with_the_key(body: bytes) -> None:
    """Other data sealed with the key is rejected."""
    clock = FixedClock()
    token = Fernet(OLD).encrypt_at_time(body, int(clock.now().timestamp())).decode()
    assert refused(ServiceTokens("tenants", [OLD], clock), token)


def test_a_token_is_encrypted() -> None:
    """The token is encrypted, not just signed."""
    token = ServiceTokens("auth", [OLD], FixedClock()).issue("tenants")
    assert json.dumps("tenants") not in token
