"""The feed: it applies auth's batches, resumes after a break, and detects silence."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest
from structlog.testing import capture_logs

from coditect.identity.v1 import revocations_pb2, revocations_pb2_grpc
from kernel.identity.revocations import Revocation
from kernel.identity.service_tokens import HEADER
from kernel.identity.signatures import Algorithm, PublicKey
from kernel.rpc.auth_connection import AuthConnection, connect_to_auth
from kernel.settings import Address
from tests.kernel.rpc.stub_service import settings_of
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.tokens import Mint, somebody

Response = revocations_pb2.WatchRevocationsResponse


class StubAuth(revocations_pb2_grpc.RevocationsServiceServicer):
    """Auth's revocation stream on a real server; sends the batches of a queue.

    Attributes:
        outgoing: The batches to send; None ends the stream, an exception breaks it.
        cursors: The received cursors of all streams.
        opened: How often the stream was opened.
        tokens: The received service tokens.
    """

    def __init__(self) -> None:
        self.outgoing: asyncio.Queue[Response | Exception | None] = asyncio.Queue()
        self.cursors: list[bytes] = []
        self.opened = 0
        self.tokens: list[str] = []

    async def WatchRevocations(  # noqa: N802 - the contract's name
        self, requests: AsyncIterator[Any], context: Any
    ) -> AsyncIterator[Response]:
        """Sends the queued batches."""
        self.opened += 1
        self.tokens.append(dict(context.invocation_metadata())[HEADER])
        reading = asyncio.create_task(self._read_cursors(requests))
        try:
            while (outgoing := await self.outgoing.get()) is not None:
                if isinstance(outgoing, Exception):
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "")
                yield outgoing
        finally:
            reading.cancel()

    async def _read_cursors(self, requests: AsyncIterator[Any]) -> None:
        async for request in requests:
            self.cursors.append(request.cursor)

    def send(
        self,
        cursor: bytes = b"",
        revocations: Iterable[Revocation] = (),
        keys: Mapping[str, PublicKey] | None = None,
        *,
        complete: bool = True,
    ) -> None:
        """Queues a batch."""
        self.outgoing.put_nowait(
            Response(
                cursor=cursor,
                revocations=[one.message() for one in revocations],
                keys=[
                    revocations_pb2.VerificationKey(
                        kid=kid, public_key=key.raw, algorithm=key.algorithm
                    )
                    for kid, key in (keys or {}).items()
                ],
                complete=complete,
            )
        )


class FeedHarness:
    """A service's connection to a stub of auth, which can be stopped and started again."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.auth = StubAuth()
        self.server = grpc.aio.server()
        self.port = 0
        self.connection: AuthConnection

    async def start(self, port: int = 0) -> None:
        """Starts auth."""
        self.server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        revocations_pb2_grpc.add_RevocationsServiceServicer_to_server(self.auth, self.server)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{port}")
        await self.server.start()

    @asynccontextmanager
    async def run_feed(self) -> AsyncIterator[AuthConnection]:
        """Runs a service's feed."""
        connection = connect_to_auth(
            Address("127.0.0.1", self.port), "sessions", settings_of(), self.clock
        )
        running = asyncio.create_task(connection.feed.run())
        try:
            yield connection
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await connection.auth.close()


@pytest.fixture
async def harness() -> AsyncIterator[FeedHarness]:
    """A harness with auth running."""
    harness = FeedHarness()
    await harness.start()
    yield harness
    await harness.server.stop(0)


def is_fresh(connection: AuthConnection, harness: FeedHarness) -> bool:
    """Whether the feed is fresh."""
    return harness.clock.monotonic() - connection.authorizer.revocations._last_heard <= 5


