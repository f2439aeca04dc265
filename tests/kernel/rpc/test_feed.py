"""The feed: what auth says is known here, again after a break, and silence is noticed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest

from coditect.identity.v1 import revocations_pb2, revocations_pb2_grpc
from kernel.identity.revocations import Revocation
from kernel.identity.service_tokens import HEADER
from kernel.rpc.auth_connection import AuthConnection, connect_to_auth
from kernel.settings import Address
from tests.kernel.rpc.world import settings_of
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.tokens import Mint

Response = revocations_pb2.WatchRevocationsResponse


class Auth(revocations_pb2_grpc.RevocationsServiceServicer):
    """Auth's stream on a real server, one queue of batches for each time it is opened.

    Attributes:
        said: What to send; None ends the stream, an exception breaks it.
        heard: The cursors that came, of all streams.
        opened: How often the stream was opened.
        tokens: The service tokens that came.
    """

    def __init__(self) -> None:
        self.said: asyncio.Queue[Response | Exception | None] = asyncio.Queue()
        self.heard: list[bytes] = []
        self.opened = 0
        self.tokens: list[str] = []

    async def WatchRevocations(  # noqa: N802 - the contract's name
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Response]:
        """Sends what is said."""
        self.opened += 1
        self.tokens.append(dict(context.invocation_metadata())[HEADER])
        listening = asyncio.create_task(self._listen(requests))
        try:
            while (said := await self.said.get()) is not None:
                if isinstance(said, Exception):
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "")
                yield said
        finally:
            listening.cancel()

    async def _listen(self, requests: AsyncIterator[Any]) -> None:
        async for request in requests:
            self.heard.append(request.cursor)

    def say(
        self,
        cursor: bytes = b"",
        revocations: Iterable[Revocation] = (),
        keys: dict[str, bytes] | None = None,
        *,
        complete: bool = True,
    ) -> None:
        """Sends a batch."""
        self.said.put_nowait(
            Response(
                cursor=cursor,
                revocations=[one.message() for one in revocations],
                keys=[
                    revocations_pb2.VerificationKey(kid=kid, public_key=key)
                    for kid, key in (keys or {}).items()
                ],
                complete=complete,
            )
        )


class World:
    """A service's trust that follows an auth, which can be stopped and come back."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.auth = Auth()
        self.server = grpc.aio.server()
        self.port = 0
        self.trust: AuthConnection

    async def start(self, port: int = 0) -> None:
        """Has auth listen."""
        self.server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        revocations_pb2_grpc.add_RevocationsServiceServicer_to_server(self.auth, self.server)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{port}")
        await self.server.start()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[AuthConnection]:
        """Runs the feed of a service."""
        trust = connect_to_auth(
            Address("127.0.0.1", self.port), "sessions", settings_of(), self.clock
        )
        running = asyncio.create_task(trust.feed.run())
        try:
            yield trust
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await trust.auth.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An auth that listens."""
    world = World()
    await world.start()
    yield world
    await world.server.stop(0)


def heard(trust: AuthConnection, world: World) -> bool:
    """Whether the feed is fresh."""
    return world.clock.monotonic() - trust.authorizer.revocations._last_heard <= 5


async def test_keys_and_revocations_arrive(world: World) -> None:
    """Both are in force once the batch is here, and the batch is acknowledged."""
    one = Revocation(uuid4(), START)
    mint = Mint(world.clock)
    async with world.following() as trust:
        world.auth.say(b"c1", [one], mint.keys)
        await eventually(lambda: heard(trust, world))
        assert set(trust.authorizer.verifier._keys) == {"test"}
        assert len(trust.authorizer.revocations) == 1
        await eventually(lambda: world.auth.heard == [b"", b"c1"])
    assert world.auth.opened == 1


async def test_it_shows_who_it_is(world: World) -> None:
    """The stream is opened with a service token made out to auth."""
    async with world.following():
        await eventually(lambda: bool(world.auth.tokens))
    assert len(world.auth.tokens) == 1


async def test_a_batch_without_keys_keeps_the_keys(world: World) -> None:
    """Empty means no change; others replace them all."""
    mint = Mint(world.clock)
    (key,) = mint.keys.values()
    async with world.following() as trust:
        world.auth.say(keys={"one": key})
        world.auth.say()
        await eventually(lambda: heard(trust, world) and world.auth.said.empty())
        assert set(trust.authorizer.verifier._keys) == {"one"}
        world.auth.say(keys={"two": key})
        await eventually(lambda: set(trust.authorizer.verifier._keys) == {"two"})


async def test_only_a_complete_batch_is_fresh(world: World) -> None:
    """While there is more to come the service does not know who has been logged out."""
    async with world.following() as trust:
        world.auth.say(b"c1", [Revocation(uuid4(), START)], complete=False)
        await eventually(lambda: world.auth.heard == [b"", b"c1"])
        assert not heard(trust, world)
        world.auth.say(b"c2", [Revocation(uuid4(), START)])
        await eventually(lambda: heard(trust, world))


async def test_heartbeats_are_not_acknowledged(world: World) -> None:
    """An empty batch keeps it fresh and costs no answer."""
    async with world.following() as trust:
        for _ in range(5):
            world.auth.say()
        await eventually(lambda: world.auth.said.empty() and heard(trust, world))
        world.auth.say(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: len(world.auth.heard) > 1)
    assert world.auth.heard == [b"", b"c1"]


@pytest.mark.parametrize("end", [None, ConnectionError()], ids=["ended", "broken"])
async def test_it_goes_on_where_it_was(world: World, end: Exception | None) -> None:
    """A stream that ends or breaks is opened again from the last cursor."""
    async with world.following() as trust:
        world.auth.say(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: world.auth.heard == [b"", b"c1"])
        world.auth.said.put_nowait(end)
        await eventually(lambda: world.auth.opened == 2)
        world.auth.say(b"c2", [Revocation(uuid4(), START)])
        await eventually(lambda: world.auth.heard == [b"", b"c1", b"c1", b"c2"])
        assert len(trust.authorizer.revocations) == 2


async def test_auth_goes_away_and_comes_back(world: World) -> None:
    """Without auth the service grows stale after the bound; with it, it is fresh again."""
    async with world.following() as trust:
        world.auth.say(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: heard(trust, world))
        await world.server.stop(0)
        world.clock.advance(seconds=5.1)
        assert not heard(trust, world)
        await world.start(world.port)
        world.auth.said = asyncio.Queue()
        world.auth.say(b"c1")
        await eventually(lambda: heard(trust, world))
        assert world.auth.heard[-1] == b"c1"


async def test_a_broken_stream_leaves_nothing_behind(world: World) -> None:
    """While auth is away the feed tries again and again, and no attempt goes on waiting."""
    async with world.following():
        before = len(asyncio.all_tasks())
        for opened in range(2, 7):
            world.auth.said.put_nowait(ConnectionError())
            await eventually(lambda opened=opened: world.auth.opened == opened)
        await eventually(lambda: len(asyncio.all_tasks()) <= before)
