"""The keys that access tokens are signed with, and the signing.

A key lives in three steps: published, so that everybody knows it; active, so that it signs; only
published again, until the last token it signed has expired. Each step is a time in its record, so
all replicas take it together. The private halves are sealed in the store.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.identity import tokens
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.self_tenant import ACTIVE
from kernel.storage import Store, Write
from services.auth import repository
from services.auth.model import Login, SigningKey, Tenant
from services.auth.settings import AuthSettings

_logger = log.get(__name__)

_REFRESH_SECONDS = 30.0
_SLACK = timedelta(minutes=2)  # for clocks that differ and caches that lag


class TokenMetadata(NamedTuple):
    """What, beside its login, makes an access token the one that it is."""

    token_id: UUID
    time: datetime
    last_second: int | None = None
    """It does not live beyond that, in seconds since 1970; None for as long as any."""


class Keyring:
    """Signs access tokens, and knows which keys are to be published.

    Args:
        store: Where the keys are, shared by all replicas.
        seal: Seals the private halves.
        clock: Tells which key signs.
        ids: Makes key ids and private keys.
        settings: Lives and names.
    """

    def __init__(
        self, store: Store, seal: Seal, clock: Clock, ids: Ids, settings: AuthSettings
    ) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._published: list[SigningKey] = []
        self._private: dict[str, Ed25519PrivateKey] = {}
        self.on_change: Callable[[], None] = lambda: None

    @property
    def published(self) -> list[SigningKey]:
        """The keys that a token may be signed with now or soon."""
        now = self._clock.now()
        return [key for key in self._published if key.retire_time is None or now < key.retire_time]

    def sign(self, login: Login, tenant: Tenant, issued: TokenMetadata) -> str:
        """The access token of a login for a tenant; the same for the same arguments and key."""
        now = self._clock.now()
        # The first one also serves a replica whose clock is behind that of the one that made it.
        active = [key for key in self._published if key.activate_time <= now]
        key = active[-1] if active else self._published[0]
        second = int(issued.time.timestamp())
        claims = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": str(login.user_id),
            "tenant_id": str(tenant.tenant_id),
            "role": tenant.role,
            "tenant_epoch": tenant.epoch,
            "login_id": str(login.login_id),
            "jti": str(issued.token_id),
            "iat": second,
            "exp": second + self.life(login, issued),
        }
        if tenant.state != ACTIVE:
            claims["tenant_suspended"] = True
        headers = {"kid": key.kid, "typ": tokens.TYPE}
        return jwt.encode(claims, self._private[key.kid], tokens.ALGORITHM, headers)

    def life(self, login: Login, issued: TokenMetadata) -> int:
        """The life of an access token in seconds.

        It ends with the login at the latest: what has expired can no longer be revoked.
        """
        second = int(issued.time.timestamp())
        end = min(second + self._settings.token_seconds, int(login.expire_time.timestamp()))
        return (end if issued.last_second is None else min(end, issued.last_second)) - second

    async def run(self) -> None:
        """Keeps the keys up to date for ever."""
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            try:
                await self.refresh()
            except ServiceError as error:
                _logger.warning("keys not refreshed", reason=error.reason)

    async def refresh(self) -> None:
        """Takes the steps that are due, and takes over those that another replica took."""
        now = self._clock.now()
        keys = await self._store.read(repository.signing_keys)
        if self._due(keys, now):
            fresh = self._fresh(now)
            keys = await self._store.write(lambda tx: self._turn(tx, fresh, now))
        if keys != self._published:
            self._private = {
                key.kid: Ed25519PrivateKey.from_private_bytes(
                    self._seal.open(key.sealed_private_key)
                )
                for key in keys
            }
            self._published = keys
            self.on_change()

    def _fresh(self, now: datetime) -> SigningKey:
        private = Ed25519PrivateKey.from_private_bytes(self._ids.secret())
        return SigningKey(
            kid=str(self._ids.uuid()),
            public_key=private.public_key().public_bytes_raw(),
            sealed_private_key=self._seal.encrypt(private.private_bytes_raw()),
            create_time=now,
            activate_time=now,
            retire_time=None,
        )

    def _due(self, keys: list[SigningKey], now: datetime) -> bool:
        """Whether there is a key to make, to retire or to remove."""
        if not keys:
            return True
        return (
            now >= keys[-1].activate_time + self._signing_time - self._lead
            or any(key.retire_time is None for key in keys[:-1])
            or any(key.retire_time is not None and key.retire_time < now for key in keys)
        )

    async def _turn(self, tx: Write, fresh: SigningKey, now: datetime) -> list[SigningKey]:
        keys = await repository.signing_keys(tx)
        if not keys:
            keys = [fresh]  # the very first one signs at once: no token can be older
        elif now >= keys[-1].activate_time + self._signing_time - self._lead:
            keys.append(replace(fresh, activate_time=now + self._lead))
        kept = []
        for key, successor in zip(keys, [*keys[1:], None], strict=True):
            if key.retire_time is not None and key.retire_time < now:
                repository.clear_signing_key(tx, key)
                continue
            if successor is not None and key.retire_time is None:
                retire = successor.activate_time + self._token_life + _SLACK
                key = replace(key, retire_time=retire)  # noqa: PLW2901 - the key with its end
            await repository.put_signing_key(tx, key)
            kept.append(key)
        return kept

    @property
    def _signing_time(self) -> timedelta:
        return timedelta(seconds=self._settings.key_life_seconds)

    @property
    def _lead(self) -> timedelta:
        return timedelta(seconds=self._settings.key_lead_seconds)

    @property
    def _token_life(self) -> timedelta:
        return timedelta(seconds=self._settings.token_seconds)
