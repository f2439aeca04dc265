"""Calls to services over gRPC with the client. The guide's program is run with the other documents."""

import socket
from collections.abc import Iterator

import grpc
import pytest
from coditect_client import rpc
from coditect_client.errors import (
    AccessTokenMissing,
    DeadlineExceeded,
    InvalidRequest,
    SessionNotFound,
    UpstreamUnavailable,
)
from coditect_client.rpc import Channel

from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from tests.end_to_end.conftest import client
from tests.end_to_end.person import new_person
from tools.laptop import Laptop
from tools.programs import addresses

SERVICE = "coditect.sessions.v5.SessionsService"
NOWHERE = "127.0.0.1:1"
UNKNOWN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def address(laptop: Laptop) -> str:
    """Where the sessions service listens."""
    return addresses(laptop.settings)["SESSIONS_ADDRESS"]


@pytest.fixture(scope="module")
def token(laptop: Laptop) -> Iterator[str]:
    """The access token of a user."""
    with client(laptop) as http:
        yield new_person(http).tokens["accessToken"]


async def test_a_repeated_write_changes_nothing(address: str, token: str) -> None:
    """The key names it."""
    async with Channel(address, SERVICE) as channel:
        create = channel.stub(SessionsServiceStub).CreateSession
        request = pb.CreateSessionRequest(name="engine")
        shown = {"access_token": token, "idempotency_key": "once"}
        first = await channel.call(create, request, **shown)
        second = await channel.call(create, request, **shown)
    assert first.session.session_id == second.session.session_id


async def test_an_error_has_the_class_of_its_code(address: str, token: str) -> None:
    """With the invalid fields, and the id that the service has logged."""
    async with Channel(address) as channel:
        get = channel.stub(SessionsServiceStub).GetSession
        with pytest.raises(InvalidRequest) as caught:
            await channel.call(
                get, pb.GetSessionRequest(session_id="x"), access_token=token, request_id="r-1"
            )
        (violation,) = caught.value.violations
        assert (violation.field, caught.value.status) == ("sessionId", 400)
        assert caught.value.request_id == "r-1"
        with pytest.raises(AccessTokenMissing) as missing:
            await channel.call(get, pb.GetSessionRequest(session_id=UNKNOWN))
        assert (missing.value.status, bool(missing.value.request_id)) == (401, True)


async def test_a_service_that_cannot_be_reached() -> None:
    """The error is the one that the gateway gives for it."""
    async with Channel(NOWHERE, SERVICE) as channel:
        get = channel.stub(SessionsServiceStub).GetSession
        with pytest.raises(UpstreamUnavailable) as caught:
            await channel.call(get, pb.GetSessionRequest(session_id=UNKNOWN))
        assert caught.value.status == 503


async def test_a_call_is_given_up_at_its_deadline() -> None:
    """The error is the one of a service that gives up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with Channel(f"127.0.0.1:{silent.getsockname()[1]}") as channel:
            get = channel.stub(SessionsServiceStub).GetSession
            with pytest.raises(DeadlineExceeded) as caught:
                await channel.call(get, pb.GetSessionRequest(session_id=UNKNOWN), timeout=0.2)
    assert caught.value.status == 504


def test_a_program_without_asyncio(address: str, token: str) -> None:
    """It has the same options, metadata and errors."""
    with grpc.insecure_channel(address, options=rpc.options(SERVICE)) as channel:
        get = SessionsServiceStub(channel).GetSession
        with pytest.raises(grpc.RpcError) as caught:
            get(
                pb.GetSessionRequest(session_id=UNKNOWN),
                metadata=rpc.metadata(token, request_id="r-1"),
            )
    error = rpc.error_of(caught.value, "r-1")
    assert isinstance(error, SessionNotFound)
    assert (error.status, error.request_id) == (404, "r-1")
