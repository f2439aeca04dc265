"""Service accounts and their keys, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel import self_tenant
from kernel.identity.callers import Role


class TenantState(NamedTuple):
    """A tenant as it is to callers that are no members.

    Attributes:
        kind: `self` or `organization`.
        state: `active` or `suspended`.
        epoch: The epoch of the tenant at which all of this was read.
        programs_allowed: Whether programs get access tokens for it.
        longest_token_days: For how many days at most a key is good in it; 0 for no limit.
    """

    kind: str
    state: str
    epoch: int
    programs_allowed: bool
    longest_token_days: int

    @property
    def is_active(self) -> bool:
        """Whether it is not suspended."""
        return self.state == self_tenant.ACTIVE


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A caller that belongs to an organization."""

    account_id: UUID
    """The `sub` of its access tokens."""
    tenant_id: UUID
    name: str
    role: Role
    scopes: frozenset[str]
    create_time: datetime
    grant_id: UUID
    """The `sid` of its access tokens. A change that takes something away replaces it, and revokes
    what came from the one before."""


@dataclass(frozen=True, slots=True)
class ServiceAccountKey:
    """A key of a service account, without its secret."""

    key_id: UUID
    account_id: UUID
    tenant_id: UUID
    name: str
    secret_hash: bytes
    """SHA-256 of the secret."""
    create_time: datetime
    expire_time: datetime
    notice_time: datetime | None
    """When its maker is told that it ends; None once that is done, or if it is not due."""
    created_by: UUID | None
    """The user who made it; None once that account is deleted."""
    last_used_time: datetime | None = None
    """Its last use, noted at most once an hour."""


@dataclass(frozen=True, slots=True)
class NewServiceAccountKey:
    """A new key with its text, which is seen once."""

    key: ServiceAccountKey
    text: str


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """What changes of a service account; None for what stays."""

    name: str | None = None
    role: Role | None = None
    scopes: frozenset[str] | None = None
