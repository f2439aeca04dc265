"""What auth stores: its families, which the repositories declare, and what holds between them."""

import services.auth.challenges.repository  # noqa: F401 - declares a family without invariants
from kernel.storage.recipes.invariants import Invariant
from services.auth.accounts import invariants as accounts
from services.auth.audit_events import invariants as audit_events
from services.auth.authorizations import invariants as authorizations
from services.auth.device_login import invariants as device_login
from services.auth.factors import invariants as factors
from services.auth.keys import AUTH
from services.auth.logins import invariants as logins
from services.auth.notifications import invariants as notifications
from services.auth.oauth_clients import invariants as oauth_clients
from services.auth.one_time_tokens import invariants as one_time_tokens
from services.auth.operator_log import invariants as operator_log
from services.auth.operators import invariants as operators
from services.auth.outbox import invariants as outbox
from services.auth.passkeys import invariants as passkeys
from services.auth.personal_access_tokens import invariants as personal_access_tokens
from services.auth.recovery_codes import invariants as recovery_codes
from services.auth.revocations import invariants as revocations
from services.auth.security_log import invariants as security_log
from services.auth.service_accounts import invariants as service_accounts
from services.auth.signing_keys import invariants as signing_keys
from services.auth.throttling import invariants as throttling
from services.auth.totp import invariants as totp
from services.auth.workspace_tokens import invariants as workspace_tokens

FAMILIES = AUTH.families
INVARIANTS: tuple[Invariant, ...] = (
    *accounts.INVARIANTS,
    *logins.INVARIANTS,
    *one_time_tokens.INVARIANTS,
    *revocations.INVARIANTS,
    *signing_keys.INVARIANTS,
    *notifications.INVARIANTS,
    *outbox.INVARIANTS,
    *audit_events.INVARIANTS,
    *security_log.INVARIANTS,
    *throttling.INVARIANTS,
    *factors.INVARIANTS,
    *totp.INVARIANTS,
    *passkeys.INVARIANTS,
    *recovery_codes.INVARIANTS,
    *device_login.INVARIANTS,
    *personal_access_tokens.INVARIANTS,
    *service_accounts.INVARIANTS,
    *oauth_clients.INVARIANTS,
    *authorizations.INVARIANTS,
    *workspace_tokens.INVARIANTS,
    *operators.INVARIANTS,
    *operator_log.INVARIANTS,
    *AUTH.invariants,
)
