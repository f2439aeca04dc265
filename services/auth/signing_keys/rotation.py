"""The rotation of the keys that access tokens are signed with.

A key has three phases: it is published, so that every service knows it; it signs; it is published
only, until the last token that it signed has expired. The times of the phases are in its record,
so all replicas change phase together. The private halves are sealed in the store.

A change of TOKEN_ALGORITHM is a rotation before its time: both keys are published as in any other. A
process asks for it once, when it starts, and only after the newest key has begun to sign. So replicas
with different settings make no keys in turn: the one that started last decides.

Clocks can be wrong. A key that was made in the future is dated again. Once a clock that was ahead by
more than an hour is set right, a new key replaces the others: revocations are not kept long enough
for the tokens that were issued meanwhile, so these must never become good.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from kernel import log
from kernel.errors import ServiceError
from kernel.identity.signatures import (
    Algorithm,
    PrivateKey,
    new_private_key,
    private_bytes,
    private_key_of,
    public_key_of,
)
from kernel.runtime import Runtime
from kernel.settled_time import SETTLE_SECONDS
from kernel.storage import Write
from services.auth.settings import AuthSettings
from services.auth.signing_keys import repository
from services.auth.signing_keys.model import SigningKey

_logger = log.get(__name__)

_REFRESH_SECONDS = 30.0
_RETRY_SECONDS = 1.0
_FAR_AHEAD = timedelta(seconds=SETTLE_SECONDS)
_SLACK = timedelta(minutes=2)  # for clocks that differ and caches that lag
_LONGEST_CACHE_SECONDS = 300


class ActiveKey(NamedTuple):
    """The key that signs."""

    kid: str
    algorithm: Algorithm
    private: PrivateKey


class SigningKeys:
    """Makes, publishes and retires the keys, and gives the one that signs.

    Args:
        runtime: The store has the keys of all replicas, the seal seals their private halves, the
            clock decides which one signs.
        settings: The lives of keys and tokens, and the algorithm of new keys.
        refresh_seconds: How often the keys are brought up to date.
    """

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        refresh_seconds: float = _REFRESH_SECONDS,
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._refresh_seconds = refresh_seconds
        self._algorithm = Algorithm(settings.token_algorithm)
        self._wants_algorithm = True
        self._boot_time: datetime | None = None
        self._published: list[SigningKey] = []
        self._private: dict[str, PrivateKey] = {}
        self.on_change: Callable[[], None] = lambda: None

    @property
    def published(self) -> list[SigningKey]:
        """The keys that a token may be signed with now or soon."""
        now = self._runtime.clock.now()
        return [key for key in self._published if key.retire_time is None or now < key.retire_time]

    @property
    def cache_seconds(self) -> int:
        """How long others may keep the published keys.

        A new one is published for twice as long before it signs: the replicas learn of it one after the
        other, within `refresh_seconds`.
        """
        return min(_LONGEST_CACHE_SECONDS, self._settings.key_lead_seconds // 2)

    @property
    def active(self) -> ActiveKey:
        """The key that signs now."""
        now = self._runtime.clock.now()
        # The first one also serves a replica whose clock is behind that of the one that made it.
        active = [key for key in self._published if key.activate_time <= now]
        key = active[-1] if active else self._published[0]
        return ActiveKey(key.kid, key.algorithm, self._private[key.kid])

    async def run(self) -> None:
        """Keeps the keys up to date, for ever; at once when all were removed."""
        removals: bytes | None = None
        while True:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._refresh_seconds):
                        removals = await self._runtime.store.watch(
                            repository.KEY_REMOVALS.key(), removals
                        )
                await self.refresh()
            except ServiceError as error:
                _logger.warning("keys not refreshed", reason=error.reason)
                await asyncio.sleep(min(_RETRY_SECONDS, self._refresh_seconds))

    async def refresh(self) -> None:
        """Rotates the keys if that is due, and takes over what another replica has changed."""
        now = self._runtime.clock.now()
        boot_time = now - timedelta(seconds=self._runtime.clock.monotonic())
        set_back = self._boot_time is not None and boot_time < self._boot_time - _FAR_AHEAD
        keys = await self._runtime.store.read(repository.signing_keys)
        if set_back:
            _logger.warning("clock set back, signing keys are replaced", time=now.isoformat())
            new = self._new_key(now)
            keys = await self._runtime.store.write(
                lambda tx: self._replace(tx, new), essential=True
            )
        elif self._due(keys, now):
            new = self._new_key(now)
            keys = await self._runtime.store.write(
                lambda tx: self._rotate(tx, new, now), essential=True
            )
        self._boot_time = boot_time
        # Another algorithm that comes later is the wish of a process that started later.
        self._wants_algorithm = self._wants_algorithm and keys[-1].algorithm != self._algorithm
        if keys != self._published:
            self._private = {
                key.kid: private_key_of(
                    key.algorithm, self._runtime.seal.open(key.sealed_private_key)
                )
                for key in keys
            }
            self._published = keys
            self.on_change()

    def _new_key(self, now: datetime) -> SigningKey:
        private = new_private_key(self._algorithm)
        return SigningKey(
            kid=str(self._runtime.ids.uuid()),
            algorithm=self._algorithm,
            public_key=public_key_of(private).raw,
            sealed_private_key=self._runtime.seal.encrypt(private_bytes(private)),
            create_time=now,
            activate_time=now,
            retire_time=None,
        )

    def _due(self, keys: list[SigningKey], now: datetime) -> bool:
        """Whether there is a key to make, to retire or to remove."""
        if not keys:
            return True
        return (
            self._needs_successor(keys[-1], now)
            or any(key.retire_time is None for key in keys[:-1])
            or any(key.retire_time is not None and key.retire_time < now for key in keys)
            or any(_is_from_the_future(key, now) for key in keys)
        )

    def _needs_successor(self, newest: SigningKey, now: datetime) -> bool:
        """Whether the newest key will soon have signed for its time, or has the wrong algorithm."""
        ends = now >= newest.activate_time + self._signing_time - self._lead
        # A key that has not signed yet is not replaced: however often processes with different
        # settings start, they make one key within the lead.
        differs = newest.algorithm != self._algorithm and now >= newest.activate_time
        return ends or (self._wants_algorithm and differs)

    async def _replace(self, tx: Write, new: SigningKey) -> list[SigningKey]:
        """The new key, which signs at once, in place of all others."""
        for key in await repository.signing_keys(tx):
            await repository.SIGNING_KEYS.clear(tx, key)
        await repository.SIGNING_KEYS.put(tx, new)
        return [new]

    async def _rotate(self, tx: Write, new: SigningKey, now: datetime) -> list[SigningKey]:
        found = await repository.signing_keys(tx)
        keys = [self._dated(key, now) for key in found]
        dated = keys != found
        if not keys:
            keys = [new]  # the very first key signs at once: no token can be older
        elif self._needs_successor(keys[-1], now):
            keys.append(replace(new, activate_time=now + self._lead))
        kept = []
        for key, successor in zip(keys, [*keys[1:], None], strict=True):
            if key.retire_time is not None and key.retire_time < now:
                await repository.SIGNING_KEYS.clear(tx, key)
                continue
            if successor is not None and (dated or key.retire_time is None):
                retire = successor.activate_time + self._token_life + _SLACK
                key = replace(key, retire_time=retire)  # noqa: PLW2901 - the key with its end
            await repository.SIGNING_KEYS.put(tx, key)
            kept.append(key)
        return kept

    def _dated(self, key: SigningKey, now: datetime) -> SigningKey:
        """The key; one from the future as if it were made now."""
        if not _is_from_the_future(key, now):
            return key
        activate = min(key.activate_time, now + self._lead)
        return replace(key, create_time=now, activate_time=activate)

    @property
    def _signing_time(self) -> timedelta:
        return timedelta(seconds=self._settings.key_life_seconds)

    @property
    def _lead(self) -> timedelta:
        return timedelta(seconds=self._settings.key_lead_seconds)

    @property
    def _token_life(self) -> timedelta:
        return timedelta(seconds=self._settings.token_seconds)


def _is_from_the_future(key: SigningKey, now: datetime) -> bool:
    return key.create_time > now + _SLACK
