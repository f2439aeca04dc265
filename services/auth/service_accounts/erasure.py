"""What goes with a user, and what goes with an organization."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.identity.revocations import Revocation
from kernel.storage import Write
from services.auth.revocations import repository as revocations
from services.auth.service_accounts.account_keys import MOST_OF_MAKER
from services.auth.service_accounts.repository import (
    SERVICE_ACCOUNT_KEYS,
    SERVICE_ACCOUNTS,
    clear_account,
    keys_made_by,
)


async def forget_maker(tx: Write, user_id: UUID) -> None:
    """Takes a deleted user out of the keys that the user has made, which stay."""
    for key in await keys_made_by(tx, user_id, MOST_OF_MAKER):
        await SERVICE_ACCOUNT_KEYS.put(tx, replace(key, created_by=None))


async def erase_accounts(tx: Write, tenant_id: UUID, now: datetime, limit: int) -> int:
    """Removes service accounts of a deleted organization, `limit` at most; says how many."""
    page = await SERVICE_ACCOUNTS.page(tx, tenant_id, after=None, limit=limit)
    for account in page.items:
        await clear_account(tx, account)
        revocations.append_revocation(tx, Revocation(account.account_id, now))
    return len(page.items)
