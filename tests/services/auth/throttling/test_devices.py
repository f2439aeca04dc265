"""The tokens of devices: what they are bound to, and what they give away."""

from dataclasses import replace
from uuid import uuid4

from kernel import base64url
from kernel.seal import Seal
from services.auth.throttling.devices import DeviceTokens
from tests.services.auth.harness import user

_KEY, _NEXT = (
    "YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlciE=",
    "b25lLW1vcmUta2V5LW9uZS1tb3JlLWtleS1vbmUtbW8=",
)
TOKENS = DeviceTokens(Seal([_KEY]))
EMAIL = "ada@example.com"


def test_a_token_is_bound_to_address_user_and_password() -> None:
    """It is good for that user with that address and that revision of the password only."""
    ada, device_id = user(), uuid4()
    text = TOKENS.write(device_id, EMAIL, ada)
    token = TOKENS.read(text, EMAIL)
    assert token is not None
    assert token.device_id == device_id
    assert token.is_of(ada)
    for other in (None, user(), replace(ada, password_revision=1)):
        assert not token.is_of(other)
    assert TOKENS.read(text, "eve@example.com") is None


def test_a_token_says_nothing_about_its_user() -> None:
    """It consists of the device's id, which is random, and of keyed digests."""
    ada, device_id = user(), uuid4()
    data = base64url.decode(TOKENS.write(device_id, EMAIL, ada))
    assert len(data) == 48
    assert data[:16] == device_id.bytes
    assert ada.user_id.bytes not in data


def test_every_changed_token_is_refused() -> None:
    """No byte of it can be another one."""
    ada = user()
    data = base64url.decode(TOKENS.write(uuid4(), EMAIL, ada))
    for at in range(len(data)):
        changed = base64url.encode(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        token = TOKENS.read(changed, EMAIL)
        assert token is None or not token.is_of(ada)


def test_a_token_outlives_a_rotation_of_the_seal_keys() -> None:
    """It is read under the old key while that is configured."""
    ada = user()
    text = TOKENS.write(uuid4(), EMAIL, ada)
    token = DeviceTokens(Seal([_NEXT, _KEY])).read(text, EMAIL)
    assert token is not None
    assert token.is_of(ada)
    assert DeviceTokens(Seal([_NEXT])).read(text, EMAIL) is None
