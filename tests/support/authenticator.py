"""An authenticator and the browser in front of it, in software.

It reads options and writes credentials by the types of the library `fido2`, so that the product is
checked against other code than its own.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    RegistrationResponse,
)

FLAG = AuthenticatorData.FLAG
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def new_key(algorithm: int = ES256.ALGORITHM) -> Key:
    """A new key pair for a COSE algorithm."""
    if algorithm == ES256.ALGORITHM:
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == EdDSA.ALGORITHM:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def cose_key(key: Key) -> CoseKey:
    """The public key, as authenticators write it."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ES256.from_cryptography_key(key.public_key())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return EdDSA.from_cryptography_key(key.public_key())
    return RS256.from_cryptography_key(key.public_key())


def signature(key: Key, data: bytes) -> bytes:
    """The signature of data."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(SHA256()))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, padding.PKCS1v15(), SHA256())


@dataclass
class Authenticator:
    """One passkey, and the page that asks for it."""

    origin: str = "http://localhost:8080"
    rp_id: str | None = None
    """The domain that it answers for; None for the one that is asked for."""
    verifies: bool = True
    """Whether it verifies its user."""
    counts: bool = True
    """Whether it has a signature counter."""
    key: Key = field(default_factory=new_key)
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    cross_origin: bool = False
    extensions: Mapping[str, Any] | None = None
    """What it adds without being asked."""
    transports: tuple[str, ...] = ("internal", "hybrid")
    counter: int = 0
    user_handle: bytes | None = None

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives for these options."""
        asked = PublicKeyCredentialCreationOptions.from_dict(dict(options))
        excluded = {one.id for one in asked.exclude_credentials or ()}
        assert self.credential_id not in excluded, "the browser says that it is registered"
        key = cose_key(self.key)
        assert key.ALGORITHM in {one.alg for one in asked.pub_key_cred_params}
        self.user_handle = asked.user.id
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, key)
        data = self._data(asked.rp.id or "", attested)
        response = AuthenticatorAttestationResponse(
            client_data=self._client_data(CollectedClientData.TYPE.CREATE, asked.challenge),
            attestation_object=AttestationObject.create("none", data, {}),
        )
        found = _json(RegistrationResponse(raw_id=self.credential_id, response=response))
        found["response"]["transports"] = list(self.transports)
        return found

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives for these options."""
        asked = PublicKeyCredentialRequestOptions.from_dict(dict(options))
        allowed = {one.id for one in asked.allow_credentials or ()}
        assert not allowed or self.credential_id in allowed, "the browser offers no passkey"
        data = self._data(asked.rp_id or "")
        client_data = self._client_data(CollectedClientData.TYPE.GET, asked.challenge)
        response = AuthenticatorAssertionResponse(
            client_data=client_data,
            authenticator_data=data,
            signature=signature(self.key, data + client_data.hash),
            user_handle=self.user_handle,
        )
        return _json(AuthenticationResponse(raw_id=self.credential_id, response=response))

    def _client_data(self, kind: str, challenge: bytes) -> CollectedClientData:
        return CollectedClientData.create(kind, challenge, self.origin, self.cross_origin)

    def _data(self, rp_id: str, attested: bytes = b"") -> AuthenticatorData:
        flags = FLAG.UP
        flags |= FLAG.UV if self.verifies else FLAG(0)
        flags |= FLAG.AT if attested else FLAG(0)
        flags |= FLAG.ED if self.extensions is not None else FLAG(0)
        if self.counts:
            self.counter += 1
        digest = sha256((self.rp_id or rp_id).encode()).digest()
        return AuthenticatorData.create(digest, flags, self.counter, attested, self.extensions)


def _json(response: RegistrationResponse | AuthenticationResponse) -> dict[str, Any]:
    """A credential in the JSON form of WebAuthn."""
    found: dict[str, Any] = json.loads(json.dumps(dict(response)))
    return found
