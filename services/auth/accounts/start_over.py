"""How an account starts over whose address is proved by a person who may not have made it.

A stranger can register any address. Once its owner proves it, nothing of the stranger may stay in the
owner's account, and nothing that the stranger holds may work. So the old user is deleted, and a new
one gets the address.
"""

from datetime import datetime
from uuid import UUID

from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS


def new_account_of(old: User, user_id: UUID, password_hash: str, now: datetime) -> User:
    """A new user with the proved address of an old one, and nothing else of it but the language."""
    return User(
        user_id=user_id,
        email=old.email,
        password_hash=password_hash,
        first_name="",
        last_name="",
        company="",
        create_time=now,
        email_verify_time=now,
        language=old.language,
    )


async def start_over(
    tx: Write, erasure: EraseAccount, old: User, new: User, created: SecurityEvent
) -> None:
    """Deletes the old user with all that is theirs, and stores the new one, with its first event."""
    await erasure.erase(tx, old, created.time)
    await put_account(tx, new)
    security_log.append(tx, created)


async def put_account(tx: Write, new: User) -> None:
    """Stores a new user, and has tenants make the self-tenant."""
    await USERS.put(tx, new)
    outbox.put_task(tx, OutboxTask(TaskKind.ENSURE_SELF_TENANT, new.user_id, new.create_time))
