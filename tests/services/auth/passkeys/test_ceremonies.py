"""Options and credentials, checked against another library's, and what is no credential at all."""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import cbor2
import pytest
from fido2.cose import ES256, RS256, EdDSA
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.auth.logins.errors import PasskeyInvalid
from services.auth.passkeys import authenticator_data
from services.auth.passkeys.ceremonies import Ceremonies
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.relying_party import RelyingParty
from tests.services.auth.harness import user
from tests.support.authenticator import Authenticator, new_key
from tests.support.clock import START

CHALLENGE = "gAAAAA-_" * 30 + "=="
USER = user()
CEREMONIES = Ceremonies(RelyingParty("localhost", ("https://localhost",), is_local=True))


def registered(authenticator: Authenticator) -> Passkey:
    """The passkey that an authenticator has registered."""
    credential = authenticator.create(CEREMONIES.creation_options(USER, [], CHALLENGE))
    return passkey_of(credential)


def passkey_of(credential: dict[str, Any]) -> Passkey:
    """The passkey of a registration."""
    new = CEREMONIES.register(credential, CHALLENGE)
    return Passkey(
        uuid4(),
        USER.user_id,
        "Phone",
        new.credential_id,
        new.public_key,
        new.sign_count,
        new.transports,
        START,
    )


def authenticate(passkey: Passkey, credential: dict[str, Any], challenge: str = CHALLENGE) -> bool:
    """Whether the user was verified in an authentication. Raises `PasskeyInvalid`."""
    presented = CEREMONIES.presented(credential)
    return CEREMONIES.authenticate(presented, passkey, challenge).user_verified


def test_another_library_takes_the_options_of_a_registration() -> None:
    """They ask for a passkey that verifies its user and is none of those that there are."""
    passkey = registered(Authenticator())
    plain = CEREMONIES.creation_options(USER, [passkey], CHALLENGE)
    options = PublicKeyCredentialCreationOptions.from_dict(plain)
    assert (options.rp.id, options.rp.name) == ("localhost", "Coditect")
    assert options.user.id == USER.user_id.bytes
    assert (options.user.name, options.user.display_name) == (USER.email, "Ada Lovelace")
    assert options.challenge == CHALLENGE.encode()
    algorithms = [one.alg for one in options.pub_key_cred_params]
    assert algorithms == [ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM]
    assert [one.id for one in options.exclude_credentials or ()] == [passkey.credential_id]
    assert options.timeout == 300_000
    assert options.attestation == "none"
    selection = options.authenticator_selection
    assert selection is not None
    assert selection.resident_key == ResidentKeyRequirement.REQUIRED
    assert selection.user_verification == UserVerificationRequirement.REQUIRED
    assert dict(options) == plain


def test_a_user_without_a_name() -> None:
    """The address stands for it."""
    nameless = replace(USER, first_name="", last_name="")
    options = CEREMONIES.creation_options(nameless, [], CHALLENGE)
    assert options["user"]["displayName"] == USER.email


def test_another_library_takes_the_options_of_a_login() -> None:
    """Those for anybody name no passkey, and those for a user name theirs."""
    passkey = replace(registered(Authenticator()), transports=("hybrid", "of-tomorrow"))
    anybody = PublicKeyCredentialRequestOptions.from_dict(CEREMONIES.request_options(CHALLENGE))
    assert not anybody.allow_credentials
    assert anybody.user_verification == UserVerificationRequirement.REQUIRED
    plain = CEREMONIES.request_options(CHALLENGE, [passkey])
    options = PublicKeyCredentialRequestOptions.from_dict(plain)
    (allowed,) = options.allow_credentials or ()
    assert (allowed.id, allowed.transports) == (passkey.credential_id, ["hybrid"])
    assert options.user_verification == UserVerificationRequirement.PREFERRED
    for one in (anybody, options):
        assert (one.rp_id, one.challenge, one.timeout) == ("localhost", CHALLENGE.encode(), 300_000)


