"""The settings of the gateway and the sidecars, read from the environment once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from kernel import settings
from kernel.origins import KnownOrigins
from kernel.settings import (
    FRONTS,
    Address,
    AddressesSetting,
    AddressSetting,
    Endpoint,
    EndpointSetting,
    EndpointsSetting,
    FrontsSetting,
    PageOriginsSetting,
    PublicUrlSetting,
    ResourceSetting,
    TrustDomainSetting,
    api_of,
)


def _check_site(folder: Path) -> Path:
    if not (folder / "index.html").is_file():
        raise ValueError("must be a folder with an index.html")
    return folder


# Made absolute, because Envoy runs in the run folder, where a relative path would differ.
Folder = Annotated[Path, AfterValidator(Path.absolute)]
Site = Annotated[Folder, AfterValidator(_check_site)]


class EnvoySettings(settings.TracingSettings):
    """The settings of every Envoy; the environment variable of a field is its name in upper case.

    Attributes:
        auth_address: The address of auth: `host:port`, whose host may be a name of several replicas, or
            `unix:/path`, or several of them, comma separated. A name and a path do not mix.
        tenants_address: The address of tenants, as for auth.
        sessions_address: The address of sessions, as for auth.
        mesh_certificates: The folder with `tls.crt`, `tls.key` and `ca.crt`; with it, services are
            reached only through their sidecars. Requires a trust domain.
        mesh_trust_domain: The trust domain in those certificates, after `spiffe://`. Requires
            certificates: without them, calls would be unencrypted to any server at the address.
        run_folder: Where `python -m gateway run` writes Envoy's files.
        workers: The number of Envoy's worker threads.
        contract: The descriptor set.
    """

    auth_address: EndpointsSetting | None = None
    tenants_address: EndpointsSetting | None = None
    sessions_address: EndpointsSetting | None = None
    mesh_certificates: Folder | None = None
    mesh_trust_domain: Annotated[TrustDomainSetting | None, Field(validate_default=True)] = None
    run_folder: Folder = Path("/run/coditect")
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    contract: Path = Path("build/contract.binpb")

    @property
    def addresses(self) -> Mapping[str, tuple[Endpoint, ...]]:
        """The addresses of each context by its name, without those that are not given."""
        given = {
            "auth": self.auth_address,
            "tenants": self.tenants_address,
            "sessions": self.sessions_address,
        }
        return {name: addresses for name, addresses in given.items() if addresses}

    @field_validator("otel_exporter_otlp_certificate")
    @classmethod
    def _for_https(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        # Envoy knows no authorities by itself, and would trust any certificate.
        endpoint = info.data.get("otel_exporter_otlp_endpoint", "")
        if endpoint.startswith("https:") and file is None:
            raise ValueError("is needed for an https collector")
        return None if file is None else file.absolute()

    @field_validator("mesh_trust_domain")
    @classmethod
    def _both_or_neither(cls, domain: str | None, info: ValidationInfo) -> str | None:
        if (domain is None) != (info.data.get("mesh_certificates") is None):
            raise ValueError("goes with MESH_CERTIFICATES: both or neither")
        return domain


class Settings(EnvoySettings):
    """The additional settings of the edge.

    Attributes:
        listen: Where the gateway listens: one address, or several.
        probes_listen: Where liveness and metrics are served; None to disable.
        admin_listen: Where Envoy's admin interface listens; None to disable. With probes it is a
            local socket instead.
        token_issuer: The URL of the gateway for users, and the `iss` of a valid access token.
        token_audience: The `aud` of a valid access token. `TOKEN_ISSUER` and `/api/v5` if empty.
        cors_origins: The exact origins whose pages may read answers, comma separated; the same as in
            auth. If it is empty and the host of `TOKEN_ISSUER` is this machine, as on a laptop, every
            page of this machine may.
        site: The folder of the console and the documentation, which `python -m tools.site` makes; None to
            serve only the API. The gateway reads its files when it starts.
        trusted_proxies: The number of proxies in front of the gateway; that many entries at the end of
            X-Forwarded-For are trusted, and X-Forwarded-Proto.
        credential_rate: Calls per minute and client address to the methods that take a credential;
            0 for no limit. This limit and the next three are those of one gateway: several allow as
            many times as much.
        user_rate: Calls per minute and user; 0 for no limit.
        address_rate: Calls per minute and client address without a valid token to methods for users,
            and as many to health, readiness and the key set; 0 for no limit.
        exchange_rate: Calls per minute and client address with tokens that are no JWT, such as
            personal access tokens, good ones included; 0 for no limit. Only calls for which auth is
            asked count: each worker remembers its answer for a second. So this bounds what one address
            costs auth.
        ipv6_site_factor: How many times the calls of one address a whole /48 of IPv6 may make; an
            address of IPv6 is a /64.
        hsts_seconds: For how long a browser that called over TLS calls only over TLS
            (Strict-Transport-Security); 0 for not at all. TLS ends in front of the gateway, so this
            needs trusted proxies, which say so in X-Forwarded-Proto.
        idle_timeout: Seconds after which a client's connection without a call is closed. Must be
            longer than a load balancer in front keeps its connections, 600 s at Google's: otherwise
            it may send a call into a connection that is being closed, and answer with 502.
        request_timeout: Seconds until the gateway gives up on a call to a service.
        download_idle_timeout: Seconds without a byte until it gives up on a download; the whole
            download may take longer.
        notice_seconds: Seconds for which a load balancer may still send new connections before the
            gateway stops.
        drain_seconds: The maximum time for running calls to end after that.
        keys_socket: The name of the local socket through which the gateway fetches auth's keys; a
            leading `@` means a socket without a file. Empty for a name made from `listen`.
    """

    auth_address: EndpointsSetting
    tenants_address: EndpointsSetting
    sessions_address: EndpointsSetting
    listen: AddressesSetting = (Address("127.0.0.1", 8080),)
    probes_listen: AddressSetting | None = None
    admin_listen: AddressSetting | None = None
    token_issuer: PublicUrlSetting = "https://coditect.local"  # noqa: S105 - no secret
    token_audience: ResourceSetting = ""

    @field_validator("token_audience")
    @classmethod
    def _the_api(cls, audience: str, info: ValidationInfo) -> str:
        return audience or api_of(info.data.get("token_issuer", ""))

    cors_origins: PageOriginsSetting = ()
    site: Site | None = None

    @property
    def known_origins(self) -> KnownOrigins:
        """The origins whose pages may read answers."""
        return KnownOrigins.of(self.token_issuer, self.cors_origins)

    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    credential_rate: Annotated[int, Field(ge=0, le=100_000)] = 600
    user_rate: Annotated[int, Field(ge=0, le=1_000_000)] = 3000
    address_rate: Annotated[int, Field(ge=0, le=1_000_000)] = 3000
    exchange_rate: Annotated[int, Field(ge=0, le=1_000_000)] = 30_000
    ipv6_site_factor: Annotated[int, Field(ge=1, le=1000)] = 10
    hsts_seconds: Annotated[int, Field(ge=0, le=63_072_000)] = 31_536_000
    idle_timeout: Annotated[float, Field(ge=1, le=86_400)] = 660.0
    request_timeout: Annotated[float, Field(ge=0.1, le=300)] = 10.0
    download_idle_timeout: Annotated[float, Field(ge=0.1, le=300)] = 60.0
    notice_seconds: Annotated[float, Field(ge=0, le=300)] = 5.0
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 10.0
    keys_socket: Annotated[str, Field(max_length=100)] = ""

    @property
    def keys_pipe(self) -> str:
        """The name of the socket of the keys."""
        return self.keys_socket or f"@coditect-keys-{self.listen[0]}"


class SidecarSettings(EnvoySettings):
    """The additional settings of a sidecar.

    Attributes:
        service_address: Where the service beside it serves gRPC: `host:port` or `unix:/path`.
        metrics_address: Where the service serves its metrics; None to disable.
        mesh_certificates: The folder with `tls.crt`, `tls.key` and `ca.crt`. A sidecar does not
            start without it, nor without a trust domain.
        mesh_listen: Where the sidecar accepts calls over mutual TLS.
        mesh_fronts: The workloads that forward the calls of users, comma separated.
        mesh_connection_seconds: For how long a connection between sidecars takes calls, and the longest
            that a call takes. So a peer whose certificate has expired, or is of a CA that was removed,
            is gone after twice as long.
        probes_listen: Where health and metrics are served.
        auth_listen: Where the service calls auth.
        tenants_listen: Where the service calls tenants.
        sessions_listen: Where the service calls sessions.
    """

    service_address: EndpointSetting = Address("127.0.0.1", 50051)
    metrics_address: AddressSetting | None = None
    mesh_certificates: Folder = Path("/var/run/coditect/mesh")
    mesh_listen: AddressSetting = Address("0.0.0.0", 8443)  # noqa: S104 - for its peers
    mesh_fronts: FrontsSetting = FRONTS
    mesh_connection_seconds: Annotated[int, Field(ge=5, le=86_400)] = 3600
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
