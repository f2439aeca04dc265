"""Libraries that others wrote verify our tokens by the published documents alone, as docs/tokens.md says."""

import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from kernel import base64url
from kernel.clock import SystemClock
from kernel.identity import tokens
from kernel.identity.signatures import Algorithm
from services.auth.discovery.metadata import Discovery
from tests.clients.verifiers import PROGRAMS, Program
from tests.end_to_end.conftest import start
from tests.services.auth.harness import make_settings
from tests.support.documented import programs
from tests.support.tokens import Mint, somebody


@pytest.fixture(scope="module", params=Algorithm)
def issued(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Algorithm, str, str]]:
    """An algorithm, and the issuer and an access token of a running system with it."""
    folder = tmp_path_factory.mktemp("laptop")
    with start(folder, TOKEN_ALGORITHM=request.param) as laptop:
        laptop.wait_until_ready()
        answer = httpx.post(
            f"{laptop.settings.url}/api/v5/auth/register",
            json={
                "email": f"{uuid4()}@example.com",
                "password": "correct horse battery staple",
                "firstName": "Ada",
                "lastName": "Lovelace",
            },
            trust_env=False,
        )
        token = answer.json()["data"]["tokens"]["accessToken"]
        yield request.param, f"http://localhost:{laptop.settings.port}", token


def damaged(token: str) -> str:
    """The token with another signature."""
    return token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_library_verifies_a_token(
    issued: tuple[Algorithm, str, str], program: Program, tmp_path: Path
) -> None:
    """It gets the keys and the names by the issuer alone; a token with another signature is refused."""
    algorithm, issuer, token = issued
    good, bad = program.verify(tmp_path, issuer, token, damaged(token))
    assert bad is None
    if algorithm not in program.algorithms:
        assert good is None
        return
    assert good == jwt.decode(token, options={"verify_signature": False})
    assert (good["iss"], good["aud"]) == (issuer, f"{issuer}/api/v5")


class Issuer:
    """Publishes documents like ours, for tokens that we never issue.

    Args:
        algorithm: Of its key.
        port: Where it listens.
    """

    def __init__(self, algorithm: Algorithm, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.mint = Mint(SystemClock(), algorithm)
        discovery = Discovery(make_settings(TOKEN_ISSUER=self.url))
        self.documents: dict[str, Any] = {
            "/.well-known/oauth-authorization-server": discovery.authorization_server([algorithm]),
            "/.well-known/oauth-protected-resource": discovery.protected_resource(),
            "/.well-known/jwks.json": {"keys": [self._jwk()]},
        }

    def _jwk(self) -> dict[str, Any]:
        algorithm = self.mint.algorithm
        public = self.mint.keys["test"].load()
        kind: Any = OKPAlgorithm if algorithm is Algorithm.EDDSA else ECAlgorithm
        return kind.to_jwk(public, as_dict=True) | {"kid": "test", "alg": algorithm, "use": "sig"}

    def token(self, **changes: object) -> str:
        """A token of it, for its API; None omits a claim."""
        names = {"iss": self.url, "aud": f"{self.url}/api/v5"}
        return self.mint.token(somebody(), **names | changes)

    def signed(self, header: dict[str, str], key: Any = None, algorithm: str | None = None) -> str:
        """A token with another header, or of another key."""
        claims = jwt.decode(self.token(), options={"verify_signature": False})
        own = {"kid": "test", "typ": tokens.TYPE} | header
        key = self.mint._key if key is None else key
        return jwt.encode(claims, key, algorithm or self.mint.algorithm, own)

    def signed_with_the_public_key(self) -> str:
        """A token whose header says that the public key is a shared secret."""
        text = self.signed({}, b"k" * 64, "HS256").rpartition(".")[0]
        public = self.mint.keys["test"].load()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return f"{text}.{base64url.encode(hmac.digest(pem, text.encode(), 'sha256'))}"


@contextmanager
def publishing(algorithm: Algorithm) -> Iterator[Issuer]:
    """A running issuer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.documents[self.path]).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Writes nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(algorithm, server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def refused_by_the_rules(issuer: Issuer) -> dict[str, str]:
    """Tokens that the document says to refuse."""
    now = int(time.time())
    other = Mint(SystemClock(), issuer.mint.algorithm)
    return {
        "expired": issuer.token(iat=now - 100, exp=now - 60),
        "without an end": issuer.token(exp=None),
        "of another issuer": issuer.token(iss=f"{issuer.url}/"),
        "for another audience": issuer.token(aud="018f3c5e-7d1a-4b2c-9e8f-0a1b2c3d4e5f"),
        "an ID token": issuer.signed({"typ": "JWT"}),
        "of another key": issuer.signed({}, other._key),
        "of an unknown key": issuer.signed({"kid": "other"}, other._key),
        "without a signature": issuer.signed({}, "", "none"),
        "signed with the public key": issuer.signed_with_the_public_key(),
    }


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_refuses_what_the_document_says(
    program: Program, algorithm: Algorithm, tmp_path: Path
) -> None:
    """Each rule of the document is in each program: none of these tokens passes, and a good one does."""
    if algorithm not in program.algorithms:
        pytest.skip(f"its library does not know {algorithm}")
    with publishing(algorithm) as issuer:
        bad = refused_by_the_rules(issuer)
        good, *others = program.verify(tmp_path, issuer.url, issuer.token(), *bad.values())
    assert good is not None
    passed = [name for name, claims in zip(bad, others, strict=True) if claims is not None]
    assert passed == []


def test_every_program_of_the_document_is_tested() -> None:
    """A program that is added to the document is added here."""
    tested = {parameter.values[0].heading for parameter in PROGRAMS}
    assert tested == set(programs("tokens.md"))
