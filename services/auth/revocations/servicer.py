"""Between the contract and the revocation log: messages in, values through, messages out."""

import asyncio
from collections.abc import AsyncIterator

from coditect.identity.v1 import revocations_pb2, revocations_pb2_grpc
from kernel.rpc.interceptors import Context
from services.auth.revocations.log import Batch, RevocationLog, Subscriber
from services.auth.signing_keys.rotation import SigningKeys


class RevocationsServicer(revocations_pb2_grpc.RevocationsServiceServicer):
    """Answers coditect.identity.v1.RevocationsService."""

    def __init__(self, log: RevocationLog, signing_keys: SigningKeys) -> None:
        self.log = log
        self.signing_keys = signing_keys

    async def WatchRevocations(
        self,
        requests: AsyncIterator[revocations_pb2.WatchRevocationsRequest],
        context: Context,
    ) -> AsyncIterator[revocations_pb2.WatchRevocationsResponse]:
        first = await anext(requests, None)
        if first is None:  # hung up before saying anything
            return
        known: list[revocations_pb2.VerificationKey] = []
        with self.log.subscriber(first.cursor) as subscriber:
            acknowledging = asyncio.create_task(self._acknowledge(subscriber, requests))
            try:
                async for batch in self.log.follow(first.cursor):
                    published = self._published_keys()
                    yield _response(batch, published if published != known else [])
                    known = published
            finally:
                acknowledging.cancel()

    def _published_keys(self) -> list[revocations_pb2.VerificationKey]:
        return [
            revocations_pb2.VerificationKey(
                kid=key.kid, public_key=key.public_key, algorithm=key.algorithm
            )
            for key in self.signing_keys.published
        ]

    async def _acknowledge(
        self,
        subscriber: Subscriber,
        requests: AsyncIterator[revocations_pb2.WatchRevocationsRequest],
    ) -> None:
        async for request in requests:
            self.log.acknowledge(subscriber, request.cursor)


def _response(
    batch: Batch, keys: list[revocations_pb2.VerificationKey]
) -> revocations_pb2.WatchRevocationsResponse:
    return revocations_pb2.WatchRevocationsResponse(
        revocations=[revocation.message() for revocation in batch.revocations],
        cursor=batch.cursor,
        complete=batch.complete,
        keys=keys,
    )
