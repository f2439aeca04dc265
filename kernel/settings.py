"""Settings come from the environment, are read once, and never change after.

A setting `store_url` is the variable `STORE_URL`. All missing and invalid settings are reported
together, so that five mistakes do not take five restarts to find.
"""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, TypeAlias
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

FRONTS = ("gateway",)
"""The workloads that forward the calls of users, by default."""
LONGEST_TOKEN_SECONDS = 3600
"""The longest life that an access token can be given."""
API_PATH = "/api/v5"
"""What all paths of the API begin with."""
MOST_SECONDS = 3650 * 86_400
"""The upper bound of long times: ten years, so that no time after today overflows."""
SOCKET_PATH_BYTES = 103
"""The longest path of a Unix socket: Linux takes 107 bytes, macOS 103."""
_UNIX = "unix:"
# What neither gRPC, which reads the address as a URI, nor a comma-separated list takes for anything else.
_SOCKET_PATH = re.compile(r"(/[A-Za-z0-9._-]+)+")
_PORT = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 65535
_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~-]+)*")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class SettingsInvalid(Exception):
    """One or more settings are missing or invalid; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Address(NamedTuple):
    """Where to listen or to connect: a host name or address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        """The form `host:port`."""
        return f"{self.host}:{self.port}"


class SocketPath(NamedTuple):
    """The absolute path of a Unix socket, through which processes of one machine call each other."""

    path: str

    def __str__(self) -> str:
        """The form `unix:/path`, which is also that of gRPC."""
        return f"{_UNIX}{self.path}"


Endpoint: TypeAlias = Address | SocketPath
"""Where a service listens, or is called."""


def _address(value: object) -> Address:
    host, _, port = str(value).rpartition(":")
    if not host or not _PORT.fullmatch(port) or int(port) > _LAST_PORT:
        raise ValueError("must be host:port")
    return Address(host, int(port))


def _endpoint(value: object) -> Endpoint:
    text = str(value)
    if text.startswith(_UNIX):
        return SocketPath(_socket_path(text.removeprefix(_UNIX)))
    try:
        return _address(value)
    except ValueError:
        raise ValueError("must be host:port or unix:/path") from None


def _socket_path(path: str) -> str:
    if not _SOCKET_PATH.fullmatch(path):
        raise ValueError("must be unix: and an absolute path of letters, digits, '.', '_' and '-'")
    if len(path) > SOCKET_PATH_BYTES:
        raise ValueError(
            f"has a path of {len(path)} bytes; a socket's has {SOCKET_PATH_BYTES} at most"
        )
    return path


