"""Makes, finds and ends one-time tokens.

The bits of a token and its code are random. The store has a hash of the token, and a keyed MAC of the
code, which is short enough to be guessed by a reader of the store. The transaction that finds a
wrong code must commit, because the try is counted there.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from kernel import base64url
from kernel.runtime import Runtime
from kernel.seal import Seal, SealKeysWrong
from kernel.storage import Read, Write
from services.auth.one_time_tokens import codes, repository
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import (
    NewOneTimeToken,
    OneTimeToken,
    Proof,
    Purpose,
    Secrets,
    address_digest,
)
from services.auth.one_time_tokens.repository import BY_SECRET, ONE_TIME_TOKENS

MOST_ALIVE = 3
"""The tokens of one purpose that an address has at most; a further one ends the oldest."""
MOST_WRONG_CODES = 5
"""After so many wrong codes a token's own code is not good any more."""
_CODE = "one-time code"
_TOKEN_CHARACTERS = 43  # base64url of 32 bytes


class OneTimeTokens:
    """The one-time tokens of auth."""

    def __init__(self, runtime: Runtime) -> None:
        self._ids = runtime.ids
        self._seal = runtime.seal

    def new(
        self,
        purpose: Purpose,
        normalized_email: str,
        *,
        now: datetime,
        life: timedelta,
        user_id: UUID | None = None,
        payload: bytes = b"",
    ) -> NewOneTimeToken:
        """A new token with its secrets; not yet stored.

        Args:
            purpose: What it is for.
            normalized_email: The address that it is mailed to.
            now: The time.
            life: How long it is good.
            user_id: The user whom it is for; None if it is for an address alone.
            payload: What it proves besides the address; it is stored sealed.
        """
        token, token_id = base64url.encode(self._ids.secret()), self._ids.uuid()
        code = codes.code_of(self._ids.secret()) if purpose.has_code else ""
        stored = OneTimeToken(
            token_id=token_id,
            purpose=purpose,
            address_digest=address_digest(normalized_email),
            user_id=user_id,
            token_hash=_hash(token),
            code_mac=self._seal.mac(_CODE, token_id.bytes + code.encode()) if code else b"",
            create_time=now,
            expire_time=now + life,
            payload=self._seal.encrypt(payload) if payload else b"",
        )
        return NewOneTimeToken(stored, Secrets(token, code))

    async def put(self, tx: Write, new: NewOneTimeToken) -> None:
        """Stores a token, and ends the oldest ones if the address has too many."""
        alive = await repository.of_address(tx, new.stored.purpose, new.stored.address_digest)
        for surplus in alive[: max(0, len(alive) - MOST_ALIVE + 1)]:
            await ONE_TIME_TOKENS.clear(tx, surplus)
        await ONE_TIME_TOKENS.put(tx, new.stored)

    async def find(
        self, tx: Write, proof: Proof, purposes: Iterable[Purpose], now: datetime
    ) -> OneTimeToken | None:
        """The token behind a proof, for one of the purposes; None if the proof is wrong.

        A wrong code counts in this transaction, so the caller must let it commit. The token stays
        good until it is cleared.
        """
        if proof.token:
            return await _find_token(tx, proof.token, frozenset(purposes), now)
        alive = [
            token
            for purpose in purposes
            for token in await repository.of_address(
                tx, purpose, address_digest(proof.normalized_email)
            )
            if token.expire_time > now
        ]
        code = codes.read(proof.code)
        for token in alive:
            if code is not None and self._has_code(token, code):
                return token
        for token in alive:
            await ONE_TIME_TOKENS.put(tx, _tried(token))
        return None

    def _has_code(self, token: OneTimeToken, code: str) -> bool:
        data = token.token_id.bytes + code.encode()
        return bool(token.code_mac) and self._seal.verify_mac(token.code_mac, _CODE, data)


async def require_alive(tx: Read, token: OneTimeToken, now: datetime) -> None:
    """Raises `OneTimeTokenInvalid` if a token that was found is not good any more."""
    if token.expire_time <= now or await ONE_TIME_TOKENS.get(tx, token.token_id) is None:
        raise OneTimeTokenInvalid


def payload_of(token: OneTimeToken, seal: Seal) -> bytes:
    """The payload of a token. Raises `OneTimeTokenInvalid` if no seal key fits."""
    try:
        return seal.open(token.payload)
    except SealKeysWrong:  # the key that sealed it is not listed any more
        raise OneTimeTokenInvalid from None


async def _find_token(
    tx: Read, text: str, purposes: frozenset[Purpose], now: datetime
) -> OneTimeToken | None:
    if len(text) != _TOKEN_CHARACTERS:
        return None
    token = await ONE_TIME_TOKENS.find(tx, BY_SECRET, _hash(text))
    if token is None or token.expire_time <= now or token.purpose not in purposes:
        return None
    return token


def _tried(token: OneTimeToken) -> OneTimeToken:
    """A token after a wrong code."""
    wrong = token.wrong_codes + 1
    return replace(
        token, wrong_codes=wrong, code_mac=token.code_mac if wrong < MOST_WRONG_CODES else b""
    )


def _hash(token: str) -> bytes:
    """The hash of a token, as it is stored. With 256 random bits it needs no salt."""
    return sha256(token.encode()).digest()
