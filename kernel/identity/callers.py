"""The caller of a call, and the rule of a method.

The rule stands beside the method in the contract (`coditect/access/v1`); this file reads it and
says whether a caller meets it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from google.protobuf.descriptor import MethodDescriptor

from coditect.access.v1 import access_pb2
from kernel.errors import RoleMissing


class Role(IntEnum):
    """A role in a tenant; a larger one includes the smaller ones."""

    MEMBER = 1
    ADMIN = 2
    OWNER = 3

    def __str__(self) -> str:
        """The spelling in tokens and JSON: `owner`, `admin` or `member`."""
        return self.name.lower()

    @classmethod
    def parse(cls, name: str) -> "Role":
        """The role of that spelling. Raises `KeyError`."""
        return _ROLES[name]


_ROLES = {str(role): role for role in Role}


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a valid access token."""

    user_id: UUID
    tenant_id: UUID
    role: Role
    login_id: UUID
    issue_second: int
    """The `iat` of the token, in seconds since 1970."""
    expire_second: int
    """The `exp` of the token, in seconds since 1970."""

    def require(self, least: Role) -> None:
        """Raises `RoleMissing` if the role is less than that."""
        if self.role < least:
            raise RoleMissing


_current: ContextVar[Caller] = ContextVar("caller")


def current_caller() -> Caller:
    """The user whose call is being answered; only in methods for users."""
    return _current.get()


def enter(caller: Caller) -> None:
    """Makes the caller current for the rest of this call."""
    _current.set(caller)


@dataclass(frozen=True)
class Rule:
    """Who may call a method: exactly one of `public`, a `least_role` or `services` applies."""

    public: bool
    user: bool
    least_role: Role
    services: frozenset[str]


class RuleMissing(Exception):
    """A method has no access rule, or one that lets nobody in; it must not be served."""


def rule_of(method: MethodDescriptor) -> Rule:
    """Reads the access rule of a method. Raises `RuleMissing`."""
    option: access_pb2.Rule = method.GetOptions().Extensions[access_pb2.rule]  # type: ignore[index]
    services = frozenset(option.services)
    for_services = option.audience == access_pb2.AUDIENCE_SERVICE
    if option.audience == access_pb2.AUDIENCE_UNSPECIFIED or for_services != bool(services):
        raise RuleMissing(f"{method.full_name} has no valid access rule")
    return Rule(
        public=option.audience == access_pb2.AUDIENCE_PUBLIC,
        user=option.audience == access_pb2.AUDIENCE_USER,
        least_role=Role(option.least_role or Role.MEMBER),
        services=services,
    )
