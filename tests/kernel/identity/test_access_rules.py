"""Access rules are read from the contract, and no method is open by mistake."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from coditect.access.v1 import access_pb2
from kernel.errors import (
    OperatorRequired,
    RoleMissing,
    ScopeMissing,
    SecondFactorRequired,
    TenantSuspended,
)
from kernel.identity.access_rules import Rule, RuleMissing, rule_of
from kernel.identity.callers import Assurance, Caller, Role
from kernel.identity.scopes import GRANTABLE


def rule(option: access_pb2.Rule | None, *, streaming: bool = False, scoped: bool = True) -> Rule:
    """The rule of a method with this option, and with a scope if it takes a token."""
    if option is not None and scoped:
        takes_token = option.audience == access_pb2.AUDIENCE_USER or option.optional_user
        option.scopes[:] = [access_pb2.SCOPE_ACCOUNT_READ] * takes_token
    file = FileDescriptorProto(name="test.proto", package="test", syntax="proto3")
    message = file.message_type.add(name="M")
    message.field.add(name="tenant_id", number=1, label=1, type=9)  # an optional string
    message.field.add(name="number", number=2, label=1, type=5)  # an optional int32
    message.oneof_decl.add(name="_state")
    message.field.add(name="password", number=4, label=1, type=9)
    message.field.add(name="state", number=3, label=1, type=9, proto3_optional=True, oneof_index=0)
    method = MethodDescriptorProto(
        name="Do", input_type=".test.M", output_type=".test.M", client_streaming=streaming
    )
    if option is not None:
        method.options.Extensions[access_pb2.rule].CopyFrom(option)  # type: ignore[index]
    file.service.add(name="S", method=[method])
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return rule_of(pool.FindServiceByName("test.S").methods[0])


def caller(role: Role = Role.MEMBER, *, suspended: bool = False) -> Caller:
    """A caller with a role in the active tenant."""
    return Caller(uuid4(), uuid4(), role, uuid4(), 0, 0, tenant_suspended=suspended)


def test_a_public_method() -> None:
    """Any caller is allowed, without a token."""
    assert rule(access_pb2.Rule(audience=access_pb2.AUDIENCE_PUBLIC)) == Rule(
        public=True, user=False, least_role=Role.MEMBER, services=frozenset()
    )


def test_a_public_method_with_an_optional_user() -> None:
    """Any caller is allowed, and a token may be shown; the option is for public methods alone."""
    option = access_pb2.Rule(audience=access_pb2.AUDIENCE_PUBLIC, optional_user=True)
    assert (rule(option).public, rule(option).optional_user) == (True, True)
    assert rule(option).takes_token
    option.audience = access_pb2.AUDIENCE_USER
    with pytest.raises(RuleMissing, match=r"test\.S\.Do is not public and has an optional user"):
        rule(option)


def test_a_method_that_needs_a_recent_proof() -> None:
    """The rule says how old the proof may be; only a method for users can need one."""
    option = access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, recent=300)
    assert rule(option).recent_seconds == 300
    assert rule(access_pb2.Rule(audience=access_pb2.AUDIENCE_USER)).recent_seconds == 0
    for audience in (access_pb2.AUDIENCE_PUBLIC, access_pb2.AUDIENCE_SERVICE):
        services = ["auth"] if audience == access_pb2.AUDIENCE_SERVICE else []
        option = access_pb2.Rule(audience=audience, recent=300, services=services)
        with pytest.raises(RuleMissing, match=r"test\.S\.Do is not for users"):
            rule(option)


def of_operator(**other: Any) -> access_pb2.Rule:
    """The option of a method for operators, with changes."""
    usual = {"audience": access_pb2.AUDIENCE_OPERATOR, "scopes": [access_pb2.SCOPE_LOGIN]}
    return access_pb2.Rule(**{**usual, **other})


def test_a_method_for_operators() -> None:
    """It takes the token of an operator's own login, with two factors, and may need a recent proof."""
    found = rule(of_operator(recent=300), scoped=False)
    assert (found.operator, found.user, found.takes_token, found.public) == (
        True,
        True,
        True,
        False,
    )
    assert (found.least_assurance, found.recent_seconds) == (Assurance.AAL2, 300)
    assert (found.in_tenant, found.services) == (False, frozenset())
    operator = replace(caller(), operator=True, assurance=Assurance.AAL2)
    found.check(operator)
    for refused, error in (
        (replace(operator, operator=False), OperatorRequired),
        (replace(operator, assurance=Assurance.AAL1), SecondFactorRequired),
        (replace(operator, scopes=GRANTABLE), ScopeMissing),
    ):
        with pytest.raises(error):
            found.check(refused)