def is_local(where: Endpoint) -> bool:
    """Whether only processes of this host reach it."""
    return isinstance(where, SocketPath) or is_loopback(where.host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this host's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _keys(value: object) -> tuple[SecretStr, ...]:
    keys = [key.strip() for key in str(value).split(",")]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        # The message must not quote the key.
        raise ValueError("must be comma-separated keys of 32 bytes, each in base64url") from None
    return tuple(SecretStr(key) for key in keys)


def split(value: object) -> object:
    """Splits a text at its commas; returns any other value unchanged."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("must be a name of lowercase characters, digits, dots and hyphens")
    return value


def _public_url(value: str) -> str:
    if not _is_url(value) or urlsplit(value).path:
        raise ValueError("must be https://HOST or https://HOST:PORT, or http on loopback")
    return value


def _resource(value: str) -> str:
    if value and not _is_url(value):
        raise ValueError("must be an https URL without query, fragment and final slash")
    return value


def _is_url(value: str) -> bool:
    """Whether it is a URL, https or on loopback, as programs compare it: character by character."""
    try:
        url = urlsplit(value)
        written = f"{_origin(url)}{url.path}"
    except ValueError:  # the message must not quote the value
        return False
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
    return secure and _URL.fullmatch(value) is not None and value == written


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    # A wildcard would let any page use the tokens of a user's page.
    if not all(map(_is_origin, origins)):
        raise ValueError(
            "must be exact origins like https://app.example.com, as browsers write them"
        )
    return origins


def _is_origin(value: str) -> bool:
    """Whether it is an origin as browsers write it: no other spelling would ever match theirs."""
    try:
        return _ORIGIN.fullmatch(value) is not None and value == _origin(urlsplit(value))
    except ValueError:  # the message must not quote the value
        return False


def _origin(url: SplitResult) -> str:
    """The origin of a URL in its one spelling: lowercase, without the port of the scheme."""
    host, port = url.hostname or "", url.port
    shown = f"[{host}]" if ":" in host else host
    shown += "" if port in {None, _DEFAULT_PORTS.get(url.scheme)} else f":{port}"
    return f"{url.scheme}://{shown}"


def api_of(issuer: str) -> str:
    """The identifier of the API as a resource (RFC 8707): the URL that all its paths begin with."""
    return f"{issuer}{API_PATH}"


def _collector(value: str) -> str:
    try:
        url = urlsplit(value)
        origin = _origin(url)
    except ValueError:  # the message must not quote the value
        origin = ""
    if value and (_ORIGIN.fullmatch(value) is None or value != origin):
        raise ValueError("must be http://HOST:PORT or https://HOST:PORT")
    return value


AddressSetting = Annotated[Address, BeforeValidator(_address)]
# Its one schema says what is written, not how it is kept.
EndpointSetting = Annotated[Endpoint, BeforeValidator(_endpoint), WithJsonSchema({})]
EndpointsSetting = Annotated[
    tuple[EndpointSetting, ...], BeforeValidator(split), Field(min_length=1)
]
AddressesSetting = Annotated[
    tuple[AddressSetting, ...], BeforeValidator(split), Field(min_length=1)
]
PublicUrlSetting = Annotated[str, Field(max_length=300), AfterValidator(_public_url)]
ResourceSetting = Annotated[
    str, Field(max_length=400, validate_default=True), AfterValidator(_resource)
]
TrustDomainSetting = Annotated[str, Field(max_length=255), AfterValidator(_name)]
PageOriginsSetting = Annotated[tuple[str, ...], BeforeValidator(split), AfterValidator(_origins)]
FrontsSetting = Annotated[tuple[Annotated[str, AfterValidator(_name)], ...], BeforeValidator(split)]
KeysSetting = Annotated[tuple[SecretStr, ...], BeforeValidator(_keys)]
CollectorSetting = Annotated[str, Field(max_length=300), AfterValidator(_collector)]


class Settings(BaseModel):
    """Settings read from an environment.

    Every number has an upper bound, with which the program works: no time computed from it overflows.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Reads the settings. Raises `SettingsInvalid`."""
        given = {
            name: environ[name.upper()] for name in cls.model_fields if environ.get(name.upper())
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsInvalid(
                [
                    f"{'.'.join(map(str, problem['loc'])).upper()}: "
                    + problem["msg"].removeprefix("Value error, ")
                    for problem in error.errors(include_url=False, include_input=False)
                ]
            ) from None


class TracingSettings(Settings):
    """Where traces go: the standard variables of OpenTelemetry, the same in every process."""

    otel_exporter_otlp_endpoint: CollectorSetting = ""
    """The collector, which takes OTLP over gRPC, such as `http://localhost:4317`. Empty for no traces: the
    process then does not load OpenTelemetry."""
    otel_exporter_otlp_protocol: Literal["grpc"] = "grpc"
    """Only `grpc`, which services and Envoy both speak."""
    otel_exporter_otlp_certificate: Annotated[Path | None, Field(validate_default=True)] = None
    """The authorities of the collector's certificate (PEM), for an `https` collector. An Envoy needs it, a
    service only if the certificate is of no public authority."""
    otel_traces_sampler: Literal[
        "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"
    ] = "parentbased_always_on"
    """Which traces are recorded. The gateway decides for its calls, and a service for its background work;
    all others follow that decision."""
    otel_traces_sampler_arg: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of the traces that `parentbased_traceidratio` records: 0.01 for one in a hundred. The gateway
    rounds it to a whole ten-thousandth."""

    @property
    def trace_share(self) -> float:
        """The share of new traces that are recorded, 0 to 1."""
        if self.otel_traces_sampler == "parentbased_traceidratio":
            return self.otel_traces_sampler_arg
        return float(self.otel_traces_sampler == "parentbased_always_on")


class ServiceSettings(TracingSettings):
    """The settings of every service."""

    store_url: str
    """Where the store is: `lmdb:///path` or `fdb:///path/to/fdb.cluster`. The file of an `lmdb` store
    grows up to 64 GiB; `lmdb:///path?map_size=BYTES` sets another limit, also for a store that
    exists. Give all services the same."""
    listen: EndpointSetting
    """Where to serve gRPC: `host:port`, whose port 0 takes a free one, or `unix:/path`, a Unix socket that
    only programs of the same user can call."""
    metrics_listen: AddressSetting | None = None
    """Where to serve Prometheus metrics over HTTP; nowhere if unset."""
    service_keys: KeysSetting
    """Shared by all services: prove that a call comes from one of them."""
    seal_keys: KeysSetting
    """Only for this context: seal page tokens and, in auth, signing keys."""
    token_issuer: PublicUrlSetting = "https://coditect.local"  # noqa: S105 - no secret
    """The URL of the gateway for users, and the `iss` of tokens, the same in every service and in the
    gateway. Programs find everything else from it (RFC 8414). With another value no token issued
    before is good."""
    token_audience: ResourceSetting = ""
    """The `aud` of access tokens: the identifier of the API as a resource (RFC 8707, RFC 9728), the same
    in every service and in the gateway. `TOKEN_ISSUER` and `/api/v5` if empty."""

    @field_validator("token_audience")
    @classmethod
    def _the_api(cls, audience: str, info: ValidationInfo) -> str:
        return audience or api_of(info.data.get("token_issuer", ""))

    token_seconds: Annotated[int, Field(ge=30, le=LONGEST_TOKEN_SECONDS)] = 900
    """The lifetime of an access token, the same in every service. A smaller value also applies to
    tokens that were issued before."""
    feed_stale_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    """The longest silence of the revocation feed; after it, no token is trusted."""
    call_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
    """The time limit of a call without a deadline of its own."""
    stop_seconds: Annotated[float, Field(ge=0, le=300)] = 10.0
    """The time that running calls have to end when the process stops."""
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    """How long a stopping process still accepts calls while its health check already fails:
    callers need this time to notice and to turn to another replica."""
    mesh_trust_domain: TrustDomainSetting | None = None
    """The trust domain of the sidecars' names. If set, a call is accepted only if the sidecar names
    its workload. Only for a service that is reachable through its sidecar alone."""
    mesh_fronts: FrontsSetting = FRONTS
    """The workloads that forward the calls of users, comma separated."""

    @field_validator("mesh_trust_domain")
    @classmethod
    def _behind_a_sidecar(cls, domain: str | None, info: ValidationInfo) -> str | None:
        # Any other program that reaches the port could forge the sidecar's header.
        listen = info.data.get("listen")
        if domain is not None and listen is not None and not is_local(listen):
            raise ValueError("is only for a service that listens on loopback or on a Unix socket")
        return domain

    sweep_seconds: Annotated[float, Field(gt=0, le=86_400)] = 10.0
    """Time between two sweeps of expired rows."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The minimum level of log lines."""
    revision: Annotated[str, Field(max_length=100)] = "unknown"
    """Which build runs, for the metric `coditect_build_info`: the chart gives the image's digest or tag."""


def secrets_of(keys: tuple[SecretStr, ...]) -> list[str]:
    """The keys in plain text, for the one place that needs them."""
    return [key.get_secret_value() for key in keys]
