"""Exchanges bearer tokens for access tokens, from memory.

A token that was seen before costs two digests and a few look-ups in memory: its access token is
checked against the revocations each time, as any service does. A new one costs a read of the store
and, in an organization, a question to tenants, whichever number of calls come with it at once. So
does one whose access token has been revoked: it gets another one with the role of now, or none. An
access token lives for five minutes at most, and is renewed in the background when half of that is
over, so an outage of the store or of tenants that is shorter goes unnoticed.

A token that gives no access is remembered for a few seconds, so that it costs no read for each call.
A text whose MAC no key knows is noise, or its key is gone: a few of them in a second are looked up, so
that a token survives a change of the seal keys and a flood of noise costs its MACs.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from kernel import log
from kernel.errors import (
    AccessTokenExpired,
    AccessTokenInvalid,
    AccessTokenRevoked,
    Kind,
    ServiceError,
)
from kernel.identity.revocations import Revocations
from kernel.identity.tokens import Verifier
from kernel.runtime import Runtime
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.format import BearerKind, BearerToken
from services.auth.bearer_tokens.life import is_noted
from services.auth.bearer_tokens.sources import BearerSource
from services.auth.tokens.access import AccessTokens, Claims, TokenMetadata

AnySource: TypeAlias = BearerSource[Any]

LIFE = timedelta(seconds=300)
"""The most that an access token lives which was made from a bearer token."""
REFUSED_SECONDS = 5.0
"""How long a token that gives no access is remembered."""

UNKNOWN_PER_SECOND = 20
"""How many texts are looked up in a second whose MAC no seal key knows."""

# The gateway remembers a second, from when it asked; the rest is for a call that is on its way then.
_KEPT_SECONDS = 2.0
_REMEMBERED = 10_000  # about 30 MB
_RETRY_SECONDS = 5.0
_NOTE_SECONDS = 5.0

_logger = log.get(__name__)


class Exchanged(NamedTuple):
    """What a bearer token was exchanged for.

    Attributes:
        access_token: The access token.
        may_be_kept: Whether the access token lives for as long as the gateway remembers one.
    """

    access_token: str
    may_be_kept: bool


class BearerTokenRefused(Exception):
    """The text is no bearer token that gives access: one answer, whatever the reason."""


@dataclass(slots=True)
class _Entry:
    """What is known of a token that gives access."""

    token: BearerToken
    access_token: str
    expire_second: int
    """When the access token ends, in seconds since 1970."""
    renew_at: float
    """When it is renewed, by the monotonic clock."""
    last_used_time: datetime | None
    """The last use that was noted."""


class _Use(NamedTuple):
    kind: BearerKind
    token_id: UUID


class BearerTokens:
    """The exchange of bearer tokens.

    Args:
        runtime: Gives store, clock, ids and seal.
        access_tokens: Signs access tokens.
        verifier: Reads them, as every service does.
        revocations: This process's memory of the revocation log.
        sources: What stands behind the tokens, one for each kind.
    """

    def __init__(
        self,
        runtime: Runtime,
        access_tokens: AccessTokens,
        verifier: Verifier,
        revocations: Revocations,
        *sources: AnySource,
    ) -> None:
        self._runtime = runtime
        self._access_tokens = access_tokens
        self._verifier = verifier
        self._revocations = revocations
        self._sources = {source.kind: source for source in sources}
        self._entries: dict[bytes, _Entry] = {}
        self._refused: dict[bytes, float] = {}
        self._asking: dict[bytes, asyncio.Task[_Entry]] = {}
        self._uses: dict[_Use, datetime] = {}
        self._second = self._unknown = 0

    async def exchange(self, text: str) -> Exchanged:
        """The access token for a bearer token.

        Raises `BearerTokenRefused`; while that is not known, `RevocationsStale`,
        `StorageUnavailable`, `TenantsUnavailable`.
        """
        digest = sha256(text.encode()).digest()
        entry = self._entries.get(digest)
        if entry is None or not self._is_good(entry.access_token):
            entry = await self._ask(digest, text)
        elif entry.renew_at <= self._runtime.clock.monotonic():
            entry.renew_at += _RETRY_SECONDS
            self._begin(digest, entry.token)
        now = self._runtime.clock.now()
        self._use(entry, now)
        left = entry.expire_second - now.timestamp()
        return Exchanged(entry.access_token, left > _KEPT_SECONDS)

    async def run(self) -> None:
        """Notes uses in the store, for ever."""
        while True:
            await asyncio.sleep(_NOTE_SECONDS)
            await self.note_uses()

    async def note_uses(self) -> None:
        """Notes the uses since the last time; those that the store does not take are left out."""
        uses, self._uses = self._uses, {}
        for use, time in uses.items():
            try:
                await self._note(use, time)
            except ServiceError as error:
                _logger.info("use of a token not noted", reason=error.reason)

    async def _note(self, use: _Use, time: datetime) -> None:
        source = self._sources[use.kind]
        await self._runtime.store.write(lambda tx: source.note_use(tx, use.token_id, time))

    async def close(self) -> None:
        """Ends what is under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    # ── in memory ────────────────────────────────────────────────────────────────────────────

    def _is_good(self, access_token: str) -> bool:
        """Whether an access token is in force. Raises `RevocationsStale`."""
        try:
            self._revocations.check(self._verifier.verify(access_token))
        except (AccessTokenInvalid, AccessTokenExpired, AccessTokenRevoked):
            return False
        return True

    def _use(self, entry: _Entry, now: datetime) -> None:
        if not is_noted(entry.last_used_time, now):
            entry.last_used_time = now
            self._uses[_Use(entry.token.kind, entry.token.token_id)] = now

    # ── by the store ─────────────────────────────────────────────────────────────────────────

    async def _ask(self, digest: bytes, text: str) -> _Entry:
        """What is known of a token now. Raises as `exchange` does."""
        if self._refused.get(digest, 0.0) > self._runtime.clock.monotonic():
            raise BearerTokenRefused
        found = form.read(text, self._runtime.seal)
        if found is None or found.token.kind not in self._sources:
            raise BearerTokenRefused
        if not found.is_ours and not self._may_be_old():
            raise BearerTokenRefused
        # A caller that hangs up does not end it for the others.
        return await asyncio.shield(self._begin(digest, found.token))

    def _may_be_old(self) -> bool:
        """Whether a text whose MAC no key knows is looked up now."""
        second = int(self._runtime.clock.monotonic())
        if second != self._second:
            self._second, self._unknown = second, 0
        self._unknown += 1
        return self._unknown <= UNKNOWN_PER_SECOND

    def _begin(self, digest: bytes, token: BearerToken) -> "asyncio.Task[_Entry]":
        """Asks once for all calls with the token that wait at the same time."""
        task = self._asking.get(digest)
        if task is None:
            task = self._asking[digest] = asyncio.create_task(self._mint_and_keep(digest, token))
            task.add_done_callback(lambda ended: self._end(digest, ended))
        return task

    def _end(self, digest: bytes, task: "asyncio.Task[_Entry]") -> None:
        del self._asking[digest]
        if not task.cancelled():
            task.exception()  # a renewal has no other reader

    async def _mint_and_keep(self, digest: bytes, token: BearerToken) -> _Entry:
        try:
            # Twice: a change of role may be in force before the answer of tenants is here.
            entry = await self._mint(token) or await self._mint(token)
            if entry is None:
                raise BearerTokenRefused  # noqa: TRY301 - as where it is raised below
        except BearerTokenRefused:
            self._entries.pop(digest, None)
            _keep(self._refused, digest, self._runtime.clock.monotonic() + REFUSED_SECONDS)
            raise
        _keep(self._entries, digest, entry)
        return entry

    async def _mint(self, token: BearerToken) -> _Entry | None:
        """Makes an access token of a token; None if it has been revoked meanwhile.

        Raises `BearerTokenRefused` for a token that gives no access.
        """
        source, clock = self._sources[token.kind], self._runtime.clock
        found = await self._runtime.store.read(lambda tx: source.find(tx, token.token_id))
        if found is None or not compare_digest(found.secret_hash, token.secret_hash):
            raise BearerTokenRefused
        try:
            claims: Claims = await source.claims(found)
        except ServiceError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise
            _logger.info("bearer token refused", token_id=str(token.token_id), reason=error.reason)
            raise BearerTokenRefused from None
        metadata = TokenMetadata(self._runtime.ids.uuid(), clock.now())
        end = min(claims.not_after, found.expire_time, metadata.time + LIFE)
        claims = claims._replace(not_after=end)
        life = self._access_tokens.life(claims, metadata)
        if life <= 0:
            raise BearerTokenRefused
        access_token = self._access_tokens.sign(claims, metadata)
        # What was revoked since the store was read is in memory by now, or will be at the next use.
        if not self._is_good(access_token):
            return None
        expire_second = int(metadata.time.timestamp()) + life
        renew_at = clock.monotonic() + life / 2
        return _Entry(token, access_token, expire_second, renew_at, found.last_used_time)


def _keep(memory: dict[bytes, Any], digest: bytes, value: object) -> None:
    """Remembers a value, in the place of the oldest one if there are too many."""
    memory.pop(digest, None)
    if len(memory) >= _REMEMBERED:
        del memory[next(iter(memory))]
    memory[digest] = value
