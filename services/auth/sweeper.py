"""Removes what has expired in auth: logins, tokens, failures, emails, events and old revocations.

It also erases accounts and queues the notices of tokens that end, which are due at a time as well.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias

from kernel.clock import Clock
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import BATCH, Sweeper
from services.auth import keys
from services.auth.authorizations.repository import AUTHORIZATION_CODES, PUSHED_REQUESTS
from services.auth.challenges.repository import SPENT_CHALLENGES
from services.auth.device_login.repository import DEVICE_LOGINS, WRONG_USER_CODES
from services.auth.factors.repository import RECOVERIES
from services.auth.logins.repository import LOGINS
from services.auth.notifications import repository as notifications
from services.auth.oauth_clients.repository import (
    DYNAMIC_CLIENTS,
    REGISTRATION_QUOTA,
    SPENT_ASSERTIONS,
)
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.operator_log import repository as operator_log
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS
from services.auth.revocations import repository as revocations
from services.auth.security_log import repository as security_log
from services.auth.service_accounts.repository import SERVICE_ACCOUNT_KEYS
from services.auth.settings import AuthSettings
from services.auth.throttling import repository as throttling
from services.auth.throttling.repository import ADDRESS_LANES, DEVICE_LANES, SECOND_FACTOR_LANES
from services.auth.totp.repository import TOTP_ENROLLMENTS
from services.auth.workspace_tokens.repository import ENDED_SESSIONS, WORKSPACE_TOKENS

Due: TypeAlias = Callable[[Write, datetime, int], Awaitable[int]]
"""Does what is due by a time, as much as given at most; returns that number if there may be more."""


def sweeper(store: Store, clock: Clock, settings: AuthSettings, *due: Due) -> Sweeper:
    """The sweeper of auth."""
    log_life = timedelta(days=settings.security_log_days)
    acts_life = timedelta(days=settings.operator_log_days)

    async def batch(tx: Write, now: datetime, settled: datetime) -> int:
        return max(
            # A login that is gone can no longer be logged out of.
            await LOGINS.clear_expired(tx, settled, BATCH),
            await PERSONAL_ACCESS_TOKENS.clear_expired(tx, settled, BATCH),
            await SERVICE_ACCOUNT_KEYS.clear_expired(tx, settled, BATCH),
            await WORKSPACE_TOKENS.clear_expired(tx, settled, BATCH),
            await ENDED_SESSIONS.sweep(tx, settled, BATCH),
            *[await do(tx, now, BATCH) for do in due],
            await revocations.clear_old_revocations(tx, settled, BATCH),
            await notifications.EMAILS.sweep(tx, now, BATCH),
            await notifications.EMAIL_QUOTA.sweep(tx, now, BATCH),
            await security_log.clear_old_events(tx, now - log_life, BATCH),
            await security_log.trim(tx, BATCH),
            await operator_log.clear_old_acts(tx, now - acts_life, BATCH),
            # Early, it would let a repeat into the log.
            await operator_log.OPERATOR_EVENTS.clear_expired(tx, settled, BATCH),
            # Early, while a clock is ahead, it would take in more guesses.
            await ADDRESS_LANES.clear_expired(tx, settled, BATCH),
            await DEVICE_LANES.clear_expired(tx, settled, BATCH),
            await SECOND_FACTOR_LANES.clear_expired(tx, settled, BATCH),
            # Early, it would let a challenge be used twice.
            await SPENT_CHALLENGES.clear_expired(tx, settled, BATCH),
            await throttling.clear_networks(tx, settled, BATCH),
            await keys.IDEMPOTENCY.sweep(tx, now, BATCH),
            await one_time_tokens.clear_expired(tx, now, BATCH),
            await TOTP_ENROLLMENTS.clear_expired(tx, now, BATCH),
            await RECOVERIES.clear_expired(tx, now, BATCH),
            await DEVICE_LOGINS.clear_expired(tx, now, BATCH),
            await AUTHORIZATION_CODES.clear_expired(tx, now, BATCH),
            await PUSHED_REQUESTS.clear_expired(tx, now, BATCH),
            await DYNAMIC_CLIENTS.clear_expired(tx, settled, BATCH),
            await REGISTRATION_QUOTA.sweep(tx, now, BATCH),
            # Early, it would let an assertion be used twice.
            await SPENT_ASSERTIONS.clear_expired(tx, settled, BATCH),
            # Early, while a clock is ahead, it would take in more guesses.
            await WRONG_USER_CODES.sweep(tx, settled, BATCH),
        )

    return Sweeper(store, clock, settings.sweep_seconds, batch)
