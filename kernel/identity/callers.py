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
from coditect.access.v1.access_pb2 import ROLE_UNSPECIFIED
from kernel.errors import RoleMissing, TenantSuspended


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
    tenant_epoch: int = 0
    """The epoch of the tenant at which the role was read; always 0 in a self-tenant."""
    tenant_suspended: bool = False
    """Whether the tenant was suspended then: its owners may resume it."""


@dataclass(frozen=True, slots=True)
class TenantCall:
    """A call about a tenant, of which a token alone cannot tell whether it is allowed.

    Made from the rule of the method before the method runs: whoever asks for one cannot forget it.
    """

    caller: Caller
    tenant_id: UUID
    """The tenant that the request names, which may be any."""
    least_role: Role
    """What the caller must be in it."""
    others_least_role: Role | None = None
    """What the caller must be to reach what belongs to others; None where nothing does."""


_current: ContextVar[Caller] = ContextVar("caller")
_may_manage_others: ContextVar[bool] = ContextVar("may_manage_others", default=False)
_current_tenant: ContextVar[TenantCall] = ContextVar("tenant_call")


def current_caller() -> Caller:
    """The user whose call is being answered; only in methods for users."""
    return _current.get()


def may_manage_others() -> bool:
    """Whether the caller reaches what belongs to others in the active tenant, by the rule."""
    return _may_manage_others.get()


def current_tenant_call() -> TenantCall:
    """The call that is being answered; only in methods whose rule has a `tenant_field`."""
    return _current_tenant.get()


def enter_tenant(call: TenantCall) -> None:
    """Makes the call current for the rest of it."""
    _current_tenant.set(call)


@dataclass(frozen=True)
class Rule:
    """Who may call a method: exactly one of `public`, a `least_role` or `services` applies."""

    public: bool
    user: bool
    least_role: Role
    services: frozenset[str]
    tenant_field: str = ""
    """The field of the request with the tenant that the least role is meant in; or empty."""
    in_tenant: bool = False
    """Whether it is about the active tenant, without naming it."""
    others_least_role: Role | None = None
    """The least role that also reaches what belongs to others; None if nobody does."""
    field_roles: tuple[tuple[str, Role], ...] = ()
    """Fields of the request, each with the least role that may set it."""

    def admit(self, caller: Caller) -> None:
        """Makes a user the caller of a call to this method.

        Where the request names a tenant, the role is that in it: nobody knows yet. Raises
        `TenantSuspended`, `RoleMissing`.
        """
        if self.in_tenant:
            if caller.tenant_suspended:
                raise TenantSuspended
            if caller.role < self.least_role:
                raise RoleMissing
            if self.others_least_role is not None:
                _may_manage_others.set(caller.role >= self.others_least_role)
        _current.set(caller)


class RuleMissing(Exception):
    """A method has no access rule, or one that lets nobody in; it must not be served."""


def rule_of(method: MethodDescriptor) -> Rule:
    """Reads the access rule of a method. Raises `RuleMissing`."""
    option: access_pb2.Rule = method.GetOptions().Extensions[access_pb2.rule]  # type: ignore[index]
    services = frozenset(option.services)
    for_services = option.audience == access_pb2.AUDIENCE_SERVICE
    if option.audience == access_pb2.AUDIENCE_UNSPECIFIED or for_services != bool(services):
        raise RuleMissing(f"{method.full_name} has no valid access rule")
    if option.tenant_field and not _names_a_tenant(method, option):
        raise RuleMissing(f"{method.full_name} has no valid tenant field in its access rule")
    in_tenant = option.audience == access_pb2.AUDIENCE_USER and bool(option.least_role)
    if option.others_least_role and not (
        in_tenant and option.least_role <= option.others_least_role
    ):
        raise RuleMissing(f"{method.full_name} has no valid role for what is others'")
    if not all(_names_an_optional(method, option, field) for field in option.fields):
        raise RuleMissing(f"{method.full_name} has no valid role for a field")
    return Rule(
        public=option.audience == access_pb2.AUDIENCE_PUBLIC,
        user=option.audience == access_pb2.AUDIENCE_USER,
        least_role=Role(option.least_role or Role.MEMBER),
        services=services,
        tenant_field=option.tenant_field,
        in_tenant=in_tenant and not option.tenant_field,
        others_least_role=Role(option.others_least_role) if option.others_least_role else None,
        field_roles=tuple((field.field, Role(field.least_role)) for field in option.fields),
    )


def _names_an_optional(
    method: MethodDescriptor, option: access_pb2.Rule, field: access_pb2.FieldRole
) -> bool:
    found = method.input_type.fields_by_name.get(field.field)
    tells_absence = found is not None and found.has_presence
    return bool(option.tenant_field) and tells_absence and field.least_role > option.least_role


def _names_a_tenant(method: MethodDescriptor, option: access_pb2.Rule) -> bool:
    field = method.input_type.fields_by_name.get(option.tenant_field)
    return (
        option.audience == access_pb2.AUDIENCE_USER
        and option.least_role != ROLE_UNSPECIFIED
        and field is not None
        and field.type == field.TYPE_STRING
        and not method.client_streaming
    )
