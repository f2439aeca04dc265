"""Passkeys: what an authenticator has signed, and what only claims to be that.

The texts and bytes come in one line of client data, and the rest is what the authenticator wrote. The
target signs it, so that the fuzzer gets behind the signature.
"""

import json
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AuthenticatorData

from services.auth.logins.errors import PasskeyInvalid
from services.auth.passkeys.ceremonies import Ceremonies, check_imported
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.relying_party import RelyingParty
from tests.fuzz.target import target, text_of
from tests.services.auth.harness import user
from tests.support.authenticator import Authenticator, signature
from tests.support.clock import START

CHALLENGE = "gAAAAAchallengeOfTheFuzzer=="
ORIGIN = "https://localhost"
_RP_ID = "localhost"
_USER = replace(user(), user_id=UUID(int=7))
_CREDENTIAL_ID = b"credential of 32 bytes, for good"


@cache
def _ceremonies() -> Ceremonies:
    return Ceremonies(RelyingParty(_RP_ID, (ORIGIN,), is_local=True))


@cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(7, ec.SECP256R1())


def authenticator() -> Authenticator:
    """The authenticator of the good answers."""
    return Authenticator(origin=ORIGIN, key=_key(), credential_id=_CREDENTIAL_ID)


@cache
def registration() -> tuple[bytes, bytes]:
    """Client data and attestation object of a good registration."""
    made = authenticator().create(_ceremonies().creation_options(_USER, [], CHALLENGE))
    response = made["response"]
    return websafe_decode(response["clientDataJSON"]), websafe_decode(response["attestationObject"])


@cache
def _passkey() -> Passkey:
    new = _ceremonies().register(_registration_of(*registration()), CHALLENGE)
    return Passkey(
        UUID(int=1), _USER.user_id, "Phone",
        new.credential_id, new.public_key, new.sign_count, new.transports, START,
    )  # fmt: skip


def login() -> tuple[bytes, bytes]:
    """Client data and authenticator data of a good login."""
    made = authenticator().get(_ceremonies().request_options(CHALLENGE))
    response = made["response"]
    return websafe_decode(response["clientDataJSON"]), websafe_decode(response["authenticatorData"])


@target
def passkey_registrations(data: bytes) -> None:
    """Client data and attestation objects: what is taken, the library fido2 reads as the same passkey."""
    client_data, _, attestation = data.partition(b"\n")
    try:
        new = _ceremonies().register(_registration_of(client_data, attestation), CHALLENGE)
    except PasskeyInvalid:
        return
    read = AuthenticatorData(cbor2.loads(attestation)["authData"])
    _check(client_data, read, "webauthn.create")
    assert read.flags & AuthenticatorData.FLAG.UV, "the user was not verified"
    assert read.credential_data is not None
    assert read.credential_data.credential_id == new.credential_id


@target
def passkey_logins(data: bytes) -> None:
    """Client data and authenticator data, signed: what is taken was asked for, from a page of ours."""
    client_data, _, written = data.partition(b"\n")
    credential = {
        "id": websafe_encode(_CREDENTIAL_ID),
        "rawId": websafe_encode(_CREDENTIAL_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(written),
            "signature": websafe_encode(signature(_key(), written + sha256(client_data).digest())),
        },
    }
    try:
        presented = _ceremonies().presented(credential)
        assertion = _ceremonies().authenticate(presented, _passkey(), CHALLENGE)
    except PasskeyInvalid:
        return
    read = AuthenticatorData(written)
    _check(client_data, read, "webauthn.get")
    assert assertion.user_verified == bool(read.flags & AuthenticatorData.FLAG.UV)
    assert assertion.sign_count == read.counter


@target
def passkey_answers(data: bytes) -> None:
    """Any object in the place of a credential, and any key of an import, is refused as declared."""
    with suppress(ValueError, RecursionError):
        credential: Any = json.loads(text_of(data))
        if isinstance(credential, dict):
            for read in (
                _ceremonies().challenge_of,
                _ceremonies().presented,
                lambda given: _ceremonies().register(given, CHALLENGE),
            ):
                with suppress(PasskeyInvalid):
                    read(credential)
    with suppress(PasskeyInvalid):
        check_imported(_CREDENTIAL_ID, data)


def _registration_of(client_data: bytes, attestation: bytes) -> dict[str, Any]:
    return {
        "id": websafe_encode(_CREDENTIAL_ID),
        "rawId": websafe_encode(_CREDENTIAL_ID),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client_data),
            "attestationObject": websafe_encode(attestation),
        },
    }


def _check(client_data: bytes, read: AuthenticatorData, kind: str) -> None:
    said = json.loads(client_data)
    assert said["type"] == kind
    # The library skips what is not base64, and so does this; the bytes are what counts.
    assert urlsafe_b64decode(said["challenge"] + "==") == CHALLENGE.encode()
    assert said["origin"] == ORIGIN or said["origin"].startswith("http://localhost")
    assert not said.get("crossOrigin")
    assert read.rp_id_hash == sha256(_RP_ID.encode()).digest()
    assert read.flags & AuthenticatorData.FLAG.UP, "the user was not present"
