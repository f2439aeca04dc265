"""Service tokens: from a service, to this one, within a minute."""

import json

import pytest
from cryptography.fernet import Fernet

from kernel.errors import ServiceTokenInvalid
from kernel.identity.service_tokens import ServiceTokens
from tests.support.clock import FixedClock

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def refused(tokens: ServiceTokens, token: str) -> bool:
    """Whether a token is refused."""
    try:
        tokens.verify(token)
    except ServiceTokenInvalid:
        return True
    return False


def test_a_service_is_known_by_its_token() -> None:
    """The callee learns who calls; nobody else can use the token."""
    clock = FixedClock()
    auth, tenants, sessions = (
        ServiceTokens(name, [OLD], clock) for name in ("auth", "tenants", "sessions")
    )
    token = auth.issue("tenants")
    assert tenants.verify(token) == "auth"
    assert refused(sessions, token)
    assert refused(auth, token)


def test_a_token_is_good_for_a_minute() -> None:
    """It is used for 20 seconds, and trusted for 60 in all."""
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
    """Nobody is shown a token from the future of the own clock."""
    clock = FixedClock()
    auth = ServiceTokens("auth", [OLD], clock)
    token = auth.issue("tenants")
    clock.advance(minutes=-5)
    assert auth.issue("tenants") != token


def test_keys_are_rotated() -> None:
    """With both keys known, tokens of either are good; a foreign key's are not."""
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
    """Whatever comes as a token, the answer is the same error."""
    assert refused(ServiceTokens("tenants", [OLD], FixedClock()), token)


@pytest.mark.parametrize("body", [b"", b"x", b"\xff", b"[]", b"1", b"{}", b'{"to":"tenants"}'])
def test_other_things_sealed_with_the_key(body: bytes) -> None:
    """What has the right seal but is no token is refused all the same."""
    clock = FixedClock()
    token = Fernet(OLD).encrypt_at_time(body, int(clock.now().timestamp())).decode()
    assert refused(ServiceTokens("tenants", [OLD], clock), token)


def test_a_token_is_not_to_be_read() -> None:
    """It is sealed, not just signed."""
    token = ServiceTokens("auth", [OLD], FixedClock()).issue("tenants")
    assert json.dumps("tenants") not in token