@pytest.mark.parametrize(
    "option",
    [
        of_operator(scopes=[]),
        of_operator(scopes=[access_pb2.SCOPE_LOGIN, access_pb2.SCOPE_ACCOUNT_READ]),
        of_operator(least_role=access_pb2.ROLE_OWNER),
        of_operator(least_role=access_pb2.ROLE_OWNER, tenant_field="tenant_id"),
        of_operator(services=["auth"]),
        of_operator(optional_user=True),
        of_operator(assurance=access_pb2.ASSURANCE_STRONGEST),
    ],
)
def test_methods_for_operators_take_nothing_else(option: access_pb2.Rule) -> None:
    """No program, no role in a tenant and no service opens them."""
    with pytest.raises(RuleMissing):
        rule(option, scoped=False)


def of_user(**other: Any) -> access_pb2.Rule:
    """The option of a method for users, with changes."""
    return access_pb2.Rule(**{"audience": access_pb2.AUDIENCE_USER, **other})


@pytest.mark.parametrize(
    ("assurance", "strongest", "least"),
    [
        (access_pb2.ASSURANCE_UNSPECIFIED, False, Assurance.AAL1),
        (access_pb2.ASSURANCE_STRONGEST, True, Assurance.AAL1),
        (access_pb2.ASSURANCE_AAL2, False, Assurance.AAL2),
    ],
)
def test_a_method_that_needs_an_assurance(
    assurance: access_pb2.Assurance, least: Assurance, *, strongest: bool
) -> None:
    """The rule says how surely the user must be known; only a method for users can ask."""
    found = rule(of_user(assurance=assurance))
    assert (found.strongest, found.least_assurance) == (strongest, least)
    for audience in (access_pb2.AUDIENCE_PUBLIC, access_pb2.AUDIENCE_SERVICE):
        services = ["auth"] if audience == access_pb2.AUDIENCE_SERVICE else []
        option = access_pb2.Rule(audience=audience, assurance=assurance, services=services)
        if assurance:
            with pytest.raises(RuleMissing, match=r"test\.S\.Do is not for users and needs an ass"):
                rule(option)


def test_a_method_with_the_password_in_its_request() -> None:
    """A proof may be old where the request has the password, unless the user has a second factor."""
    found = rule(of_user(recent=300, password_field="password"))
    assert found.password_field == "password"
    assert found.max_age(replace(caller(), has_second_factor=True)) == 300
    assert found.max_age(caller()) == 0
    other = rule(of_user(recent=300))
    assert {other.max_age(replace(caller(), has_second_factor=has)) for has in (True, False)} == {
        300
    }


