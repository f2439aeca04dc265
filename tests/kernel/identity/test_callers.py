"""Callers and rules are read from the contract, and no method is open by mistake."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from coditect.access.v1 import access_pb2
from kernel.errors import RoleMissing, ScopeMissing, SecondFactorRequired, TenantSuspended
from kernel.identity.access_rules import Rule, RuleMissing, rule_of
from kernel.identity.callers import Assurance, Call, Caller, Role, current_call, enter_call
from kernel.identity.devices import Device
from kernel.identity.programs import NO_PROGRAM, Program


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
    """By the method: nobody, who has one, everybody; in the active tenant also by the tenant."""
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


def test_assurances_have_one_spelling() -> None:
    """Tokens spell them in lowercase, and the larger one includes the smaller."""
    assert [str(one) for one in Assurance] == ["aal1", "aal2"]
    assert [Assurance.parse(str(one)) for one in Assurance] == list(Assurance)
    assert Assurance.AAL2 > Assurance.AAL1
    for other in ("AAL2", "", "aal3"):
        with pytest.raises(KeyError):
            Assurance.parse(other)


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


def caller(role: Role = Role.MEMBER, *, suspended: bool = False) -> Caller:
    """A caller with a role in the active tenant."""
    return Caller(uuid4(), uuid4(), role, uuid4(), 0, 0, tenant_suspended=suspended)


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


def test_managing_data_of_others_requires_a_role() -> None:
    """The role of the rule, or a higher one, may; without such a rule, no role may."""
    for role in Role:
        call = Call(caller(role), others_least_role=Role.ADMIN)
        assert call.may_manage_others == (role >= Role.ADMIN)
        assert not Call(caller(role)).may_manage_others


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


def test_roles_have_one_spelling() -> None:
    """Tokens and JSON spell roles in lowercase."""
    assert [str(role) for role in Role] == ["member", "admin", "owner"]
    assert [Role.parse(str(role)) for role in Role] == list(Role)
    for other in ("OWNER", "", "root"):
        with pytest.raises(KeyError):
            Role.parse(other)


async def test_a_call_is_current_until_it_ends() -> None:
    """Outside a call there is none; inside, it is the one that was entered."""
    with pytest.raises(LookupError):
        current_call()
    call = Call(caller())
    enter_call(call)
    assert current_call() is call


def test_the_caller_of_a_call_that_may_have_one() -> None:
    """A call without a token has no caller."""
    member = caller()
    assert Call(member).caller_if_any == member
    assert Call(None).caller_if_any is None


def test_a_call_without_a_tenant_of_its_own() -> None:
    """A call is about the caller's active tenant unless the request names another one."""
    member, other = caller(), uuid4()
    assert Call(member).tenant_id == member.tenant_id
    assert Call(member, tenant_id=other).tenant_id == other


def test_a_workspace_token_does_not_manage_others() -> None:
    """Not even with the role for it: it reaches its own session alone."""
    admin = caller(Role.OWNER)
    for session_id, may in ((None, True), (uuid4(), False)):
        call = Call(replace(admin, session_id=session_id), others_least_role=Role.ADMIN)
        assert call.may_manage_others is may


def test_the_program_that_calls() -> None:
    """Its client, token and agent, as far as there are some; nothing for the user's own login."""
    token_id = uuid4()
    for values, program in (
        ({}, NO_PROGRAM),
        ({"client_id": "coditect-cli"}, Program("coditect-cli")),
        ({"token_id": token_id, "agent": "reviewer"}, Program("", token_id, "reviewer")),
    ):
        assert replace(caller(), **values).program == program  # type: ignore[arg-type]


def test_where_a_call_comes_from() -> None:
    """The device is read from the metadata; without any, it is empty."""
    call = Call(None, {"user-agent": "curl/8", "x-forwarded-for": "10.0.0.1"})
    assert call.device == Device("curl/8", "10.0.0.1")
    assert Call(None).device == Device("", "")


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("", {}),
        ("a=b", {"a": "b"}),
        ("a=b; c=d=e;f=;g", {"a": "b", "c": "d=e", "f": ""}),
    ],
)
def test_the_cookies_of_a_call(header: str, cookies: dict[str, str]) -> None:
    """They are pairs of a name and a value (RFC 6265, section 4.2.1)."""
    assert Call(None, {"cookie": header}).cookies == cookies


def test_a_cookie_that_is_set_goes_with_the_answer() -> None:
    """It is for this host, over TLS, and for no script and no other site."""
    call = Call(None)
    assert call.answer_metadata == []
    call.set_cookie("__Host-a", "b", 60)
    assert call.answer_metadata == [
        ("set-cookie", "__Host-a=b; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict")
    ]


def test_headers_and_the_status_of_an_answer() -> None:
    """A method without an envelope can set them; a cookie can also come with links from elsewhere."""
    call = Call(None, {"authorization": "Basic eDp5", "origin": "https://app.example.com"})
    call.set_status(303)
    call.set_header("location", "https://app.example.com/")
    call.set_cookie("__Host-a", "", 0, same_site="Lax")
    assert call.answer_metadata == [
        ("x-coditect-status", "303"),
        ("location", "https://app.example.com/"),
        ("set-cookie", "__Host-a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"),
    ]
    assert (call.authorization, call.header("origin")) == ("Basic eDp5", "https://app.example.com")
    assert call.header("referer") == ""
