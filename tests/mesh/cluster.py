"""A running mesh, and calls to its sidecars with any identity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import grpc

from tests.support.authority import Identity
from tests.support.mesh import Mesh
from tools.laptop import Laptop

_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """The outcome of a call: gRPC's status, and its message."""

    status: str
    message: str

    @property
    def refused_by_sidecar(self) -> bool:
        """Whether the sidecar refused the call, so that the service did not see it."""
        return self == Answer("PERMISSION_DENIED", "RBAC: access denied")

    @property
    def never_connected(self) -> bool:
        """Whether no connection was made."""
        return self.status in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}


@dataclass(frozen=True)
class Cluster:
    """A running mesh, and a folder for certificates."""

    mesh: Mesh
    laptop: Laptop
    folder: Path

    def call(
        self,
        context: str,
        paths: Sequence[str],
        shown: Identity | None,
        headers: Mapping[str, str] | None = None,
    ) -> list[Answer]:
        """Calls methods at a service's sidecar with empty messages, with or without a certificate.

        Args:
            context: The service.
            paths: The gRPC paths of the methods.
            shown: The caller's identity; None for no certificate.
            headers: The metadata of each call.
        """
        credentials = grpc.ssl_channel_credentials(
            self.mesh.authority.pem,
            shown.key if shown else None,
            shown.certificate if shown else None,
        )
        with grpc.secure_channel(
            self.mesh.replicas[context].at("mesh"),
            credentials,
            # The address here is an IP; the certificate has the name used in a cluster.
            [("grpc.ssl_target_name_override", context)],
        ) as channel:
            return [_call(channel, path, headers or {}) for path in paths]

    def call_in_the_clear(self, address: str, path: str, **headers: str) -> Answer:
        """Calls a method at an address without TLS."""
        with grpc.insecure_channel(address) as channel:
            return _call(channel, path, headers)


def _call(channel: grpc.Channel, path: str, headers: Mapping[str, str]) -> Answer:
    try:
        channel.unary_unary(path)(b"", timeout=_SECONDS, metadata=tuple(headers.items()))
    except grpc.RpcError as error:
        return Answer(error.code().name, error.details() or "")
    return Answer("OK", "")
