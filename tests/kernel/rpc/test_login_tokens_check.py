"""The check of calls about the tokens of a login, which the app gives to the interceptor."""

from typing import Any

import grpc
import pytest

from coditect.auth.v5 import keys_pb2, logins_pb2
from kernel.identity.access_rules import RuleMissing
from kernel.rpc.errors import from_call
from tests.kernel.rpc.stub_service import StubServicer, app_of, settings_of
from tests.support.clock import FixedClock
from tests.support.service import Service, serve
from tests.support.stubs import AuthStub


async def test_a_call_about_tokens_of_logins_is_checked_before_it_runs(
    service: Service, servicer: StubServicer
) -> None:
    """A method with `login_tokens` does not run if the app refuses the call; others are not asked."""
    ran: list[str] = []

    async def note(_: Any) -> None:
        ran.append("ran")

    servicer.action = note
    stub, mode = service.stub(AuthStub), (("x-coditect-tokens", "x"),)
    login = logins_pb2.LoginRequest(email="ada@example.com", password="x")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.Login(login, metadata=mode)
    assert from_call(refused.value).reason == "INVALID_REQUEST"
    assert ran == []
    await stub.Login(login)
    await stub.GetJwks(keys_pb2.GetJwksRequest(), metadata=mode)
    assert ran == ["ran", "ran"]


async def test_an_app_without_that_check_does_not_start(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """Methods about the tokens of logins are never served unchecked."""
    app = app_of(servicer, clock, login_tokens_check=None)
    with pytest.raises(RuleMissing, match="is about tokens of logins"):
        async with serve("auth", app, settings_of(), clock):
            pass