async def test_keys_and_revocations_arrive(harness: FeedHarness) -> None:
    """Both are in force once the batch has arrived, and the batch is acknowledged."""
    one = Revocation(uuid4(), START)
    mint = Mint(harness.clock)
    async with harness.run_feed() as connection:
        harness.auth.send(b"c1", [one], mint.keys)
        await eventually(lambda: is_fresh(connection, harness))
        assert set(connection.authorizer.verifier._keys) == {"test"}
        assert len(connection.authorizer.revocations) == 1
        await eventually(lambda: harness.auth.cursors == [b"", b"c1"])
    assert harness.auth.opened == 1


async def test_it_sends_a_service_token(harness: FeedHarness) -> None:
    """The stream is opened with a service token made out to auth."""
    async with harness.run_feed():
        await eventually(lambda: bool(harness.auth.tokens))
    assert len(harness.auth.tokens) == 1


async def test_a_batch_without_keys_keeps_the_keys(harness: FeedHarness) -> None:
    """A batch without keys changes none; other batches replace all keys."""
    mint = Mint(harness.clock)
    (key,) = mint.keys.values()
    async with harness.run_feed() as connection:
        harness.auth.send(keys={"one": key})
        harness.auth.send()
        await eventually(lambda: is_fresh(connection, harness) and harness.auth.outgoing.empty())
        assert set(connection.authorizer.verifier._keys) == {"one"}
        harness.auth.send(keys={"two": key})
        await eventually(lambda: set(connection.authorizer.verifier._keys) == {"two"})


async def test_keys_of_both_algorithms_arrive(harness: FeedHarness) -> None:
    """Tokens of both are good; a key without an algorithm is one of Ed25519, and one of an unknown is left out."""
    mints = [Mint(harness.clock, algorithm) for algorithm in Algorithm]
    eddsa, es256 = (mint.keys["test"] for mint in mints)
    async with harness.run_feed() as connection:
        verifier = connection.authorizer.verifier
        odd = PublicKey("of-tomorrow", b"?")  # type: ignore[arg-type] # from a newer version
        harness.auth.send(keys={"test": es256, "first": eddsa, "odd": odd})
        await eventually(lambda: set(verifier._keys) == {"test", "first"})
        verifier.verify(mints[1].token(somebody()))
        harness.auth.send(keys={"test": eddsa._replace(algorithm="")})  # type: ignore[arg-type]
        await eventually(lambda: set(verifier._keys) == {"test"})
        verifier.verify(mints[0].token(somebody()))


async def test_only_a_complete_batch_is_fresh(harness: FeedHarness) -> None:
    """While more batches follow, the service does not know all revocations and is not fresh."""
    async with harness.run_feed() as connection:
        harness.auth.send(b"c1", [Revocation(uuid4(), START)], complete=False)
        await eventually(lambda: harness.auth.cursors == [b"", b"c1"])
        assert not is_fresh(connection, harness)
        harness.auth.send(b"c2", [Revocation(uuid4(), START)])
        await eventually(lambda: is_fresh(connection, harness))


async def test_heartbeats_are_not_acknowledged(harness: FeedHarness) -> None:
    """An empty batch keeps the feed fresh and is not acknowledged."""
    async with harness.run_feed() as connection:
        for _ in range(5):
            harness.auth.send()
        await eventually(lambda: harness.auth.outgoing.empty() and is_fresh(connection, harness))
        harness.auth.send(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: len(harness.auth.cursors) > 1)
    assert harness.auth.cursors == [b"", b"c1"]


@pytest.mark.parametrize("end", [None, ConnectionError()], ids=["ended", "broken"])
async def test_it_resumes_at_the_last_cursor(harness: FeedHarness, end: Exception | None) -> None:
    """A stream that ends or breaks is opened again from the last cursor."""
    async with harness.run_feed() as connection:
        harness.auth.send(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: harness.auth.cursors == [b"", b"c1"])
        harness.auth.outgoing.put_nowait(end)
        await eventually(lambda: harness.auth.opened == 2)
        harness.auth.send(b"c2", [Revocation(uuid4(), START)])
        await eventually(lambda: harness.auth.cursors == [b"", b"c1", b"c1", b"c2"])
        assert len(connection.authorizer.revocations) == 2


