"""What a login is, and what it gives."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kernel import self_tenant
from kernel.identity.callers import Role
from kernel.identity.devices import Device
from services.auth.users.model import User

CLOCK_SKEW = timedelta(seconds=5)
"""How much the clocks of two replicas may differ."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Login:
    """A login on one device: the family of refresh tokens that descend from its first one."""

    login_id: UUID
    user_id: UUID
    tenant_id: UUID
    """The tenant that its access tokens are for."""
    role: Role
    create_time: datetime
    last_used_time: datetime
    expire_time: datetime
    device: Device
    token_hash: bytes
    """SHA-256 of the refresh token in force."""
    previous_token_hash: bytes
    """SHA-256 of the one before; empty before the first rotation."""
    rotation_salt: bytes
    """Together with the previous token it gives the token in force."""
    rotate_time: datetime
    device_id: UUID
    """The id of the first login on the device, as far as the account knows it; else its own."""
    auth_time: datetime
    """When the user last proved who they are."""

    def auth_time_at(self, now: datetime) -> datetime:
        """When the user last proved who they are, as far as that is known now.

        A time in the future is that of a clock that was ahead. It counts as long ago, because it
        would count as recent once more when it comes.
        """
        return self.auth_time if self.auth_time <= now + CLOCK_SKEW else _LONG_AGO


@dataclass(frozen=True, slots=True)
class LoginTenant:
    """The tenant that a login is for, as its user sees it."""

    tenant_id: UUID
    name: str
    slug: str
    kind: str
    role: str
    state: str
    create_time: datetime
    epoch: int = 0
    """The epoch of the tenant at which the role was read; always 0 in a self-tenant."""

    @property
    def is_self_tenant(self) -> bool:
        """Whether it is the self-tenant of a user."""
        return self.kind == self_tenant.KIND

    @classmethod
    def self_tenant(cls, user_id: UUID, create_time: datetime) -> "LoginTenant":
        """The self-tenant of a user: nothing in it can change, so tenants need not be asked."""
        tenant_id = self_tenant.self_tenant_id(user_id)
        return cls(
            tenant_id=tenant_id,
            name=self_tenant.NAME,
            slug=self_tenant.slug(tenant_id),
            kind=self_tenant.KIND,
            role=str(Role.OWNER),
            state=self_tenant.ACTIVE,
            create_time=create_time,
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client needs to act as the user."""

    access_token: str
    refresh_token: str | None
    """None where the client keeps the one that it has."""
    expires_in: int
    """The life of the access token in seconds."""


@dataclass(frozen=True, slots=True)
class LoginResult:
    """The answer to a login: the user, the tenant, and the tokens for it."""

    user: User
    tenant: LoginTenant
    tokens: Tokens
    device_token: str = ""
    """The secret by which the account knows the device; only where a password was proved."""
