"""Forged proofs of a client with a key, through the gateway (RFC 7523, section 3; RFC 9700, section 2.5).

docs/security.md has the table of all attacks.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from time import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.end_to_end.attacks import Robot, error, new_id, robot_of
from tests.end_to_end.person import Person

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
INVALID_CLIENT = (401, "invalid_client")


@dataclass(frozen=True)
class Signer:
    """A client with a key, and its key."""

    robot: Robot
    key: OKPKey
    issuer: str

    def claims(self, **changed: Any) -> dict[str, Any]:
        """What a good assertion says, but for what is changed; None leaves a claim out."""
        given = {
            "iss": self.robot.client_id,
            "sub": self.robot.client_id,
            "aud": self.issuer,
            "jti": new_id(),
            "exp": int(time()) + 60,
            **changed,
        }
        return {name: value for name, value in given.items() if value is not None}

    def signed(self, key: OKPKey | None = None, **changed: Any) -> str:
        """An assertion, which another key may have signed."""
        return jwt.encode({"alg": "Ed25519"}, self.claims(**changed), key or self.key, ["Ed25519"])

    def shown(self, assertion: str, **form: str) -> tuple[int, str]:
        """The error of an endpoint for an assertion; none if it is taken."""
        given = {"client_assertion_type": TYPE, "client_assertion": assertion, "token": "x", **form}
        answer = self.robot.admin.http.post("/oauth/introspect", data=given)
        return (200, "") if answer.status_code == 200 else error(answer)


@pytest.fixture
def signer(http: httpx.Client, person: Person) -> Signer:
    """A new client with a key."""
    key = OKPKey.generate_key("Ed25519")
    jwks = {"keys": [key.as_dict(private=False)]}
    robot = robot_of(person, authMethod="private_key_jwt", jwks=jwks)
    issuer = http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    return Signer(robot, key, issuer)


def test_a_good_assertion_is_good_once(signer: Signer) -> None:
    """A copy of it shows nothing, at whatever endpoint (RFC 7523, section 3)."""
    assertion = signer.signed()
    assert signer.shown(assertion) == (200, "")
    assert signer.shown(assertion) == INVALID_CLIENT
    again = {"client_assertion_type": TYPE, "client_assertion": assertion}
    answer = signer.robot.admin.http.post("/oauth/par", data=again)
    assert error(answer) == INVALID_CLIENT


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example"},
        {"aud": "https://other.example/oauth/token"},
        {"aud": None},
        {"aud": []},
        {"iss": "coditect-cli"},
        {"iss": None},
        {"sub": "coditect-cli"},
        {"sub": None},
        {"sub": 7},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 256},
        {"exp": None},
        {"exp": 0},
        {"exp": 2**62},
        {"exp": "soon"},
        {"exp": True},
        {"iat": 2**33},
        {"nbf": 2**33},
    ],
)
def test_an_assertion_that_says_something_else(changed: dict[str, Any], signer: Signer) -> None:
    """It is for this server and this client, short, and named."""
    assert signer.shown(signer.signed(**changed)) == INVALID_CLIENT


def test_an_assertion_for_several_servers(signer: Signer) -> None:
    """Another server, to which it was shown, could show it here."""
    for aud in ([signer.issuer, "https://other.example"], [signer.issuer, 7]):
        assert signer.shown(signer.signed(aud=aud)) == INVALID_CLIENT
    assert signer.shown(signer.signed(aud=[signer.issuer])) == (200, "")


def test_an_assertion_of_another_key_or_client(signer: Signer, person: Person) -> None:
    """A key is good for its own client alone."""
    assert signer.shown(signer.signed(OKPKey.generate_key("Ed25519"))) == INVALID_CLIENT
    other = robot_of(person)
    for name in ("iss", "sub"):
        assert signer.shown(signer.signed(**{name: other.client_id})) == INVALID_CLIENT
    both = signer.signed(iss=other.client_id, sub=other.client_id)
    assert signer.shown(both) == INVALID_CLIENT
    assert signer.shown(signer.signed(), client_id=other.client_id) == INVALID_CLIENT
    assert signer.shown(signer.signed(), client_id=signer.robot.client_id) == (200, "")


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "HS512", "EdDSA "])
def test_an_assertion_that_no_key_has_signed(algorithm: str, signer: Signer) -> None:
    """Neither unsigned, nor with the public key for a shared secret (RFC 8725, sections 2.1 and 3.1)."""
    public = signer.key.as_dict(private=False)
    for secret in (_decoded(str(public["x"])), json.dumps(public).encode(), b""):
        head = _encoded(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
        body = f"{head}.{_encoded(json.dumps(signer.claims()).encode())}"
        digest = "sha512" if algorithm == "HS512" else "sha256"
        tag = b"" if algorithm.lower() == "none" else hmac.digest(secret, body.encode(), digest)
        assert signer.shown(f"{body}.{_encoded(tag)}") == INVALID_CLIENT


def test_a_header_that_brings_its_own_key(signer: Signer) -> None:
    """The keys are those that the client has registered (RFC 8725, section 3.10)."""
    own = OKPKey.generate_key("Ed25519")
    for more in (
        {"jwk": own.as_dict(private=False)},
        {"jku": "https://evil.example/keys"},
        {"kid": "../../dev/null"},
        {"x5u": "https://evil.example/keys"},
    ):
        header = {"alg": "Ed25519", **more}
        forged = jwt.encode(header, signer.claims(), own, ["Ed25519"])
        assert signer.shown(forged) == INVALID_CLIENT


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "..", "e30.e30.", "e30.e30", "e30.W10.", "\u00e9", "x" * 5_000]
)
def test_a_text_that_is_no_assertion(text: str, signer: Signer) -> None:
    """It shows nothing."""
    assert signer.shown(text) == INVALID_CLIENT


def test_more_than_one_proof(signer: Signer) -> None:
    """A client shows who it is in one way, and in its own (RFC 9700, section 2.5)."""
    both = signer.shown(signer.signed(), client_secret="x", client_id=signer.robot.client_id)
    assert both == (400, "invalid_request")
    http, client_id = signer.robot.admin.http, signer.robot.client_id
    for proof in ({}, {"client_secret": "x"}):
        answer = http.post(
            "/oauth/introspect", data={"client_id": client_id, "token": "x", **proof}
        )
        assert error(answer) == INVALID_CLIENT
    answer = http.post("/oauth/introspect", data={"token": "x"}, auth=(client_id, "x"))
    assert error(answer) == INVALID_CLIENT
    for kind in ("", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"):
        shown = signer.shown(signer.signed(), client_assertion_type=kind)
        assert shown == INVALID_CLIENT


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
