"""The proofs that people present. A wrong code counts as a guess at the account of its address."""

import asyncio
import random
from collections.abc import Iterable

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.throttling.throttle import Throttle

_REFUSED_AFTER_SECONDS = 0.1
"""How long the refusal of a code takes: longer than all that is read and written for it.

What that is depends on the address: on whether it has an account, tokens, or failures. A random part
hides what the work of others on the same processor adds.
"""
_RANDOM_SECONDS = 0.02


class PresentedProofs:
    """Finds the tokens behind proofs."""

    def __init__(self, runtime: Runtime, tokens: OneTimeTokens, throttle: Throttle) -> None:
        self._runtime = runtime
        self._tokens = tokens
        self._throttle = throttle

    async def find(self, call: Call, proof: Proof, purposes: Iterable[Purpose]) -> OneTimeToken:
        """The token behind a proof, for one of the purposes. It stays good until it is ended.

        While guesses at the address are stopped, every code is wrong; a link is not. Raises
        `OneTimeTokenInvalid`, `TooManyAttempts`.
        """
        if proof.token:
            found = await self._find(proof, purposes)
            if found is None:
                raise OneTimeTokenInvalid
            return found
        seconds = _REFUSED_AFTER_SECONDS + random.uniform(0, _RANDOM_SECONDS)  # noqa: S311 - no secret
        refusal = asyncio.create_task(asyncio.sleep(seconds))
        try:
            token = await self._guess(call, proof, purposes)
            if token is None:
                await refusal
                raise OneTimeTokenInvalid
            return token
        finally:
            refusal.cancel()

    async def _guess(
        self, call: Call, proof: Proof, purposes: Iterable[Purpose]
    ) -> OneTimeToken | None:
        async with self._throttle.begin(call, proof.normalized_email) as attempt:
            attempt.checked = True
            token = await self._find(proof, purposes) if attempt.allowed else None
            if token is None:
                await attempt.failed()
            else:
                await attempt.succeeded()
            return token

    async def _find(self, proof: Proof, purposes: Iterable[Purpose]) -> OneTimeToken | None:
        now = self._runtime.clock.now()
        return await self._runtime.store.write(
            lambda tx: self._tokens.find(tx, proof, purposes, now), essential=True
        )
