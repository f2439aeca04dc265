"""The settings of auth."""

import os
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from kernel.settings import MOST_SECONDS, AddressSetting, ServiceSettings

_LANE_KIB = 8  # RFC 9106, section 3.1


class AuthSettings(ServiceSettings):
    """The settings of auth, in addition to those of every service."""

    tenants_address: AddressSetting
    """Where tenants serves gRPC."""
    sessions_address: AddressSetting
    """Where sessions serves gRPC."""

    argon2_memory_kib: Annotated[int, Field(ge=8, le=4 << 20)] = 19_456
    """Memory for one password hash in KiB (OWASP: 19 MiB with two passes and one lane)."""
    argon2_passes: Annotated[int, Field(ge=1, le=100)] = 2
    """Argon2id passes for one password hash."""
    argon2_lanes: Annotated[int, Field(ge=1, le=16)] = 1
    """Argon2id lanes for one password hash. Each needs 8 KiB of `ARGON2_MEMORY_KIB`."""

    @field_validator("argon2_lanes")
    @classmethod
    def _in_memory(cls, lanes: int, info: ValidationInfo) -> int:
        memory = info.data.get("argon2_memory_kib")
        if memory is not None and memory < _LANE_KIB * lanes:
            raise ValueError(f"needs {_LANE_KIB} KiB of ARGON2_MEMORY_KIB for each lane")
        return lanes

    hash_threads: Annotated[int, Field(ge=1, le=256)] = os.cpu_count() or 1
    """Password hashes computed at the same time. Hashing takes this many times `ARGON2_MEMORY_KIB`."""
    hash_queue: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Password hashes that may wait. Networks (/24 of IPv4, /48 of IPv6) take turns. If the queue is
    full, the network that has the most in it gets `HASHING_BUSY`."""

    login_idle_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 14 * 86_400
    """A login ends after this time without a refresh."""
    login_life_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 30 * 86_400
    """The maximum life of a login, however often it is refreshed (NIST SP 800-63B-4, section 2.1.3: 30
    days at AAL1)."""
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0
    """For this time a used refresh token gives the same successor again, unless the successor was
    used: browser tabs refresh at the same time, and an answer may be lost during an outage."""
    logins_per_user: Annotated[int, Field(ge=1, le=500)] = 100
    """The maximum number of logins of a user. A further login ends the least recently used one."""

    key_life_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 30 * 86_400
    """How long a signing key signs."""
    key_lead_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How long the next signing key is published before it signs."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """The maximum time that a logout waits until every service enforces it."""
