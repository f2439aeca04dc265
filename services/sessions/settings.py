"""The settings of sessions."""

from typing import Annotated

from pydantic import Field

from kernel.settings import MOST_SECONDS, EndpointSetting, ServiceSettings


class SessionsSettings(ServiceSettings):
    """The settings of sessions, beside those of every service."""

    auth_address: EndpointSetting
    """Where auth serves gRPC."""

    idle_seconds: Annotated[int, Field(ge=1, le=MOST_SECONDS)] = 7 * 86_400
    """A session without a change or heartbeat for so long ends."""
    sessions_per_user: Annotated[int, Field(ge=1, le=100_000)] = 500
    """The most sessions of one user in one tenant."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """The longest time that a call which ends sessions waits until every service refuses their tokens."""
