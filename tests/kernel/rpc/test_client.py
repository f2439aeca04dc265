"""The client: deadlines, tokens, retries of repeatable methods, request ids."""

import asyncio
from typing import Any

import pytest

from coditect.auth.v5 import keys_pb2, logins_pb2
from kernel.errors import Kind, RevocationsStale
from kernel.identity.service_tokens import HEADER, ServiceTokens
from kernel.rpc import arrival
from kernel.rpc.arrival import Arrival
from kernel.rpc.client import Client
from kernel.rpc.errors import RemoteError
from tests.kernel.rpc.stub_service import AUTH, StubServicer
from tests.support.clock import FixedClock
from tests.support.service import SERVICE_KEY, UNREACHABLE, Service
from tests.support.stubs import AuthStub

JWKS, LOGIN = keys_pb2.GetJwksRequest(), logins_pb2.LoginRequest(email="a", password="b")


class Metadata:
    """Records the metadata of the last call."""

    def __init__(self, servicer: StubServicer) -> None:
        self.last: dict[str, Any] = {}
        servicer.action = self._note

    async def _note(self, context: Any) -> None:
        self.last = dict(context.invocation_metadata())


async def test_tokens_and_keys_go_with_the_call(service: Service, servicer: StubServicer) -> None:
    """Given values are in the metadata; omitted ones leave no entry."""
    seen = Metadata(servicer)
    tokens = ServiceTokens("sessions", [SERVICE_KEY], FixedClock())
    client = Client(f"127.0.0.1:{service.port}", "auth", tokens=tokens)
    stub = client.stub(AuthStub)
    await client.call(stub.GetJwks, JWKS, access_token="abc", idempotency_key="k1")
    assert seen.last["authorization"] == "Bearer abc"
    assert seen.last["idempotency-key"] == "k1"
    assert service.app.authorizer.service_tokens.verify(seen.last[HEADER]) == "sessions"
    await client.close()
    outside = Client(f"127.0.0.1:{service.port}", "auth")
    await outside.call(outside.stub(AuthStub).GetJwks, JWKS)
    assert {"authorization", "idempotency-key", HEADER, "x-request-id"}.isdisjoint(seen.last)
    await outside.close()


async def test_the_request_id_is_passed_on(service: Service, servicer: StubServicer) -> None:
    """A call made while handling another one has the same request id."""
    seen = Metadata(servicer)

    async def answer() -> None:
        arrival.enter(Arrival("/some.Service/Method", {"x-request-id": "id-7"}))
        await service.call(service.stub(AuthStub).GetJwks, JWKS)

    await asyncio.create_task(answer())
    assert seen.last["x-request-id"] == "id-7"


@pytest.mark.parametrize("name", ["grpc_proxy", "https_proxy", "http_proxy", "all_proxy"])
async def test_no_proxy_between_services(
    service: Service, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The proxy of the environment, here a dead one, is for other networks."""
    for variable in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
        monkeypatch.delenv(variable, raising=False)
    for variable in (name, name.upper()):
        monkeypatch.setenv(variable, f"http://{UNREACHABLE}")
    client = Client(f"127.0.0.1:{service.port}", "auth")
    await client.call(client.stub(AuthStub).GetJwks, JWKS)
    await client.close()


async def test_a_deadline_is_kept(service: Service, servicer: StubServicer) -> None:
    """A callee that takes too long causes a timeout within the deadline."""

    async def work(_: Any) -> None:
        await asyncio.sleep(30)

    servicer.action = work
    client = Client(f"127.0.0.1:{service.port}", "auth")
    with pytest.raises(RemoteError) as error:
        async with asyncio.timeout(20):
            await client.call(client.stub(AuthStub).GetJwks, JWKS, timeout=0.1)
    assert error.value.kind == Kind.TIMEOUT
    await client.close()


async def calls_until_given_up(service: Service, servicer: StubServicer, method: str) -> int:
    """How often the client calls a method that is unavailable."""

    async def fail(_: Any) -> None:
        raise RevocationsStale

    servicer.action = fail
    client = Client(f"127.0.0.1:{service.port}", "auth", tuple(AUTH))
    request = {"GetJwks": JWKS, "Login": LOGIN}[method]
    with pytest.raises(RemoteError) as error:
        await client.call(getattr(client.stub(AuthStub), method), request)
    assert error.value.reason == "REVOCATIONS_STALE"
    await client.close()
    return servicer.calls


async def test_repeatable_methods_are_retried(service: Service, servicer: StubServicer) -> None:
    """A repeatable method is tried three times if the callee is unavailable."""
    assert await calls_until_given_up(service, servicer, "GetJwks") == 3


async def test_other_methods_are_not_retried(service: Service, servicer: StubServicer) -> None:
    """A method that is not repeatable is tried once."""
    assert await calls_until_given_up(service, servicer, "Login") == 1


async def test_a_retry_can_succeed(service: Service, servicer: StubServicer) -> None:
    """The caller does not notice that the first attempt failed."""

    async def fail_first(_: Any) -> None:
        if servicer.calls == 1:
            raise RevocationsStale

    servicer.action = fail_first
    client = Client(f"127.0.0.1:{service.port}", "auth", tuple(AUTH))
    await client.call(client.stub(AuthStub).GetJwks, JWKS)
    assert servicer.calls == 2
    await client.close()


async def test_other_errors_are_not_retried(service: Service, servicer: StubServicer) -> None:
    """Only UNAVAILABLE is retried."""

    async def fail(_: Any) -> None:
        raise LookupError

    servicer.action = fail
    client = Client(f"127.0.0.1:{service.port}", "auth", tuple(AUTH))
    with pytest.raises(RemoteError):
        await client.call(client.stub(AuthStub).GetJwks, JWKS)
    assert servicer.calls == 1
    await client.close()


async def test_an_unreachable_callee() -> None:
    """A callee that does not listen causes UNAVAILABLE long before the deadline."""
    client = Client(UNREACHABLE, "auth")
    with pytest.raises(RemoteError) as error:
        async with asyncio.timeout(20):
            await client.call(client.stub(AuthStub).GetJwks, JWKS)
    assert (error.value.kind, error.value.reason) == (Kind.UNAVAILABLE, "UNAVAILABLE")
    await client.close()
