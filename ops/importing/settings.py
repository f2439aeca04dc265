"""What an import and an export take from the environment, as the services do."""

from typing import Annotated

from pydantic import Field

from kernel.seal import Seal
from kernel.settings import KeysSetting, Settings, secrets_of
from services.auth.settings import HostNameSetting


class ToolSettings(Settings):
    """The settings of the services that count here, with the same names, defaults and bounds."""

    seal_keys: KeysSetting | None = None
    """`SEAL_KEYS` of auth: only for the secrets of authenticator apps."""
    passkey_rp_id: HostNameSetting = "localhost"
    """The domain that passkeys belong to."""
    tenants_per_user: Annotated[int, Field(ge=1, le=1_000)] = 50
    """The maximum number of organizations of one user."""
    members_per_tenant: Annotated[int, Field(ge=1, le=150_000)] = 100_000
    """The maximum number of members of an organization."""

    @property
    def seal(self) -> Seal | None:
        """The seal keys of auth, if they are given."""
        return None if self.seal_keys is None else Seal(secrets_of(self.seal_keys))
