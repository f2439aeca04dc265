"""Proofs of addresses: found here, and handled by the purpose of their token."""

from collections.abc import Mapping
from typing import Protocol

from kernel.identity.callers import Call
from services.auth.one_time_tokens.model import OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.presented import PresentedProofs
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
        self, presented: PresentedProofs, handlers: Mapping[Purpose, ProofHandler]
    ) -> None:
        self._presented = presented
        self._handlers = handlers

    async def prove(self, call: Call, proof: Proof, new_password: str) -> User:
        """Proves an address; see `ProofHandler`. Raises `TooManyAttempts`, too."""
        token = await self._presented.find(call, proof, self._handlers)
        return await self._handlers[token.purpose].prove(call, token, new_password)
