"""What always holds about service accounts and keys, beside what their tables declare."""

from uuid import UUID

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.service_accounts.repository import (
    SERVICE_ACCOUNT,
    SERVICE_ACCOUNT_KEY,
    SERVICE_ACCOUNT_KEY_BY_USER,
)
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(
        SERVICE_ACCOUNT_KEY,
        "has no service account",
        lambda row: [SERVICE_ACCOUNT.key(UUID(row.record.tenant_id), row.elements[0])],
    ),
    is_there(SERVICE_ACCOUNT_KEY_BY_USER, "has no user", lambda row: [USER.key(row.elements[0])]),
)
