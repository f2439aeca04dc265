"""The login RPCs over a real channel."""

from uuid import uuid4

import grpc
import pytest

from coditect.auth.v5 import logins_pb2
from kernel.rpc.errors import from_call
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, registration
from tests.services.auth.server import Auth


async def test_login_and_refresh_in_the_self_tenant_call_no_other_service(
    auth: Auth, fakes: FakeServices
) -> None:
    """Auth logs in and refreshes in the self-tenant without a call to tenants."""
    fakes.failures = 100
    await auth.register()
    answer = await auth.log_in(" ADA@example.com ")
    assert (answer.tenant.name, answer.user.email) == ("Personal", EMAIL)
    request = logins_pb2.RefreshRequest(refresh_token=answer.tokens.refresh_token)
    refreshed = await auth.call("Refresh", request)
    assert refreshed.tenant == answer.tenant
    assert refreshed.tokens.refresh_token != answer.tokens.refresh_token
    assert fakes.failures == 100


async def test_all_refused_logins_give_the_same_status(auth: Auth) -> None:
    """A wrong password, an unknown account, and overlong or blank texts are indistinguishable."""
    await auth.register()
    statuses = set()
    for email, password in (
        (EMAIL, OTHER_PASSWORD),
        ("unknown@example.com", PASSWORD),
        ("x" * 100_000, "y" * 100_000),
        (" ", " "),
        ("ada@example.com\0", "\0"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await auth.stub.Login(logins_pb2.LoginRequest(email=email, password=password))
        details = tuple(error.value.trailing_metadata() or ())
        statuses.add((error.value.code(), error.value.details(), details))
    assert len(statuses) == 1
    assert statuses.pop()[0] == grpc.StatusCode.UNAUTHENTICATED


async def test_a_logout_takes_effect_at_once(auth: Auth) -> None:
    """After Logout only that login's tokens are refused; after LogoutAll the other's too."""
    first = (await auth.register()).tokens
    second = (await auth.log_in()).tokens
    await auth.call("Logout", token=first.access_token)
    assert await auth.refused("GetMe", token=first.access_token) == "ACCESS_TOKEN_REVOKED"
    refresh = logins_pb2.RefreshRequest(refresh_token=first.refresh_token)
    assert await auth.refused("Refresh", refresh) == "REFRESH_TOKEN_INVALID"
    assert await auth.refused("GetMe", token=second.access_token) == ""
    await auth.call("LogoutAll", token=second.access_token)
    assert await auth.refused("GetMe", token=second.access_token) == "ACCESS_TOKEN_REVOKED"


async def test_a_logout_with_either_token(auth: Auth) -> None:
    """The refresh token ends its login without an access token; a bad access token is refused."""
    first, second = (await auth.register()).tokens, (await auth.log_in()).tokens
    request = logins_pb2.LogoutRequest(refresh_token=first.refresh_token)
    assert await auth.refused("Logout", request, "garbage") == "ACCESS_TOKEN_INVALID"
    assert await auth.refused("GetMe", token=first.access_token) == ""
    await auth.stub.Logout(request)
    assert await auth.refused("GetMe", token=first.access_token) == "ACCESS_TOKEN_REVOKED"
    assert await auth.refused("GetMe", token=second.access_token) == ""
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await auth.stub.Logout(logins_pb2.LogoutRequest())
    assert from_call(error.value).reason == "ACCESS_TOKEN_MISSING"


async def test_list_logins_shows_the_devices(auth: Auth) -> None:
    """The list has pages, shows the truncated addresses, and marks the caller's login."""
    answer = await auth.stub.Register(
        registration(), metadata=[("x-forwarded-for", "192.0.2.7" * 20)]
    )
    await auth.log_in()
    listed = await auth.call("ListLogins", token=answer.tokens.access_token)
    assert sorted(login.current for login in listed.logins) == [False, True]
    (current,) = [login for login in listed.logins if login.current]
    assert current.address == ("192.0.2.7" * 20)[:64]
    assert current.user_agent.startswith("grpc-python")
    page = await auth.call(
        "ListLogins", logins_pb2.ListLoginsRequest(page_size=1), answer.tokens.access_token
    )
    assert len(page.logins) == 1
    rest = logins_pb2.ListLoginsRequest(page_token=page.next_page_token)
    assert len((await auth.call("ListLogins", rest, answer.tokens.access_token)).logins) == 1
    stranger = (await auth.register("other@example.com")).tokens.access_token
    assert await auth.refused("ListLogins", rest, stranger) == "PAGE_TOKEN_INVALID"
    negative = logins_pb2.ListLoginsRequest(page_size=-1)
    assert await auth.refused("ListLogins", negative, stranger) == "INVALID_REQUEST"


async def test_end_login_ends_only_logins_of_the_caller(auth: Auth) -> None:
    """Another user's login and an unknown one are not found; the owner can end theirs."""
    own = (await auth.register()).tokens.access_token
    other = (await auth.register("other@example.com")).tokens.access_token
    login_id = (await auth.call("ListLogins", token=own)).logins[0].login_id
    request = logins_pb2.EndLoginRequest(login_id=login_id)
    absent = logins_pb2.EndLoginRequest(login_id=str(uuid4()))
    assert await auth.refused("EndLogin", request, other) == "LOGIN_NOT_FOUND"
    assert await auth.refused("EndLogin", absent, other) == "LOGIN_NOT_FOUND"
    bad = logins_pb2.EndLoginRequest(login_id="x")
    assert await auth.refused("EndLogin", bad, other) == "INVALID_REQUEST"
    assert await auth.refused("EndLogin", request, own) == ""
    assert await auth.refused("GetMe", token=own) == "ACCESS_TOKEN_REVOKED"


async def test_login_and_refresh_take_a_tenant(auth: Auth, fakes: FakeServices) -> None:
    """Both answer for the tenant that the request names, or with the error of a switch."""
    user_id = (await auth.register()).user.user_id
    acme, other = fakes.join(user_id), str(uuid4())
    login = {"email": EMAIL, "password": PASSWORD}
    named = await auth.call("Login", logins_pb2.LoginRequest(**login, tenant_id=acme))
    assert named.tenant.tenant_id == acme
    token = {"refresh_token": named.tokens.refresh_token}
    for request, method in (
        (logins_pb2.LoginRequest(**login, tenant_id=other), "Login"),
        (logins_pb2.RefreshRequest(**token, tenant_id=other), "Refresh"),
    ):
        assert await auth.refused(method, request) == "TENANT_NOT_FOUND"
        for bad in ("", "x", acme + "0"):
            request.tenant_id = bad
            assert await auth.refused(method, request) == "INVALID_REQUEST"
    refreshed = await auth.call("Refresh", logins_pb2.RefreshRequest(**token, tenant_id=acme))
    assert refreshed.tenant.tenant_id == acme
