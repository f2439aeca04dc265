"""Passkeys in the browser of a tab."""

from base64 import b64encode

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.console.screen import Screen
from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import data_of
from tests.support.authenticator import Authenticator

_OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Passkeys:
    """An authenticator that the browser of a tab plays, whose user confirms everything.

    Args:
        screen: The tab.
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._devtools = screen.devtools()
        self._id: str = screen.do(lambda _: self._add())

    def _add(self) -> str:
        self._devtools.send("WebAuthn.enable")
        options = {"options": _OPTIONS}
        made = self._devtools.send("WebAuthn.addVirtualAuthenticator", options)
        return str(made["authenticatorId"])

    def take(self, passkey: Authenticator) -> None:
        """Puts a passkey into it that was made elsewhere, such as by a phone with the same account."""
        key = passkey.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        credential = {
            "credentialId": b64encode(passkey.credential_id).decode(),
            "isResidentCredential": True,
            "rpId": "localhost",
            "privateKey": b64encode(key).decode(),
            "userHandle": b64encode(passkey.user_handle or b"").decode(),
            "signCount": passkey.counter,
        }
        given = {"authenticatorId": self._id, "credential": credential}
        self._screen.do(lambda _: self._devtools.send("WebAuthn.addCredential", given))


def new_passkey(person: Person, origin: str) -> Authenticator:
    """Registers a passkey of a user by the API. The person has the new tokens."""
    passkey = Authenticator(origin=origin)
    asked = data_of(person.call("POST", "/auth/factors/passkeys/options", {}))
    body = {"credential": passkey.create(asked["options"]), "name": "Phone"}
    person.tokens = data_of(person.call("POST", "/auth/factors/passkeys", body), 201)["tokens"]
    return passkey
