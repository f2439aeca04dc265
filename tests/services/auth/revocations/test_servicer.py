"""The WatchRevocations stream, which services follow."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from coditect.identity.v1 import revocations_pb2
from coditect.identity.v1.revocations_pb2_grpc import RevocationsServiceStub
from kernel.storage import Store
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import Auth, running, settings_for
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.promises import PATIENCE_SECONDS

Request = revocations_pb2.WatchRevocationsRequest


class Follower:
    """A service that follows the stream and acknowledges when the test says so."""

    def __init__(self, auth: Auth) -> None:
        self.requests: asyncio.Queue[Request | None] = asyncio.Queue()
        client = auth.service.peer("sessions")
        stub = client.stub(RevocationsServiceStub)
        self.stream = client.stream(stub.WatchRevocations, self._sent())

    async def _sent(self) -> AsyncIterator[Request]:
        while (request := await self.requests.get()) is not None:
            yield request

    def send(self, cursor: bytes) -> None:
        """Opens the stream, or acknowledges."""
        self.requests.put_nowait(Request(cursor=cursor))


@pytest.fixture
async def patient(store: Store, clock: FixedClock, fakes: FakeServices) -> AsyncIterator[Auth]:
    """Auth that waits for those who follow the stream longer than any test does."""
    settings = settings_for(fakes.address).model_copy(update={"settle_seconds": 60.0})
    async with running(store, clock, settings) as auth:
        yield auth


async def test_the_stream_carries_keys_and_revocations(patient: Auth) -> None:
    """The first message has the keys; a logout waits until its revocation is acknowledged."""
    auth = patient
    token = (await auth.register()).tokens.access_token
    follower = Follower(auth)
    follower.send(b"")
    first = await anext(follower.stream)
    assert [key.kid for key in first.keys] == [auth.signing_keys.published[0].kid]
    assert (first.complete, len(first.revocations)) == (True, 0)
    logout = asyncio.create_task(auth.call("Logout", token=token))
    batch = await anext(follower.stream)
    while not batch.revocations:
        batch = await anext(follower.stream)
    assert len(batch.keys) == 0
    assert not logout.done()
    follower.send(batch.cursor)
    await asyncio.wait_for(logout, PATIENCE_SECONDS)
    await follower.stream.aclose()  # type: ignore[attr-defined]


async def test_a_closed_stream_removes_its_subscriber(auth: Auth) -> None:
    """The log has one subscriber less after a service closes its stream."""
    follower = Follower(auth)
    follower.send(b"")
    await anext(follower.stream)
    assert len(auth.log._subscribers) == 2
    await follower.stream.aclose()  # type: ignore[attr-defined]
    await eventually(lambda: len(auth.log._subscribers) == 1)


async def test_a_stop_ends_the_stream_without_an_error(auth: Auth) -> None:
    """When the log stops, the follower's stream ends normally."""
    follower = Follower(auth)
    follower.send(b"")
    await anext(follower.stream)
    auth.log.stop()
    assert [batch async for batch in follower.stream if batch.revocations] == []


async def test_a_stream_without_a_first_message_ends(auth: Auth) -> None:
    """The stream is empty and has no error if the caller closes it before its first message."""
    follower = Follower(auth)
    follower.requests.put_nowait(None)
    assert [batch async for batch in follower.stream] == []
