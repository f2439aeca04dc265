"""The gateway's settings, read from the environment once."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from kernel import settings
from kernel.settings import Address, AddressSetting

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _check_origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    # A wildcard would let any page use what a user's page holds.
    if any(not _ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("must be exact origins like https://app.example.com")
    return origins


Origins = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_check_origins)]


class Settings(settings.Settings):
    """What the gateway needs to know; every field is the environment variable in upper case.

    Attributes:
        listen: Where the gateway listens.
        admin_listen: Where Envoy's admin interface listens; None for nowhere.
        auth_address: Where the auth service is found.
        tenants_address: Where the tenants service is found.
        sessions_address: Where the sessions service is found.
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
        keys_socket: The name of the local socket through which the gateway asks auth for its keys;
            `@` begins one without a file. Empty for a name made from `listen`.
        contract: The descriptor set.
    """

    listen: AddressSetting = Address("127.0.0.1", 8080)
    admin_listen: AddressSetting | None = None
    auth_address: AddressSetting
    tenants_address: AddressSetting
    sessions_address: AddressSetting
    token_issuer: Annotated[str, Field(min_length=1)] = "https://coditect.local"  # noqa: S105
    token_audience: Annotated[str, Field(min_length=1)] = "coditect-v5"  # noqa: S105
    cors_origins: Origins = ()
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    credential_rate: Annotated[int, Field(ge=0, le=100_000)] = 600
    request_timeout: Annotated[float, Field(ge=0.1, le=300)] = 10.0
    download_idle_timeout: Annotated[float, Field(ge=0.1, le=300)] = 60.0
    keys_socket: Annotated[str, Field(max_length=100)] = ""
    contract: Path = Path("build/contract.binpb")

    @property
    def addresses(self) -> Mapping[str, Address]:
        """The address of each context by its name."""
        return {
            "auth": self.auth_address,
            "tenants": self.tenants_address,
            "sessions": self.sessions_address,
        }

    @property
    def keys_pipe(self) -> str:
        """The name of the socket of the keys."""
        return self.keys_socket or f"@coditect-keys-{self.listen}"
