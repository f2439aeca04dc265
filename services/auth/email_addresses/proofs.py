"""Proofs of addresses: found here, and handled by the purpose of their token."""

from collections.abc import Mapping
from typing import Protocol

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import OneTimeTokens
from services.auth.users.model import User


class ProofHandler(Protocol):
    """What happens when an address is proved with a token of one purpose."""

    async def prove(self, call: Call, token: OneTimeToken, new_password: str) -> User:
        """Uses the token, and returns the account that has the address now.

        `new_password` is empty if none is given. Raises `OneTimeTokenInvalid`, also if the token has
        been used meanwhile, `NewPasswordNeeded`, `InvalidRequest`, `HashingBusy`.
        """
        ...


class EmailProofs:
    """The use case of a proof."""

    def __init__(
        self, runtime: Runtime, tokens: OneTimeTokens, handlers: Mapping[Purpose, ProofHandler]
    ) -> None:
        self._runtime = runtime
        self._tokens = tokens
        self._handlers = handlers

    async def prove(self, call: Call, proof: Proof, new_password: str) -> User:
        """Proves an address; see `ProofHandler`."""
        now = self._runtime.clock.now()
        token = await self._runtime.store.write(
            lambda tx: self._tokens.find(tx, proof, self._handlers, now), essential=True
        )
        if token is None:
            raise OneTimeTokenInvalid
        return await self._handlers[token.purpose].prove(call, token, new_password)
