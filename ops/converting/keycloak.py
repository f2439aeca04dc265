"""Keycloak: a realm that `kc.sh export` has written, or one of its files of users.

Takes passwords (PBKDF2, Argon2), authenticator apps, passkeys, and whether a user is disabled. Leaves out users
without an address, and whatever else a realm has.
"""

import json
from base64 import b32encode, b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any, BinaryIO

from ops.converting.values import NotConverted, Record, base64url, names, time, without_empty
from services.auth.passwords import notations

_DIGESTS = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_ALGORITHMS = {"HmacSHA1": "SHA1"}
_VERSIONS = {"1.0": 16, "1.3": 19}


def convert(file: BinaryIO, rp_id: str) -> Iterator[dict[str, Any] | NotConverted]:
    """The users of a realm; a passkey is of the domain `rp_id`."""
    for record in json.load(file).get("users", []):
        try:
            yield _user(record, rp_id)
        except NotConverted as problem:
            yield problem


def _user(record: Record, rp_id: str) -> dict[str, Any]:
    if not record.get("email"):
        raise NotConverted("A user without an address.")
    credentials = record.get("credentials", [])
    return {
        "kind": "user",
        **without_empty(
            id=record.get("id"),
            email=record["email"],
            **names(record, "firstName", "lastName"),
            emailVerified=record.get("emailVerified"),
            disabled=not record.get("enabled", True),
            createTime=time(record.get("createdTimestamp")),
            passwordHash=_password(credentials),
            factors=[*_apps(credentials), *_passkeys(credentials, record, rp_id)],
        ),
    }


def _password(credentials: list[Record]) -> str:
    for one in credentials:
        if one.get("type") == "password":
            return _hash(json.loads(one["secretData"]), json.loads(one["credentialData"]))
    return ""


def _hash(secret: Record, data: Record) -> str:
    key, salt = b64decode(secret["value"]), b64decode(secret["salt"])
    algorithm, passes = data["algorithm"], int(data["hashIterations"])
    if algorithm in _DIGESTS:
        return notations.pbkdf2(_DIGESTS[algorithm], passes, salt, key)
    if algorithm != "argon2":
        raise NotConverted("A user whose password is hashed by an unknown algorithm.")
    more = {name: value[0] for name, value in data["additionalParameters"].items()}
    memory, lanes = int(more["memory"]), int(more["parallelism"])
    version = _VERSIONS[more["version"]]
    return notations.argon2(more["type"], version, memory, passes, lanes, salt, key)


def _apps(credentials: list[Record]) -> Iterator[dict[str, Any]]:
    for one in credentials:
        if one.get("type") == "otp":
            data, secret = json.loads(one["credentialData"]), json.loads(one["secretData"])["value"]
            if data.get("secretEncoding") != "BASE32":  # the text itself is the key
                secret = b32encode(secret.encode()).decode().rstrip("=")
            yield {
                "kind": "totp",
                "secret": secret,
                "algorithm": _ALGORITHMS.get(data["algorithm"], data["algorithm"]),
                "digits": data["digits"],
                "period": data["period"],
                **_common(one),
            }


def _passkeys(credentials: list[Record], user: Record, rp_id: str) -> Iterator[dict[str, Any]]:
    for one in credentials:
        if one.get("type") in {"webauthn", "webauthn-passwordless"}:
            data = json.loads(one["credentialData"])
            yield {
                "kind": "passkey",
                "rpId": rp_id,
                "credentialId": base64url(data["credentialId"]),
                "publicKey": base64url(data["credentialPublicKey"]),
                "signCount": data.get("counter", 0),
                "transports": sorted(str(name).lower() for name in data.get("transports", [])),
                # Keycloak gives authenticators the id as a text.
                "userHandle": urlsafe_b64encode(user["id"].encode()).decode().rstrip("="),
                **_common(one),
            }


def _common(credential: Record) -> dict[str, Any]:
    return without_empty(
        name=credential.get("userLabel"), createTime=time(credential.get("createdDate"))
    )
