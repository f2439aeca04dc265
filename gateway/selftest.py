"""`python -m gateway.selftest`: checks that this gateway is complete and works on this machine.

It runs the edge, and then each sidecar, on free ports, with a certificate that it makes for the
purpose and no service behind them, and checks their responses. The image is built only if it
passes; in a running pod it is safe to run.

Exit code 0: all works; 1: something does not, and the last line says what.
"""

import datetime as dt
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway import contract, program
from kernel import streams
from kernel.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
_HOST = "127.0.0.1"
_UNREACHABLE = f"{_HOST}:9"
_CONTEXTS = ("auth", "tenants", "sessions")
_HEALTHY = {"success": True, "data": {"service": "coditect-v5-api", "status": "healthy"}}
_REFUSALS = {
    "/api/v5/sessions": (401, "ACCESS_TOKEN_MISSING"),
    "/api/v5/nothing": (404, "ROUTE_NOT_FOUND"),
}
_SECONDS = 30.0
_TICK_SECONDS = 0.05
_LAST_LINES = 20
# The self-test must not use the ports or folders of the pod that it runs in.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "TMPDIR", "LANG")


class Failed(Exception):
    """Something does not work; the message says what, for a person."""


def main() -> int:
    """Runs the self-test; returns the exit code."""
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="selftest-") as folder:
            _test(Path(folder))
    except (Failed, contract.ContractError, OSError) as error:
        sys.stdout.write(f"selftest: FAILED: {error}\n")
        return 1
    seconds = time.monotonic() - began
    _say(f"this is coditect's gateway {VERSION}, and it works ({seconds:.1f} s)")
    return 0


def _test(folder: Path) -> None:
    _test_version()
    _test_envoy()
    served = contract.load(ROOT / "build" / "contract.binpb")
    _say(f"the contract has {len(served.methods)} methods, {len(served.routes)} of them public")
    _test_edge(folder)
    _say("the edge is healthy, requires a token, and rejects unknown routes")
    _make_certificate(folder)
    for name in _CONTEXTS:
        _test_sidecar(name, folder)
    _say(f"the sidecars of {', '.join(_CONTEXTS)} live")


def _test_version() -> None:
    command = [sys.executable, "-m", "gateway", "--version"]
    ended = subprocess.run(command, cwd=ROOT, env=_environ(), capture_output=True, check=False)  # noqa: S603 - ourselves
    if ended.stdout.decode() != f"gateway {VERSION}\n":
        raise Failed(f"gateway is not the real program: its --version printed {ended.stdout!r}")


def _test_envoy() -> None:
    envoy = program.path()
    ended = subprocess.run([envoy, "--version"], env=_environ(), capture_output=True, check=False)  # noqa: S603 - ours
    printed = ended.stdout.decode(errors="replace")
    if not program.is_release(printed):
        raise Failed(f"{envoy} is not Envoy {program.VERSION}: its --version printed {printed!r}")
    _say(f"Envoy is {program.VERSION}")


def _test_edge(folder: Path) -> None:
    public, probes = _free_ports(2)
    environ = {"LISTEN": f"{_HOST}:{public}", "PROBES_LISTEN": f"{_HOST}:{probes}"}
    with _Envoy("edge", environ=environ, folder=folder) as edge:
        if (answer := edge.get(public, "/api/v5/health")) != (200, _HEALTHY):
            raise Failed(f"the edge is not healthy: {answer}")
        for path, expected in _REFUSALS.items():
            status, body = edge.get(public, path)
            if (status, body.get("error", {}).get("code")) != expected:
                raise Failed(f"the edge answers {path} with {status}: {body}")


def _test_sidecar(name: str, folder: Path) -> None:
    mesh, probes, *outbound = _free_ports(2 + len(_CONTEXTS))
    environ = {
        "MESH_LISTEN": f"{_HOST}:{mesh}",
        "PROBES_LISTEN": f"{_HOST}:{probes}",
        "MESH_CERTIFICATES": str(folder),
        "MESH_TRUST_DOMAIN": "selftest",
    }
    for peer, port in zip(_CONTEXTS, outbound, strict=True):
        environ[f"{peer.upper()}_LISTEN"] = f"{_HOST}:{port}"
    with _Envoy("sidecar", name, environ=environ, folder=folder) as sidecar:
        status, _ = sidecar.get(probes, "/healthz")
        if status != http.client.OK:
            raise Failed(f"the sidecar of {name} does not live: {status}")


class _Envoy:
    """A running `python -m gateway run`.

    Args:
        what: What it becomes: `edge`, or `sidecar` and a service.
        environ: Its settings besides the services' addresses.
        folder: Where its files and its log go.
    """

    def __init__(self, *what: str, environ: Mapping[str, str], folder: Path) -> None:
        name = "-".join(what)
        self._log = folder / f"{name}.log"
        services = {f"{context.upper()}_ADDRESS": _UNREACHABLE for context in _CONTEXTS}
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "gateway", "run", *what],
                cwd=ROOT,
                env=_environ() | services | {"RUN_FOLDER": str(folder / name), **environ},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        """Returns at once; the process may not respond yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Stops it, and requires exit code 0 unless the test failed already."""
        self._process.terminate()
        try:
            code = self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if kind is None and code:
            raise Failed(f"when asked to stop, {self._ending()}")

    def get(self, port: int, path: str) -> tuple[int, dict[str, Any]]:
        """Repeats the request until there is a response; returns its status, and its JSON or {}."""
        end = time.monotonic() + _SECONDS
        while True:
            try:
                return _get(port, path)
            except (OSError, http.client.HTTPException) as error:
                if self._process.poll() is not None:
                    raise Failed(f"instead of answering, {self._ending()}") from error
                if time.monotonic() > end:
                    raise Failed(f"no response from {path}: {error}") from error
            time.sleep(_TICK_SECONDS)

    def _ending(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        words = "\n".join(f"  {line}" for line in lines)
        code = self._process.returncode
        if not words:
            return f"it ended with exit code {code}, without output"
        return f"it ended with exit code {code}; the end of its log:\n{words}"


def _get(port: int, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(text) if text.startswith(b"{") else {}


def _make_certificate(folder: Path) -> None:
    """Writes a self-signed certificate to where a sidecar looks for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "selftest")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    for file in ("tls.crt", "ca.crt"):
        (folder / file).write_bytes(certificate)
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def _free_ports(number: int) -> list[int]:
    """Returns distinct free ports."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server((_HOST, 0))) for _ in range(number)]
        return [taken.getsockname()[1] for taken in sockets]


def _environ() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _say(text: str) -> None:
    sys.stdout.write(f"selftest: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    streams.run(main)
