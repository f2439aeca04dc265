"""What tenants is told at start."""

from kernel.settings import AddressSetting, ServiceSettings


class TenantsSettings(ServiceSettings):
    """The settings of tenants, beside those of every service."""

    auth_address: AddressSetting
    """Where auth serves gRPC."""
