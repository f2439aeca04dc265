"""What auth stores: its families, which the repositories declare, and what holds between them."""

from kernel.storage.recipes.invariants import Invariant
from services.auth.keys import AUTH
from services.auth.logins import invariants as logins
from services.auth.notifications import invariants as notifications
from services.auth.one_time_tokens import invariants as one_time_tokens
from services.auth.outbox import invariants as outbox
from services.auth.revocations import invariants as revocations
from services.auth.security_log import invariants as security_log
from services.auth.signing_keys import invariants as signing_keys
from services.auth.throttling import invariants as throttling

FAMILIES = AUTH.families
INVARIANTS: tuple[Invariant, ...] = (
    *logins.INVARIANTS,
    *one_time_tokens.INVARIANTS,
    *revocations.INVARIANTS,
    *signing_keys.INVARIANTS,
    *notifications.INVARIANTS,
    *outbox.INVARIANTS,
    *security_log.INVARIANTS,
    *throttling.INVARIANTS,
    *AUTH.invariants,
)