@pytest.mark.parametrize("algorithm", [ES256.ALGORITHM, EdDSA.ALGORITHM, RS256.ALGORITHM])
@pytest.mark.parametrize("extensions", [None, {"credProtect": 2, "hmac-secret": True}])
def test_a_passkey_of_another_library(algorithm: int, extensions: dict[str, Any] | None) -> None:
    """It registers and authenticates by each algorithm, also with extensions that were not requested."""
    authenticator = Authenticator(key=new_key(algorithm), extensions=extensions)
    passkey = registered(authenticator)
    assert passkey.credential_id == authenticator.credential_id
    assert passkey.transports == ("hybrid", "internal")
    credential = authenticator.get(CEREMONIES.request_options(CHALLENGE, [passkey]))
    assert CEREMONIES.challenge_of(credential) == CHALLENGE
    assert authenticate(passkey, credential)


def test_what_the_user_has_not_confirmed() -> None:
    """A registration is refused then; an authentication says so."""
    authenticator = Authenticator()
    passkey = registered(authenticator)
    authenticator.verifies = False
    with pytest.raises(PasskeyInvalid):
        registered(authenticator)
    assert not authenticate(passkey, authenticator.get(CEREMONIES.request_options(CHALLENGE)))


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example.com"},
        {"origin": "http://localhost.example.com"},
        {"rp_id": "example.com"},
        {"cross_origin": True},
        {"key": new_key()},
    ],
    ids=["origin", "beginning of an origin", "RP ID", "frame", "key"],
)
def test_what_is_signed_for_another_place(change: dict[str, Any]) -> None:
    """Another page, another domain, a page in a frame, and another key."""
    authenticator = Authenticator()
    passkey = registered(authenticator)
    for name, value in change.items():
        setattr(authenticator, name, value)
    with pytest.raises(PasskeyInvalid):
        authenticate(passkey, authenticator.get(CEREMONIES.request_options(CHALLENGE)))
    if "key" not in change:
        with pytest.raises(PasskeyInvalid):
            registered(authenticator)


def test_another_challenge() -> None:
    """It is refused in both ceremonies."""
    authenticator = Authenticator()
    passkey = registered(authenticator)
    options = CEREMONIES.creation_options(USER, [], "other")
    with pytest.raises(PasskeyInvalid):
        passkey_of(authenticator.create(options))
    credential = authenticator.get(CEREMONIES.request_options("other"))
    assert CEREMONIES.challenge_of(credential) == "other"
    with pytest.raises(PasskeyInvalid):
        authenticate(passkey, credential)


def test_the_other_ceremony() -> None:
    """A registration is no authentication, and the reverse."""
    authenticator = Authenticator()
    passkey = registered(authenticator)
    creation = authenticator.create(CEREMONIES.creation_options(USER, [], CHALLENGE))
    request = authenticator.get(CEREMONIES.request_options(CHALLENGE))
    with pytest.raises(PasskeyInvalid):
        CEREMONIES.presented(creation)
    with pytest.raises(PasskeyInvalid):
        CEREMONIES.register(request, CHALLENGE)
    request["response"]["clientDataJSON"] = creation["response"]["clientDataJSON"]
    with pytest.raises(PasskeyInvalid):
        authenticate(passkey, request)


@pytest.mark.parametrize("size", [0, 15, 16, 1_023, 1_024])
def test_the_length_of_a_credential_id(size: int) -> None:
    """It has 16 to 1,023 bytes."""
    authenticator = Authenticator(credential_id=bytes(range(256)) * 4)
    authenticator.credential_id = (authenticator.credential_id + b"\x01" * 8)[:size]
    if 16 <= size <= 1_023:
        assert registered(authenticator).credential_id == authenticator.credential_id
    else:
        with pytest.raises(PasskeyInvalid):
            registered(authenticator)


# ── what is no credential ─────────────────────────────────────────────────────────────────────

AUTHENTICATOR = Authenticator(extensions={"credProtect": 2})
CREATION = AUTHENTICATOR.create(CEREMONIES.creation_options(USER, [], CHALLENGE))
PASSKEY = passkey_of(CREATION)
REQUEST = AUTHENTICATOR.get(CEREMONIES.request_options(CHALLENGE))


def refused_or_good(credential: Any) -> None:
    """Tries everything with a credential: nothing but `PasskeyInvalid` may be raised."""
    attempts: list[Callable[[], object]] = [
        lambda: CEREMONIES.challenge_of(credential),
        lambda: CEREMONIES.register(credential, CHALLENGE),
        lambda: authenticate(PASSKEY, credential),
    ]
    for attempt in attempts:
        with suppress(PasskeyInvalid):
            attempt()


