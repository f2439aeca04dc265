"""Keeps a process's trust up to date: the keys of access tokens and their revocations.

One stream from auth carries both (coditect.identity.v1). It is opened again whenever it breaks,
from the point reached; while it is silent for too long, no token is trusted.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from coditect.identity.v1 import revocations_pb2, revocations_pb2_grpc
from kernel import log
from kernel.errors import ServiceError
from kernel.identity.revocations import Revocation, Revocations
from kernel.identity.tokens import Verifier
from kernel.rpc.client import Client

_logger = log.get(__name__)

_FIRST_RETRY_SECONDS = 0.05
_LAST_RETRY_SECONDS = 1.0
_SILENCE_SECONDS = 3.0  # auth has something to say every second


class Feed:
    """The receiving end of auth's stream.

    Args:
        client: The connection to auth.
        verifier: Learns which keys to trust.
        revocations: Learns which tokens to refuse.
    """

    def __init__(self, client: Client, verifier: Verifier, revocations: Revocations) -> None:
        self._client = client
        self._stub = client.stub(revocations_pb2_grpc.RevocationsServiceStub)
        self._verifier = verifier
        self._revocations = revocations
        self._cursor = b""

    async def run(self) -> None:
        """Follows the stream for ever."""
        retry = _FIRST_RETRY_SECONDS
        while True:
            try:
                async for batch in self._batches():
                    self._take(batch)
                    retry = _FIRST_RETRY_SECONDS
            except ServiceError as error:
                _logger.info("revocation feed broke", reason=error.reason)
            except TimeoutError:
                _logger.info("revocation feed silent")
            await asyncio.sleep(retry * random.uniform(0.5, 1))  # noqa: S311 - spreads load only
            retry = min(retry * 2, _LAST_RETRY_SECONDS)

    async def _batches(self) -> AsyncIterator[revocations_pb2.WatchRevocationsResponse]:
        """One stream, given up when it is silent: another replica may be in reach."""
        stream = self._open()
        async with aclosing(stream):
            while True:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    batch = await anext(stream, None)
                if batch is None:
                    return
                yield batch

    async def _open(self) -> AsyncGenerator[revocations_pb2.WatchRevocationsResponse, None]:
        acknowledged: asyncio.Queue[bytes | None] = asyncio.Queue()
        acknowledged.put_nowait(self._cursor)

        async def acknowledge() -> AsyncIterator[revocations_pb2.WatchRevocationsRequest]:
            while (cursor := await acknowledged.get()) is not None:
                yield revocations_pb2.WatchRevocationsRequest(cursor=cursor)

        try:
            async for batch in self._client.stream(self._stub.WatchRevocations, acknowledge()):
                yield batch
                # Asked for the next batch means that this one has been taken in.
                if batch.revocations:
                    acknowledged.put_nowait(self._cursor)
        finally:
            # gRPC goes on asking for requests when a stream has broken.
            acknowledged.put_nowait(None)

    def _take(self, batch: revocations_pb2.WatchRevocationsResponse) -> None:
        if batch.keys:
            self._verifier.trust({key.kid: key.public_key for key in batch.keys})
        self._revocations.add(Revocation.of(message) for message in batch.revocations)
        self._cursor = batch.cursor
        if batch.complete:
            self._revocations.mark_fresh()
