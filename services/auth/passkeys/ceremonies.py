"""The two ceremonies of WebAuthn Level 3: a registration and an authentication.

The library `webauthn` writes the options and verifies what comes back. It lets exceptions of all the
parsers below it through, and those of wrong types, so whatever it raises is `PasskeyInvalid` here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.auth.challenges.challenges import LIFE
from services.auth.logins.errors import PasskeyInvalid
from services.auth.passkeys import authenticator_data
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.relying_party import NAME, RelyingParty
from services.auth.passkeys.repository import CREDENTIAL_ID_BYTES, PUBLIC_KEY_BYTES
from services.auth.users.model import User

_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TIMEOUT = int(LIFE.total_seconds() * 1000)  # milliseconds
_CREDENTIAL_ID_LEAST_BYTES = 16
_TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)


class NewCredential(NamedTuple):
    """What a registration has proved.

    Attributes:
        credential_id: The id of the passkey.
        public_key: Its public key (COSE).
        sign_count: Its signature counter.
        transports: How browsers reach its authenticator.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


class Assertion(NamedTuple):
    """What an authentication has proved.

    Attributes:
        user_verified: Whether the authenticator has verified its user.
        sign_count: Its signature counter.
    """

    user_verified: bool
    sign_count: int


class PresentedPasskey(NamedTuple):
    """A passkey that somebody presents; nothing of it is verified.

    Attributes:
        credential_id: The id of the passkey.
        user_handle: The id of its user, as the authenticator knows it; None without.
        credential: All of it.
    """

    credential_id: bytes
    user_handle: bytes | None
    credential: AuthenticationCredential


class Ceremonies:
    """The ceremonies of a relying party."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    def creation_options(
        self, user: User, passkeys: Sequence[Passkey], challenge: str
    ) -> dict[str, Any]:
        """The options of a registration: of a passkey that the user does not have yet."""
        options = generate_registration_options(
            rp_id=self._party.rp_id,
            rp_name=NAME,
            user_id=user.user_id.bytes,
            user_name=user.email,
            user_display_name=f"{user.first_name} {user.last_name}".strip() or user.email,
            challenge=challenge.encode(),
            timeout=_TIMEOUT,
            attestation=AttestationConveyancePreference.NONE,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(passkeys),
            supported_pub_key_algs=_ALGORITHMS,
        )
        return _plain(options)

    def request_options(
        self, challenge: str, passkeys: Sequence[Passkey] | None = None
    ) -> dict[str, Any]:
        """The options of an authentication.

        Args:
            challenge: What must be signed.
            passkeys: The passkeys that are asked for; None for one of any user, who must be verified.
        """
        verification = UserVerificationRequirement
        options = generate_authentication_options(
            rp_id=self._party.rp_id,
            challenge=challenge.encode(),
            timeout=_TIMEOUT,
            allow_credentials=_descriptors(passkeys or ()),
            user_verification=(
                verification.REQUIRED if passkeys is None else verification.PREFERRED
            ),
        )
        return _plain(options)

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        """The challenge that a credential of either kind claims to answer. Raises `PasskeyInvalid`."""
        with _refusing():
            data = base64url_to_bytes(credential["response"]["clientDataJSON"])
            return parse_client_data_json(data).challenge.decode()

    def register(self, credential: Mapping[str, Any], challenge: str) -> NewCredential:
        """Verifies a registration, whose user must have been verified. Raises `PasskeyInvalid`."""
        with _refusing():
            given = parse_registration_credential_json(dict(credential))
            authenticator_data.check_attestation(given.response.attestation_object)
            verified = verify_registration_response(
                credential=given,
                expected_challenge=challenge.encode(),
                expected_rp_id=self._party.rp_id,
                expected_origin=self._origin(given.response.client_data_json),
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
            key = verified.credential_public_key
            _check_key(key)
            _check_size(verified.credential_id, _CREDENTIAL_ID_LEAST_BYTES, CREDENTIAL_ID_BYTES)
            transports = {transport.value for transport in given.response.transports or ()}
        return NewCredential(
            verified.credential_id, key, verified.sign_count, tuple(sorted(transports))
        )

    def presented(self, credential: Mapping[str, Any]) -> PresentedPasskey:
        """Reads the answer to an authentication. Raises `PasskeyInvalid`."""
        with _refusing():
            given = parse_authentication_credential_json(dict(credential))
            return PresentedPasskey(given.raw_id, given.response.user_handle, given)

    def authenticate(
        self, presented: PresentedPasskey, passkey: Passkey, challenge: str
    ) -> Assertion:
        """Verifies an authentication by a passkey. Raises `PasskeyInvalid`.

        Whether its counter has gone on is the caller's to judge: the library would not tell a copied
        passkey from a wrong signature.
        """
        given = presented.credential
        with _refusing():
            authenticator_data.check(given.response.authenticator_data)
            verified = verify_authentication_response(
                credential=given,
                expected_challenge=challenge.encode(),
                expected_rp_id=self._party.rp_id,
                expected_origin=self._origin(given.response.client_data_json),
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
            )
        return Assertion(verified.user_verified, verified.new_sign_count)

    def _origin(self, client_data_json: bytes) -> str:
        """The origin of a page that may use passkeys, from what the browser has signed."""
        data = parse_client_data_json(client_data_json)
        # A page of another origin with a frame of ours could lead the user to confirm.
        if not self._party.takes(data.origin) or data.cross_origin:
            raise PasskeyInvalid
        return data.origin


def check_imported(credential_id: bytes, public_key: bytes) -> None:
    """Checks what another system has kept of a passkey. Raises `PasskeyInvalid`."""
    with _refusing():
        _check_size(credential_id, _CREDENTIAL_ID_LEAST_BYTES, CREDENTIAL_ID_BYTES)
        authenticator_data.check_value(public_key)
        _check_key(public_key)
        if decode_credential_public_key(public_key).alg not in _ALGORITHMS:
            raise PasskeyInvalid


def _check_key(key: bytes) -> None:
    _check_size(key, 1, PUBLIC_KEY_BYTES)
    # The library looks at the key only when it is used.
    decoded_public_key_to_cryptography(decode_credential_public_key(key))


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever is raised in it becomes `PasskeyInvalid`."""
    try:
        yield
    except Exception:  # noqa: BLE001 - of several parsers; none means that the passkey is good
        raise PasskeyInvalid from None


def _plain(
    options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions,
) -> dict[str, Any]:
    """Options in the JSON form of WebAuthn, without the library's enumerations."""
    plain: dict[str, Any] = json.loads(options_to_json(options))
    return plain


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[
                AuthenticatorTransport(transport)
                for transport in passkey.transports
                if transport in _TRANSPORTS
            ],
        )
        for passkey in passkeys
    ]


def _check_size(data: bytes, least: int, most: int) -> None:
    if not least <= len(data) <= most:
        raise PasskeyInvalid
