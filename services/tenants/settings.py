"""What tenants is told at start."""

from typing import Annotated

from pydantic import Field

from kernel.settings import AddressSetting, ServiceSettings


class TenantsSettings(ServiceSettings):
    """The settings of tenants, beside those of every service."""

    auth_address: AddressSetting
    """Where auth serves gRPC."""

    tenants_per_user: Annotated[int, Field(ge=1, le=1_000)] = 50
    """The most organisations that one user is in; the own tenant does not count."""
    members_per_tenant: Annotated[int, Field(ge=1)] = 100_000
    """The most members of one organisation."""
    invitations_per_tenant: Annotated[int, Field(ge=1)] = 1_000
    """The most invitations to one organisation that wait to be accepted."""
    invitation_days: Annotated[int, Field(ge=1, le=365)] = 7
    """An invitation can be accepted for so long."""
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    """What was done in a tenant is remembered for so long."""
