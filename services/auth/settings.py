"""The settings of auth."""

import os
from typing import Annotated

from pydantic import Field

from kernel.settings import AddressSetting, ServiceSettings


class AuthSettings(ServiceSettings):
    """The settings of auth, beside those of every service."""

    tenants_address: AddressSetting
    """Where tenants serves gRPC."""
    sessions_address: AddressSetting
    """Where sessions serves gRPC."""

    argon2_memory_kib: Annotated[int, Field(ge=8, le=4 << 20)] = 19_456
    """Memory of one hash in KiB (OWASP: 19 MiB with two passes and one lane)."""
    argon2_passes: Annotated[int, Field(ge=1, le=100)] = 2
    """Passes of one hash."""
    argon2_lanes: Annotated[int, Field(ge=1, le=16)] = 1
    """Lanes of one hash."""
    hash_threads: Annotated[int, Field(ge=1, le=256)] = os.cpu_count() or 1
    """Hashes computed at once; times the memory of one, this is what hashing may take."""
    hash_queue: Annotated[int, Field(ge=1)] = 256
    """Hashes that may wait; one more is refused at once instead of after its caller gave up."""

    login_idle_seconds: Annotated[int, Field(ge=60)] = 30 * 86_400
    """A login that is not refreshed for so long ends."""
    login_life_seconds: Annotated[int, Field(ge=60)] = 180 * 86_400
    """A login ends after so long in any case."""
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0
    """A spent refresh token gives the same successor for so long, if that was not used: tabs refresh
    at once, and an answer may be lost while a store or a service recovers."""
    logins_per_user: Annotated[int, Field(ge=1, le=500)] = 100
    """One login more ends the one that was used least recently."""

    key_life_seconds: Annotated[int, Field(ge=3600)] = 30 * 86_400
    """A signing key signs for so long."""
    key_lead_seconds: Annotated[int, Field(ge=60)] = 600
    """The next signing key is published for so long before it signs."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """A logout waits at most so long for every service to know of it."""
