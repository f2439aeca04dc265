"""Who calls, and the call as use cases see it."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.identity.callers import Assurance, Call, Caller, Role, current_call, enter_call
from kernel.identity.devices import Device
from kernel.identity.programs import NO_PROGRAM, Program


def caller(role: Role = Role.MEMBER, *, suspended: bool = False) -> Caller:
    """A caller with a role in the active tenant."""
    return Caller(uuid4(), uuid4(), role, uuid4(), 0, 0, tenant_suspended=suspended)


def test_assurances_have_one_spelling() -> None:
    """Tokens spell them in lowercase, and the larger one includes the smaller."""
    assert [str(one) for one in Assurance] == ["aal1", "aal2"]
    assert [Assurance.parse(str(one)) for one in Assurance] == list(Assurance)
    assert Assurance.AAL2 > Assurance.AAL1
    for other in ("AAL2", "", "aal3"):
        with pytest.raises(KeyError):
            Assurance.parse(other)


def test_managing_data_of_others_requires_a_role() -> None:
    """The role of the rule, or a higher one, may; without such a rule, no role may."""
    for role in Role:
        call = Call(caller(role), others_least_role=Role.ADMIN)
        assert call.may_manage_others == (role >= Role.ADMIN)
        assert not Call(caller(role)).may_manage_others


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
