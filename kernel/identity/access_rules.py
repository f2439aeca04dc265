"""Access rules: who may call a method, by its option in the contract (`coditect/access/v1`).

The interceptor, the gateway and the tests all read the option through `rule_of`.
"""

from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor

from coditect.access.v1 import access_pb2
from coditect.access.v1.access_pb2 import ROLE_UNSPECIFIED
from kernel.errors import OperatorRequired, RoleMissing, ScopeMissing, TenantSuspended
from kernel.identity import scopes
from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Caller, Role


@dataclass(frozen=True)
class Rule:
    """Who may call a method: exactly one of `public`, `user` or `services` applies."""

    public: bool
    user: bool
    """Whether a user must show an access token, an operator or any."""
    least_role: Role
    services: frozenset[str]
    tenant_field: str = ""
    """The request field that names the tenant in which the least role applies; or empty."""
    in_tenant: bool = False
    """Whether the method acts in the active tenant, which the request does not name."""
    others_least_role: Role | None = None
    """The least role that also reaches what belongs to others; None if no role does."""
    field_roles: tuple[tuple[str, Role], ...] = ()
    """Fields of the request, each with the least role that may set it."""
    optional_user: bool = False
    """Whether a user may show an access token in a public method."""
    recent_seconds: int = 0
    """How old the user's last proof of who they are may be; 0 if its age does not matter."""
    strongest: bool = False
    """Whether a user who has a second factor must have shown it in the login."""
    least_assurance: Assurance = Assurance.AAL1
    """How surely every user must be known."""
    password_field: str = ""
    """The request field with the password, which the method verifies itself; or empty."""
    scopes: frozenset[str] = frozenset()
    """The scopes of which the token needs one; empty in a method that takes no token."""
    operator: bool = False
    """Whether the user must be an operator."""

    @property
    def needs_two_factors(self) -> bool:
        """Whether every user must have shown two factors."""
        return self.least_assurance > Assurance.AAL1

    @property
    def takes_token(self) -> bool:
        """Whether the method reads the access token of a call, if there is one."""
        return self.user or self.optional_user

    def check(self, caller: Caller) -> None:
        """Raises an error if the token does not permit the method.

        If the request names a tenant, the role in it comes from the store and is checked later, and
        so is what the tenant asks for. Raises `ScopeMissing`, `OperatorRequired`,
        `TenantSuspended`, `RoleMissing`, `SecondFactorRequired`.
        """
        if self.scopes.isdisjoint(caller.scopes):
            raise ScopeMissing({"scopes": scopes.write(self.scopes)})
        if self.operator and not caller.operator:
            raise OperatorRequired
        if caller.is_service_account and not (self.in_tenant or self.tenant_field):
            raise RoleMissing
        if self.in_tenant:
            if caller.tenant_suspended:
                raise TenantSuspended
            if caller.role < self.least_role:
                raise RoleMissing
            if caller.second_factor_required:
                require_assurance(caller, Assurance.AAL2)
        if self.strongest and caller.has_second_factor:
            require_assurance(caller, Assurance.AAL2)
        require_assurance(caller, self.least_assurance)

    def max_age(self, caller: Caller) -> int:
        """How old the caller's last proof may be, in seconds; 0 if its age does not matter.

        It does not for a user without a second factor where the request has the password.
        """
        if self.password_field and not caller.has_second_factor:
            return 0
        return self.recent_seconds


_OF_USERS = (access_pb2.AUDIENCE_USER, access_pb2.AUDIENCE_OPERATOR)


class RuleMissing(Exception):
    """A method has no access rule, or an invalid one; it must not be served."""


def rule_of(method: MethodDescriptor) -> Rule:
    """Reads the access rule of a method. Raises `RuleMissing`."""
    option: access_pb2.Rule = method.GetOptions().Extensions[access_pb2.rule]  # type: ignore[index]
    for fault, is_so in _faults(method, option).items():
        if is_so:
            raise RuleMissing(f"{method.full_name} {fault}")
    operator = option.audience == access_pb2.AUDIENCE_OPERATOR
    in_tenant = option.audience == access_pb2.AUDIENCE_USER and bool(option.least_role)
    return Rule(
        public=option.audience == access_pb2.AUDIENCE_PUBLIC,
        user=option.audience in _OF_USERS,
        least_role=Role(option.least_role or Role.MEMBER),
        services=frozenset(option.services),
        tenant_field=option.tenant_field,
        in_tenant=in_tenant and not option.tenant_field,
        others_least_role=Role(option.others_least_role) if option.others_least_role else None,
        field_roles=tuple((field.field, Role(field.least_role)) for field in option.fields),
        optional_user=option.optional_user,
        recent_seconds=option.recent,
        strongest=option.assurance == access_pb2.ASSURANCE_STRONGEST,
        least_assurance=(
            Assurance.AAL2
            if operator or option.assurance == access_pb2.ASSURANCE_AAL2
            else Assurance.AAL1
        ),
        password_field=option.password_field,
        scopes=frozenset(map(scopes.name_of, option.scopes)),
        operator=operator,
    )


def _faults(method: MethodDescriptor, option: access_pb2.Rule) -> dict[str, bool]:
    """What can be wrong with a rule, and whether it is."""
    unspecified = option.audience == access_pb2.AUDIENCE_UNSPECIFIED
    for_services = option.audience == access_pb2.AUDIENCE_SERVICE
    public = option.audience == access_pb2.AUDIENCE_PUBLIC
    user = option.audience == access_pb2.AUDIENCE_USER
    operator = option.audience == access_pb2.AUDIENCE_OPERATOR
    in_tenant = user and bool(option.least_role)
    takes_token = user or operator or option.optional_user
    return {
        "has no valid access rule": unspecified or for_services != bool(option.services),
        "has no valid tenant field in its access rule": (
            bool(option.tenant_field) and not _names_a_tenant(method, option)
        ),
        "has no valid role for others' data": bool(option.others_least_role)
        and not (in_tenant and option.least_role <= option.others_least_role),
        "has no valid role for a field": not all(
            _names_an_optional(method, option, field) for field in option.fields
        ),
        "is not public and has an optional user": option.optional_user and not public,
        "is not for users and needs a recent proof": (
            bool(option.recent) and option.audience not in _OF_USERS
        ),
        "is not for users and needs an assurance": bool(option.assurance) and not user,
        "has no valid password field in its access rule": (
            bool(option.password_field) and not _names_a_password(method, option)
        ),
        "has no valid scopes in its access rule": takes_token != bool(option.scopes),
        "is for operators, and asks for more than a login of their own": operator
        and (bool(option.least_role) or list(option.scopes) != [access_pb2.SCOPE_LOGIN]),
    }


def _names_an_optional(
    method: MethodDescriptor, option: access_pb2.Rule, field: access_pb2.FieldRole
) -> bool:
    found = method.input_type.fields_by_name.get(field.field)
    tells_absence = found is not None and found.has_presence
    return bool(option.tenant_field) and tells_absence and field.least_role > option.least_role


def _names_a_password(method: MethodDescriptor, option: access_pb2.Rule) -> bool:
    field = method.input_type.fields_by_name.get(option.password_field)
    return bool(option.recent) and field is not None and field.type == field.TYPE_STRING


def _names_a_tenant(method: MethodDescriptor, option: access_pb2.Rule) -> bool:
    field = method.input_type.fields_by_name.get(option.tenant_field)
    return (
        option.audience == access_pb2.AUDIENCE_USER
        and option.least_role != ROLE_UNSPECIFIED
        and field is not None
        and field.type == field.TYPE_STRING
        and not method.client_streaming
    )
