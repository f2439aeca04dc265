"""Keeps a process's signing keys and revocations of access tokens up to date.

One stream from auth carries both (coditect.identity.v1). If it breaks, it is reopened at the last
cursor; if it is silent for too long, no token is trusted.

A process that stood still finds old batches in its buffers. They say nothing of the time since, so
after a gap none of them is taken: the stream is opened again, and its first batches are read after
that.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing

from coditect.identity.v1 import revocations_pb2, revocations_pb2_grpc
from kernel import log
from kernel.clock import Clock
from kernel.errors import Kind, ServiceError
from kernel.identity.revocations import Revocation, Revocations
from kernel.identity.signatures import Algorithm, PublicKey
from kernel.identity.tokens import Verifier
from kernel.rpc.client import Client

_logger = log.get(__name__)

START_SECONDS = 10.0
"""For this time after a start the log does not mention that auth cannot be reached: services start
in any order."""
_FIRST_RETRY_SECONDS = 0.05
_LAST_RETRY_SECONDS = 1.0
_SILENCE_SECONDS = 3.0  # auth sends a batch every second


class Feed:
    """The receiving end of auth's stream.

    Args:
        client: The connection to auth.
        verifier: Receives the keys to trust.
        revocations: Receives the revocations.
        clock: Tells how long the stream was silent, or the process stood still.
    """

    def __init__(
        self, client: Client, verifier: Verifier, revocations: Revocations, clock: Clock
    ) -> None:
        self._client = client
        self._clock = clock
        self._connected = False
        self._stub = client.stub(revocations_pb2_grpc.RevocationsServiceStub)
        self._verifier = verifier
        self._revocations = revocations
        self._cursor = b""

    async def run(self) -> None:
        """Follows the stream forever."""
        retry = _FIRST_RETRY_SECONDS
        patient_until = time.monotonic() + START_SECONDS
        while True:
            try:
                async for batch, heard in self._batches():
                    self._apply(batch, heard)
                    retry = _FIRST_RETRY_SECONDS
            except ServiceError as error:
                late = error.kind is Kind.UNAVAILABLE and not self._connected
                if not late or time.monotonic() > patient_until:
                    _logger.info("revocation feed broke", reason=error.reason)
            except TimeoutError:
                _logger.info("revocation feed silent")
            await asyncio.sleep(retry * random.uniform(0.5, 1))  # noqa: S311 - spreads load only
            retry = min(retry * 2, _LAST_RETRY_SECONDS)

    async def _batches(
        self,
    ) -> AsyncIterator[tuple[revocations_pb2.WatchRevocationsResponse, float]]:
        """One stream's batches, each with the time on the clock at which it was there.

        The stream is closed when it is silent: another replica may be reachable.
        """
        stream = self._open()
        heard = self._clock.monotonic()
        async with aclosing(stream):
            while True:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    batch = await anext(stream, None)
                if batch is None:
                    return
                # Without a moment in between that is in neither gap.
                before, heard = heard, self._clock.monotonic()
                if heard - before > _SILENCE_SECONDS:
                    raise TimeoutError
                yield batch, heard

    async def _open(self) -> AsyncGenerator[revocations_pb2.WatchRevocationsResponse, None]:
        acknowledged: asyncio.Queue[bytes | None] = asyncio.Queue()
        acknowledged.put_nowait(self._cursor)

        async def acknowledge() -> AsyncIterator[revocations_pb2.WatchRevocationsRequest]:
            while (cursor := await acknowledged.get()) is not None:
                yield revocations_pb2.WatchRevocationsRequest(cursor=cursor)

        try:
            async for batch in self._client.stream(self._stub.WatchRevocations, acknowledge()):
                yield batch
                # The consumer asks for the next batch only after it has applied this one.
                if batch.revocations:
                    acknowledged.put_nowait(self._cursor)
        finally:
            # gRPC keeps asking for requests after a stream has broken.
            acknowledged.put_nowait(None)

    def _apply(self, batch: revocations_pb2.WatchRevocationsResponse, heard: float) -> None:
        if batch.keys:
            self._verifier.trust(dict(_public_keys(batch)))
        self._revocations.add(Revocation.of(message) for message in batch.revocations)
        self._cursor = batch.cursor
        self._connected = True
        if batch.complete:
            self._revocations.mark_fresh(heard)


def _public_keys(
    batch: revocations_pb2.WatchRevocationsResponse,
) -> Iterator[tuple[str, PublicKey]]:
    """The keys of a batch by id, without those of an algorithm that a newer version has added."""
    for key in batch.keys:
        try:
            algorithm = Algorithm(key.algorithm or Algorithm.EDDSA)
        except ValueError:
            _logger.warning("signing key of an unknown algorithm", kid=key.kid)
        else:
            yield key.kid, PublicKey(algorithm, key.public_key)