def places(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all members of an object."""
    for name, member in value.items():
        yield (*path, name)
        if isinstance(member, dict):
            yield from places(member, (*path, name))


def changed(credential: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A credential with another value in one place."""
    whole = copy.deepcopy(credential)
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return whole


FUZZED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text()
    | st.sampled_from(["public-key", "A" * 16_384, "=", "\0", "AAAA\n", "ÿ", "platform"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NAMES = st.sampled_from(sorted({path[-1] for one in (CREATION, REQUEST) for path in places(one)}))
BINARY = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]


@FUZZED
@given(st.dictionaries(NAMES, ANYTHING | st.dictionaries(NAMES, ANYTHING)))
def test_any_object(credential: dict[str, Any]) -> None:
    """No JSON object raises anything else."""
    refused_or_good(credential)


@FUZZED
@given(st.data())
def test_a_credential_with_another_value(data: st.DataObject) -> None:
    """Nor does a good one in which any member has any value."""
    good = data.draw(st.sampled_from([CREATION, REQUEST]))
    path = data.draw(st.sampled_from(list(places(good))))
    refused_or_good(changed(good, path, data.draw(ANYTHING)))


@FUZZED
@given(st.sampled_from([CREATION, REQUEST]), st.sampled_from(BINARY), st.binary(max_size=300))
@example(CREATION, "clientDataJSON", b"[" * 12_000)
@example(CREATION, "clientDataJSON", b'{"type":"webauthn.create","challenge":7,"origin":7}')
@example(CREATION, "clientDataJSON", b'{"type":{},"challenge":{},"origin":{}}')
@example(CREATION, "attestationObject", b"\x81" * 12_000)
@example(CREATION, "attestationObject", b"\x9b" + b"\xff" * 8)
@example(CREATION, "attestationObject", b"\xbb" + b"\xff" * 8)
@example(CREATION, "attestationObject", b"\x5b" + b"\x7f" * 8)
@example(CREATION, "attestationObject", cbor2.dumps({"fmt": "none", "authData": 1 << 40}))
@example(REQUEST, "authenticatorData", bytes(32) + b"\xff" + bytes(300))
def test_a_credential_with_other_bytes(good: dict[str, Any], name: str, found: bytes) -> None:
    """Nor does one with any bytes in the place of what is encoded."""
    refused_or_good(changed(good, ("response", name), websafe_encode(found)))


@FUZZED
@given(st.data())
def test_a_credential_with_some_other_bytes(data: st.DataObject) -> None:
    """Nor does one in which a few of the bytes are others, or missing, or too many."""
    good = data.draw(st.sampled_from([CREATION, REQUEST]))
    name = data.draw(st.sampled_from([name for name in BINARY if name in good["response"]]))
    whole = websafe_decode(good["response"][name])
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 4))
    found = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + length :]
    refused_or_good(changed(good, ("response", name), websafe_encode(found)))


