"""What tenants is told at start."""

from typing import Annotated

from pydantic import Field

from kernel.settings import AddressSetting, ServiceSettings


class TenantsSettings(ServiceSettings):
    """The settings of tenants, beside those of every service."""

    auth_address: AddressSetting
    """Where auth serves gRPC."""

    sweep_seconds: Annotated[float, Field(gt=0)] = 10.0
    """Time between two rounds of the sweeper."""
