"""The settings of the gateway and the sidecars, read from the environment once."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from kernel import settings
from kernel.settings import (
    FRONTS,
    Address,
    AddressesSetting,
    AddressSetting,
    FrontsSetting,
    TrustDomainSetting,
    split,
)

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    # A wildcard would let any page use what a user's page holds.
    if any(not _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be exact origins like https://app.example.com")
    return origins


# Envoy runs in the run folder, where another one's relative path would lead elsewhere.
Folder = Annotated[Path, AfterValidator(Path.absolute)]
Origins = Annotated[tuple[str, ...], BeforeValidator(split), AfterValidator(_check_origins)]


class EnvoySettings(settings.Settings):
    """What every Envoy of ours needs to know; every field is the environment variable in upper case.

    Attributes:
        auth_address: Where auth is found: one address, a name of many, or several with commas.
        tenants_address: Where tenants is found.
        sessions_address: Where sessions is found.
        mesh_certificates: The folder with `tls.crt`, `tls.key` and `ca.crt`; with it, services are
            reached through their sidecars only. Never without a trust domain.
        mesh_trust_domain: What the names in those certificates begin with, behind `spiffe://`.
            Never without certificates: calls would go in the clear to whoever answers.
        run_folder: Where `python -m gateway run` writes what Envoy reads.
        workers: Threads that carry calls.
        contract: The descriptor set.
    """

    auth_address: AddressesSetting | None = None
    tenants_address: AddressesSetting | None = None
    sessions_address: AddressesSetting | None = None
    mesh_certificates: Folder | None = None
    mesh_trust_domain: Annotated[TrustDomainSetting | None, Field(validate_default=True)] = None
    run_folder: Folder = Path("/run/coditect")
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    contract: Path = Path("build/contract.binpb")

    @property
    def addresses(self) -> Mapping[str, tuple[Address, ...]]:
        """The addresses of each context by its name, without those that are not given."""
        given = {
            "auth": self.auth_address,
            "tenants": self.tenants_address,
            "sessions": self.sessions_address,
        }
        return {name: addresses for name, addresses in given.items() if addresses}

    @field_validator("mesh_trust_domain")
    @classmethod
    def _both_or_neither(cls, domain: str | None, info: ValidationInfo) -> str | None:
        if (domain is None) != (info.data.get("mesh_certificates") is None):
            raise ValueError("goes with MESH_CERTIFICATES: both or neither")
        return domain


class Settings(EnvoySettings):
    """What the edge needs to know beside that.

    Attributes:
        listen: Where the gateway listens.
        probes_listen: Where it shows that it lives, and its metrics; None for nowhere.
        admin_listen: Where Envoy's admin interface listens; None for nowhere. With probes it is a
            local socket instead.
        token_issuer: The `iss` of a good access token.
        token_audience: The `aud` of a good access token.
        cors_origins: The exact origins whose pages may read answers, comma separated.
        trusted_proxies: How many proxies stand before the gateway; so many entries at the end of
            X-Forwarded-For are believed.
        credential_rate: Calls a minute and client address to the methods that take a credential;
            0 for no limit.
        request_timeout: Seconds until the gateway gives up on a service.
        download_idle_timeout: Seconds without a byte until it gives up on a download, which may
            take as long as its reader takes.
        notice_seconds: Before the gateway stops, a balancer may send new connections for so long.
        drain_seconds: The most time for running calls to end after that.
        keys_socket: The name of the local socket through which the gateway asks auth for its keys;
            `@` begins one without a file. Empty for a name made from `listen`.
    """

    auth_address: AddressesSetting
    tenants_address: AddressesSetting
    sessions_address: AddressesSetting
    listen: AddressSetting = Address("127.0.0.1", 8080)
    probes_listen: AddressSetting | None = None
    admin_listen: AddressSetting | None = None
    token_issuer: Annotated[str, Field(min_length=1)] = "https://coditect.local"  # noqa: S105
    token_audience: Annotated[str, Field(min_length=1)] = "coditect-v5"  # noqa: S105
    cors_origins: Origins = ()
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    credential_rate: Annotated[int, Field(ge=0, le=100_000)] = 600
    request_timeout: Annotated[float, Field(ge=0.1, le=300)] = 10.0
    download_idle_timeout: Annotated[float, Field(ge=0.1, le=300)] = 60.0
    notice_seconds: Annotated[float, Field(ge=0, le=300)] = 5.0
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 10.0
    keys_socket: Annotated[str, Field(max_length=100)] = ""

    @property
    def keys_pipe(self) -> str:
        """The name of the socket of the keys."""
        return self.keys_socket or f"@coditect-keys-{self.listen}"


class SidecarSettings(EnvoySettings):
    """What a sidecar needs to know beside that.

    Attributes:
        service_address: Where the service beside it serves gRPC.
        metrics_address: Where the service shows its metrics; None for nowhere.
        mesh_certificates: The folder with `tls.crt`, `tls.key` and `ca.crt`. A sidecar does not
            start without, nor without a trust domain.
        mesh_listen: Where calls come in, over mutual TLS.
        mesh_fronts: The workloads that bring the calls of users, comma separated.
        probes_listen: Where health and metrics are shown.
        auth_listen: Where the service calls auth.
        tenants_listen: Where the service calls tenants.
        sessions_listen: Where the service calls sessions.
    """

    service_address: AddressSetting = Address("127.0.0.1", 50051)
    metrics_address: AddressSetting | None = None
    mesh_certificates: Folder = Path("/var/run/coditect/mesh")
    mesh_listen: AddressSetting = Address("0.0.0.0", 8443)  # noqa: S104 - for its peers
    mesh_fronts: FrontsSetting = FRONTS
    probes_listen: AddressSetting = Address("0.0.0.0", 8081)  # noqa: S104 - for the kubelet
    auth_listen: AddressSetting = Address("127.0.0.1", 15001)
    tenants_listen: AddressSetting = Address("127.0.0.1", 15002)
    sessions_listen: AddressSetting = Address("127.0.0.1", 15003)

    @property
    def outbound(self) -> Mapping[str, Address]:
        """Where the service calls each of the others, by name."""
        return {
            "auth": self.auth_listen,
            "tenants": self.tenants_listen,
            "sessions": self.sessions_listen,
        }