@pytest.mark.parametrize(
    "other",
    [
        {"password_field": "nothing"},
        {"password_field": "number"},
        {"recent": 0},
    ],
    ids=["no such field", "no text", "no recent proof"],
)
def test_a_password_field_without_effect_is_rejected(other: dict[str, Any]) -> None:
    """It must be a text, and stand in for a recent proof."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid password field"):
        rule(of_user(**{"recent": 300, "password_field": "password", **other}))


@pytest.mark.parametrize("two_factors", [True, False])
@pytest.mark.parametrize("has_second_factor", [True, False])
@pytest.mark.parametrize("tenant_asks", [True, False])
def test_who_needs_a_second_factor(
    *, two_factors: bool, has_second_factor: bool, tenant_asks: bool
) -> None:
    """The method asks no user, users who have one, or all users; in the active tenant the tenant may ask, too."""
    user = replace(
        caller(),
        assurance=Assurance.AAL2 if two_factors else Assurance.AAL1,
        has_second_factor=has_second_factor,
        second_factor_required=tenant_asks,
    )
    for option, asked in (
        (of_user(), False),
        (of_user(assurance=access_pb2.ASSURANCE_STRONGEST), has_second_factor),
        (of_user(assurance=access_pb2.ASSURANCE_AAL2), True),
        (in_tenant(), tenant_asks),
        (
            in_tenant(assurance=access_pb2.ASSURANCE_STRONGEST),
            has_second_factor or tenant_asks,
        ),
        (of_tenant(least_role=access_pb2.ROLE_MEMBER), False),  # the store knows, see `authorize`
    ):
        if two_factors or not asked:
            rule(option).check(user)
            continue
        with pytest.raises(SecondFactorRequired) as error:
            rule(option).check(user)
        action = "reauthenticate" if has_second_factor else "enroll"
        assert error.value.metadata == {"action": action}


def test_a_missing_role_comes_before_a_missing_factor() -> None:
    """So does a suspended tenant."""
    option = rule(in_tenant(least_role=access_pb2.ROLE_ADMIN))
    weak = replace(caller(), second_factor_required=True)
    with pytest.raises(RoleMissing):
        option.check(weak)
    with pytest.raises(TenantSuspended):
        option.check(replace(weak, tenant_suspended=True))


@pytest.mark.parametrize(
    ("least", "role"),
    [
        (access_pb2.ROLE_UNSPECIFIED, Role.MEMBER),
        (access_pb2.ROLE_MEMBER, Role.MEMBER),
        (access_pb2.ROLE_ADMIN, Role.ADMIN),
        (access_pb2.ROLE_OWNER, Role.OWNER),
    ],
)
def test_a_method_for_users(least: access_pb2.Role, role: Role) -> None:
    """The least role is the contract's; without one, any role is allowed."""
    option = access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, least_role=least)
    assert rule(option) == Rule(
        public=False,
        user=True,
        least_role=role,
        services=frozenset(),
        in_tenant=bool(least),
        scopes=frozenset({"account:read"}),
    )


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        (access_pb2.AUDIENCE_USER, []),
        (access_pb2.AUDIENCE_PUBLIC, [access_pb2.SCOPE_LOGIN]),
        (access_pb2.AUDIENCE_SERVICE, [access_pb2.SCOPE_LOGIN]),
    ],
)
def test_a_rule_without_valid_scopes(
    audience: access_pb2.Audience, names: list[access_pb2.Scope]
) -> None:
    """Exactly the methods that take a token have scopes."""
    services = ["auth"] if audience == access_pb2.AUDIENCE_SERVICE else []
    option = access_pb2.Rule(audience=audience, services=services, scopes=names)
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid scopes"):
        rule(option, scoped=False)


def test_a_program_needs_one_of_the_scopes() -> None:
    """One is enough, another one is not, and the error says which ones would do."""
    names = [access_pb2.SCOPE_OPENID, access_pb2.SCOPE_TENANTS_READ]
    option = access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, scopes=names)
    needing = rule(option, scoped=False)
    for scopes, enough in (({"openid", "email"}, True), ({"tenants:write"}, False), (set(), False)):
        program = replace(caller(), scopes=frozenset(scopes))
        if enough:
            needing.check(program)
            continue
        with pytest.raises(ScopeMissing) as refused:
            needing.check(program)
        assert refused.value.metadata == {"scopes": "openid tenants:read"}


def test_a_service_account_stays_in_its_tenant() -> None:
    """It reaches methods in a tenant and about one, and no other."""
    account = replace(caller(Role.OWNER), is_service_account=True)
    rule(in_tenant()).check(account)
    rule(of_tenant()).check(account)
    with pytest.raises(RoleMissing):
        rule(access_pb2.Rule(audience=access_pb2.AUDIENCE_USER)).check(account)


def test_a_method_for_services() -> None:
    """Exactly the named services may call it."""
    option = access_pb2.Rule(audience=access_pb2.AUDIENCE_SERVICE, services=["auth", "tenants"])
    assert rule(option) == Rule(
        public=False,
        user=False,
        least_role=Role.MEMBER,
        services=frozenset({"auth", "tenants"}),
    )


def of_tenant(**other: Any) -> access_pb2.Rule:
    """The option of a method about a tenant, with changes."""
    usual = {"audience": access_pb2.AUDIENCE_USER, "least_role": access_pb2.ROLE_ADMIN}
    return access_pb2.Rule(**{**usual, "tenant_field": "tenant_id", **other})


def test_a_method_about_a_tenant() -> None:
    """The rule says which field of the request names the tenant."""
    assert rule(of_tenant()).tenant_field == "tenant_id"