async def test_batches_that_waited_while_the_process_stood_still_are_not_taken(
    harness: FeedHarness,
) -> None:
    """After a standstill the feed is fresh only by what auth has sent since the stream was opened again."""
    late = Revocation(uuid4(), START)
    async with harness.run_feed() as connection:
        revocations = connection.authorizer.revocations
        harness.auth.send(b"c1")
        await eventually(lambda: is_fresh(connection, harness))
        harness.clock.advance(seconds=60)
        harness.auth.send(b"c1")  # a heartbeat of before the revocation
        await eventually(lambda: harness.auth.opened == 2)
        assert not is_fresh(connection, harness)
        harness.auth.send(b"c2", [late])
        await eventually(lambda: is_fresh(connection, harness))
        assert len(revocations) == 1


async def test_a_standstill_while_a_batch_is_taken_leaves_the_feed_stale(
    harness: FeedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch counts from when it was there, however long it takes to be applied."""
    async with harness.run_feed() as connection:
        add = connection.authorizer.revocations.add

        def stand_still(revocations: Iterable[Revocation]) -> None:
            add(revocations)
            harness.clock.advance(seconds=60)

        monkeypatch.setattr(connection.authorizer.revocations, "add", stand_still)
        harness.auth.send(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: harness.auth.cursors == [b"", b"c1"])
        assert not is_fresh(connection, harness)


async def test_auth_stops_and_starts_again(harness: FeedHarness) -> None:
    """Without auth the feed becomes stale after the limit; when auth is back, it is fresh again."""
    async with harness.run_feed() as connection:
        harness.auth.send(b"c1", [Revocation(uuid4(), START)])
        await eventually(lambda: is_fresh(connection, harness))
        await harness.server.stop(0)
        harness.clock.advance(seconds=5.1)
        assert not is_fresh(connection, harness)
        await harness.start(harness.port)
        harness.auth.outgoing = asyncio.Queue()
        harness.auth.send(b"c1")
        await eventually(lambda: is_fresh(connection, harness))
        assert harness.auth.cursors[-1] == b"c1"


async def test_a_start_before_auth_is_quiet(harness: FeedHarness) -> None:
    """Services start in any order: the log mentions only a feed that had been connected."""
    await harness.server.stop(0)
    with capture_logs() as logs:
        async with harness.run_feed() as connection:
            await asyncio.sleep(0.3)
            await harness.start(harness.port)
            harness.auth.send()
            await eventually(lambda: is_fresh(connection, harness))
            assert logs == []
            harness.auth.outgoing.put_nowait(ConnectionError())
            await eventually(lambda: bool(logs))
    assert (logs[0]["event"], logs[0]["reason"]) == ("revocation feed broke", "UNAVAILABLE")


async def test_an_auth_that_never_comes_is_mentioned(
    harness: FeedHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that a start may take, the log says why there is no feed."""
    monkeypatch.setattr("kernel.rpc.revocation_feed.START_SECONDS", 0.2)
    await harness.server.stop(0)
    began = time.monotonic()
    with capture_logs() as logs:
        async with harness.run_feed():
            await eventually(lambda: bool(logs))
            assert time.monotonic() - began > 0.2
    assert (logs[0]["event"], logs[0]["reason"]) == ("revocation feed broke", "UNAVAILABLE")


async def test_a_broken_stream_leaves_nothing_behind(harness: FeedHarness) -> None:
    """While auth is down the feed keeps retrying, and no earlier attempt stays open."""
    async with harness.run_feed():
        before = len(asyncio.all_tasks())
        for opened in range(2, 7):
            harness.auth.outgoing.put_nowait(ConnectionError())
            await eventually(lambda opened=opened: harness.auth.opened == opened)
        await eventually(lambda: len(asyncio.all_tasks()) <= before)
