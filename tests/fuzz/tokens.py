"""Tokens, codes and links: texts that this product has made, and everything that looks like one.

No reader may take a text that was not issued, not even another spelling of one that was.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from cryptography.fernet import Fernet

from coditect.storage.v1 import storage_pb2
from kernel import base64url
from kernel.errors import (
    AccessTokenExpired,
    AccessTokenInvalid,
    PageTokenInvalid,
    ServiceTokenInvalid,
)
from kernel.identity.devices import UNKNOWN_DEVICE
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.signatures import (
    SIGNATURES,
    Algorithm,
    PrivateKey,
    private_key_of,
    public_key_of,
)
from kernel.identity.tokens import TYPE, Verifier
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.storage.recipes.paging import PageTokens, list_name
from services.auth.authorizations import codes as authorization_codes
from services.auth.bearer_tokens import format as bearer_tokens
from services.auth.bearer_tokens.format import BearerKind
from services.auth.challenges import repository as challenge_repository
from services.auth.challenges.challenges import Challenges
from services.auth.challenges.errors import ChallengeInvalid
from services.auth.challenges.model import ChallengePurpose
from services.auth.device_login import codes as device_codes
from services.auth.oauth_pages.form_tokens import FormTokens
from services.auth.one_time_tokens import codes
from services.auth.throttling.devices import DeviceTokens
from services.auth.tokens import refresh
from services.auth.tokens.refresh import RefreshToken
from tests.fuzz.target import target, text_of, texts_of
from tests.services.auth.harness import user
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.service import SEAL_KEY, SERVICE_KEY
from tests.support.tokens import AUDIENCE, ISSUER

_SECOND = int(START.timestamp())
_ID, _OTHER_ID = UUID(int=7), UUID(int=8)
_SECRET = bytes(range(32))
_EMAIL = "ada@example.com"
_LIST = list_name("sessions", "of a user")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": AUDIENCE, "sub": str(_ID), "tenant_id": str(_OTHER_ID), "role": "owner",
    "sid": str(_ID), "jti": str(_ID), "client_id": "coditect", "scope": "sessions:read",
    "email_verified": True, "auth_time": _SECOND, "iat": _SECOND, "exp": _SECOND + 900,
}  # fmt: skip
"""The claims of a good access token."""


@cache
def keys() -> dict[str, PrivateKey]:
    """The signing keys, by the names of their algorithms."""
    return {str(one): private_key_of(one, bytes([at + 1]) * 32) for at, one in enumerate(Algorithm)}


def signed(header: bytes, payload: bytes, algorithm: str) -> str:
    """A token with any header and payload, and a good signature."""
    text = f"{base64url.encode(header)}.{base64url.encode(payload)}"
    signature = SIGNATURES.get_algorithm_by_name(algorithm).sign(text.encode(), keys()[algorithm])
    return f"{text}.{base64url.encode(signature)}"


def header_of(algorithm: str) -> bytes:
    """The header of a good access token."""
    return json.dumps({"alg": algorithm, "kid": algorithm, "typ": TYPE}).encode()


@cache
def _verifier() -> Verifier:
    verifier = Verifier(ISSUER, AUDIENCE, FixedClock())
    verifier.trust({name: public_key_of(key) for name, key in keys().items()})
    return verifier


@cache
def issued_access_tokens() -> frozenset[str]:
    """The access tokens that are good."""
    payload = json.dumps(CLAIMS).encode()
    return frozenset(signed(header_of(algorithm), payload, algorithm) for algorithm in keys())


@target
def access_tokens(data: bytes) -> None:
    """Access tokens: a text is taken only if it was issued, to the letter."""
    text = text_of(data)
    try:
        _verifier().verify(text)
    except (AccessTokenInvalid, AccessTokenExpired):
        return
    assert text in issued_access_tokens(), "an access token was taken that was not issued"


@target
def access_claims(data: bytes) -> None:
    """Headers and claims with a good signature: what is taken, PyJWT takes as well, for the same user."""
    header, payload = texts_of(data, 2)
    for algorithm, key in keys().items():
        token = signed(header.encode(), payload.encode(), algorithm)
        try:
            caller = _verifier().verify(token)
        except (AccessTokenInvalid, AccessTokenExpired):
            continue
        claims = jwt.decode(
            token, key.public_key(), [algorithm], audience=AUDIENCE, issuer=ISSUER,
            options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip
        assert claims["sub"] == str(caller.user_id), "PyJWT reads another user"
        assert caller.expire_second <= claims["exp"], "the token is good for longer than it says"


class _Reader(NamedTuple):
    """Something that reads a text of its own.

    Attributes:
        issued: A text that it takes.
        takes: Whether it takes a text.
    """

    issued: str
    takes: Callable[[str], bool]


@cache
def sealed_readers() -> dict[str, _Reader]:
    """The readers of texts with a seal, by what they read."""
    seal, clock, ids = Seal([SEAL_KEY]), FixedClock(), FixedIds()
    refresh_token = RefreshToken(_ID, _OTHER_ID, _SECRET)
    device_code = device_codes.DeviceCode(_ID, _SECRET, _SECOND + 600)
    code = authorization_codes.Code(_ID, _OTHER_ID, _SECRET)
    request = authorization_codes.RequestName(_ID, _SECRET)
    devices, forms = DeviceTokens(seal), FormTokens(seal)
    owner = user(user_id=_ID, email=_EMAIL)
    bearers = {kind: bearer_tokens.new(kind, ids, seal).text for kind in BearerKind}
    return {
        "refresh": _Reader(
            refresh.write(refresh_token, seal), lambda text: refresh.read(text, seal) is not None
        ),
        "device code": _Reader(
            device_codes.write(device_code, seal),
            lambda text: device_codes.read(text, seal) is not None,
        ),
        "authorization code": _Reader(
            authorization_codes.write_code(code, seal),
            lambda text: authorization_codes.read_code(text, seal) is not None,
        ),
        "pushed request": _Reader(
            authorization_codes.write_request(request, seal),
            lambda text: authorization_codes.read_request(text, seal) is not None,
        ),
        "device": _Reader(
            devices.write(_ID, _EMAIL, owner),
            lambda text: (found := devices.read(text, _EMAIL)) is not None and found.is_of(owner),
        ),
        "form": _Reader(
            forms.make("browser", "request", START),
            lambda text: forms.is_good(text, "browser", "request", START),
        ),
        **{
            kind.value: _Reader(text, lambda text, kind=kind: _is_ours(text, kind, seal))
            for kind, text in bearers.items()
        },
        "page": _Reader(_page_token(), lambda text: _is_page(text, seal)),
        "service": _Reader(_service_token(), lambda text: _is_of_service(text, clock)),
        "challenge": _Reader(
            _challenge(),
            lambda text: _is_challenge(text, Runtime(None, clock, ids, seal)),  # type: ignore[arg-type]
        ),
    }


@target
def sealed_texts(data: bytes) -> None:
    """Refresh, device, page, service, bearer and form tokens, codes, challenges: only what was issued is taken."""
    text = text_of(data)
    for name, reader in sealed_readers().items():
        assert not reader.takes(text) or text == reader.issued, f"{name}: taken, and not issued"


@target
def typed_codes(data: bytes) -> None:
    """Codes that people type: what is read is a code, and its shown form is read as the same one."""
    text = text_of(data)
    for characters in (codes.CHARACTERS, 24):
        code = codes.read(text, characters)
        assert code is None or codes.read(codes.shown(code), characters) == code
    code = device_codes.read_user_code(text)
    if code is not None:
        assert device_codes.read_user_code(device_codes.shown(code)) == code
        device_codes.user_code_mac(code, Seal([SEAL_KEY]))


def _is_ours(text: str, kind: BearerKind, seal: Seal) -> bool:
    found = bearer_tokens.read(text, seal)
    return found is not None and found.is_ours and found.token.kind is kind


def _fernet(key: str, body: bytes) -> str:
    """A Fernet token that is the same each time."""
    return Fernet(key)._encrypt_from_parts(body, _SECOND, bytes(16)).decode()


def _page_token() -> str:
    position = storage_pb2.PagePosition(last_key=b"key", list=_LIST)
    return _fernet(SEAL_KEY, position.SerializeToString())


def _is_page(text: str, seal: Seal) -> bool:
    with suppress(PageTokenInvalid):
        return PageTokens(seal).read(text, name=_LIST) is not None
    return False


def _service_token() -> str:
    return _fernet(SERVICE_KEY, json.dumps({"from": "auth", "to": "tenants"}).encode())


def _is_of_service(text: str, clock: FixedClock) -> bool:
    with suppress(ServiceTokenInvalid):
        return bool(ServiceTokens("tenants", [SERVICE_KEY], clock).verify(text))
    return False


def _challenge() -> str:
    challenges = Challenges(Runtime(None, FixedClock(), FixedIds(), Seal([SEAL_KEY])))  # type: ignore[arg-type]
    purpose = ChallengePurpose.PASSKEY_LOGIN
    made = challenges.new(purpose, UNKNOWN_DEVICE, START - timedelta(seconds=1), user_id=_ID)
    return _fernet(SEAL_KEY, challenge_repository.pack(made.challenge))


def _is_challenge(text: str, runtime: Runtime) -> bool:
    with suppress(ChallengeInvalid):
        Challenges(runtime).read(text, ChallengePurpose.PASSKEY_LOGIN, UNKNOWN_DEVICE, START)
        return True
    return False