@pytest.mark.parametrize(
    "other",
    [
        {"tenant_field": "nothing"},
        {"tenant_field": "number"},
        {"least_role": access_pb2.ROLE_UNSPECIFIED},
        {"audience": access_pb2.AUDIENCE_PUBLIC},
    ],
    ids=["no such field", "no text", "no role", "public"],
)
def test_a_rule_without_a_valid_tenant_field(other: dict[str, Any]) -> None:
    """A rule without a tenant field, or with one but no role, is rejected."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid tenant field"):
        rule(of_tenant(**other))


def test_a_stream_about_a_tenant() -> None:
    """A stream of requests cannot have a tenant field, because each could name another tenant."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid tenant field"):
        rule(of_tenant(), streaming=True)


@pytest.mark.parametrize(
    "option",
    [
        None,
        access_pb2.Rule(),
        access_pb2.Rule(services=["auth"]),
        access_pb2.Rule(audience=access_pb2.AUDIENCE_SERVICE),
        access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, services=["auth"]),
        access_pb2.Rule(audience=access_pb2.AUDIENCE_PUBLIC, services=["auth"]),
    ],
    ids=["none", "empty", "no audience", "no service", "user and service", "public and service"],
)
def test_a_missing_or_contradictory_rule(option: access_pb2.Rule | None) -> None:
    """A method without a rule, or with a contradictory one, is rejected."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do"):
        rule(option)


def test_a_larger_role_includes_the_smaller_ones() -> None:
    """An owner has the rights of an admin, an admin those of a member, and not vice versa."""
    for need in Role:
        needing = rule(access_pb2.Rule(audience=access_pb2.AUDIENCE_USER, least_role=int(need)))
        for have in Role:
            if have >= need:
                needing.check(caller(have))
                continue
            with pytest.raises(RoleMissing):
                needing.check(caller(have))
    assert Role.OWNER > Role.ADMIN > Role.MEMBER


def test_in_a_suspended_tenant() -> None:
    """A method in the active tenant is refused; other methods, or those that name a tenant, are not."""
    owner = caller(Role.OWNER, suspended=True)
    with pytest.raises(TenantSuspended):
        rule(in_tenant()).check(owner)
    rule(access_pb2.Rule(audience=access_pb2.AUDIENCE_USER)).check(owner)
    rule(of_tenant()).check(owner)


def in_tenant(**other: Any) -> access_pb2.Rule:
    """The option of a method in the active tenant."""
    usual = {"audience": access_pb2.AUDIENCE_USER, "least_role": access_pb2.ROLE_MEMBER}
    return access_pb2.Rule(**{**usual, **other})


@pytest.mark.parametrize(
    "other",
    [
        {"least_role": access_pb2.ROLE_UNSPECIFIED},
        {"least_role": access_pb2.ROLE_OWNER},
        {"audience": access_pb2.AUDIENCE_PUBLIC},
    ],
    ids=["no role", "a larger role", "public"],
)
def test_an_invalid_role_for_data_of_others(other: dict[str, Any]) -> None:
    """Data of others requires a role at least as high as the method's, and a method for users."""
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid role for others' data"):
        rule(in_tenant(others_least_role=access_pb2.ROLE_ADMIN, **other))


def test_a_field_with_a_role() -> None:
    """The rule says which fields require a higher role."""
    field = access_pb2.FieldRole(field="state", least_role=access_pb2.ROLE_OWNER)
    assert rule(of_tenant(fields=[field])).field_roles == (("state", Role.OWNER),)


@pytest.mark.parametrize(
    ("field", "role", "other"),
    [
        ("nothing", access_pb2.ROLE_OWNER, {}),
        ("number", access_pb2.ROLE_OWNER, {}),
        ("state", access_pb2.ROLE_ADMIN, {}),
        ("state", access_pb2.ROLE_OWNER, {"tenant_field": ""}),
    ],
    ids=["no such field", "cannot be absent", "no larger role", "no tenant"],
)
def test_a_field_role_without_effect_is_rejected(
    field: str, role: access_pb2.Role, other: dict[str, Any]
) -> None:
    """A field role that protects nothing is rejected."""
    fields = [access_pb2.FieldRole(field=field, least_role=role)]
    with pytest.raises(RuleMissing, match=r"test\.S\.Do has no valid role for a field"):
        rule(of_tenant(fields=fields, **other))