@FUZZED
@given(st.dictionaries(st.sampled_from([1, 3, -1, -2, -3, 0]), ANYTHING | st.binary()))
@example({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})
@example({1: 2, 3: -7, -1: 1, -2: b"\xff" * 32, -3: b"\xff" * 32})
@example({1: 2, 3: -7, -1: 1, -2: b"\1" * 900, -3: b"\1" * 900})
@example({1: 1, 3: -8, -1: 6, -2: bytes(31)})
@example({1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\2"})
@example({1: 3, 3: -257, -1: b"\xff" * 8_192, -2: b"\1\0\1"})
def test_keys_that_are_none(key: dict[int, Any]) -> None:
    """A registration with them is refused, not the first login."""
    data = auth_data(cbor2.dumps(key))
    with pytest.raises(PasskeyInvalid):
        CEREMONIES.register(attested(data), CHALLENGE)


@pytest.mark.parametrize("fmt", ["packed", "fido-u2f", "tpm", "apple", "android-key", 7, None])
def test_attestations_that_are_wrong(fmt: Any) -> None:
    """The options request none, so an honest authenticator sends no wrong one."""
    good = websafe_decode(CREATION["response"]["attestationObject"])
    parts = cbor2.loads(good)
    for statement in ({}, {"sig": b"x", "alg": -7}, {"sig": b"x", "alg": -7, "x5c": [b"x"]}, 7):
        wrong = cbor2.dumps({**parts, "fmt": fmt, "attStmt": statement})
        with pytest.raises(PasskeyInvalid):
            CEREMONIES.register(
                changed(CREATION, ("response", "attestationObject"), websafe_encode(wrong)),
                CHALLENGE,
            )


# ── a few bytes that stand for many ───────────────────────────────────────────────────────────


def bomb(levels: int = 60) -> bytes:
    """CBOR of a list whose lists are references to each other: three to the power of its levels."""
    found = b"\xd8\x1c\x80"
    for level in range(levels, 0, -1):
        found = b"\xd8\x1c\x83" + found + 2 * (b"\xd8\x1d" + cbor2.dumps(level))
    return found


def auth_data(key: bytes, rest: bytes = b"", flags: int = 0x45) -> bytes:
    """Authenticator data with some key, and more after it."""
    head = websafe_decode(CREATION["response"]["attestationObject"])
    digest: bytes = cbor2.loads(head)["authData"][:32]
    credential_id = len(AUTHENTICATOR.credential_id).to_bytes(2) + AUTHENTICATOR.credential_id
    return digest + bytes([flags]) + bytes(4) + bytes(16) + credential_id + key + rest


def attested(data: bytes, statement: bytes = b"\xa0") -> dict[str, Any]:
    """A registration with this authenticator data."""
    parts = cbor2.dumps("fmt") + cbor2.dumps("none") + cbor2.dumps("attStmt") + statement
    whole = b"\xa3" + parts + cbor2.dumps("authData") + cbor2.dumps(data)
    return changed(CREATION, ("response", "attestationObject"), websafe_encode(whole))


def asserting(data: bytes) -> dict[str, Any]:
    """An authentication with this authenticator data."""
    return changed(REQUEST, ("response", "authenticatorData"), websafe_encode(data))


KEY = PASSKEY.public_key


def long_key() -> bytes:
    """A key that the library writes shorter, so that it would look for more in the midst of it.

    Each of its numbers takes 9 bytes here and 1 byte there.
    """
    found = bomb()
    found += bytes(-len(found) % 8)
    numbers = len(found) // 8
    head = b"\x98" + bytes([numbers + 1]) + numbers * (b"\x1b" + bytes(8))
    return head + b"\x59" + len(found).to_bytes(2) + found


FOUR_OF_THREE = bytes.fromhex("a301634f4b500327206745643235353139") + b"\x21" + bomb()
BOMBS = {
    "as the key": auth_data(bomb()),
    "in the key": auth_data(b"\xa1\x01" + bomb()),
    "as the extensions": auth_data(KEY, bomb(), 0xC5),
    "in the extensions": auth_data(KEY, b"\xa1\x61a" + bomb(), 0xC5),
    "inside a key that is too long": auth_data(long_key(), b"\xa0", 0xC5),
    "in a key that the library mends": auth_data(FOUR_OF_THREE),
    "without a credential": auth_data(b"")[:32] + b"\x85" + bytes(4) + bomb(),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
@pytest.mark.timeout(60)
def test_a_few_bytes_that_stand_for_many(data: bytes) -> None:
    """They are refused at once, in both ceremonies."""
    begin = time.thread_time()
    with pytest.raises(PasskeyInvalid):
        CEREMONIES.register(attested(data), CHALLENGE)
    with pytest.raises(PasskeyInvalid):
        authenticate(PASSKEY, asserting(data))
    assert time.thread_time() - begin < 2


@pytest.mark.timeout(60)
def test_a_few_bytes_in_the_attestation() -> None:
    """Those are refused as well, wherever they stand in it."""
    statement = b"\xa1\x63sig" + bomb()
    with pytest.raises(PasskeyInvalid):
        CEREMONIES.register(attested(auth_data(KEY), statement), CHALLENGE)


@pytest.mark.parametrize("tag", [0, 2, 4, 25, 28, 30, 35, 36, 54, 258, 1004, 43000, 55799, 60000])
def test_tags_of_cbor(tag: int) -> None:
    """None is decoded: some take seconds, such as a regular expression, and no authenticator has any."""
    for value in (b"", b"x", "x" * 10, 1, [1, 2], {}):
        with pytest.raises(Exception, match="tag"):
            authenticator_data._decoded(cbor2.dumps(cbor2.CBORTag(tag, value)))
