"""Fills a store with established users: each has an account, a tenant and a session.

It writes through the contexts' own repositories, so the rows are those of the product. It bypasses
only the services, which would take days.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from argon2 import PasswordHasher

from bench.system import PASSWORD
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, Write, open_store
from services.auth.users import repository as auth_users
from services.auth.users.model import User
from services.sessions import repository as sessions
from services.sessions.model import Session
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Membership

BATCH = 200  # users in one transaction
AT_ONCE = 16  # transactions
STATE = b"\n\x12\n\x04open\x12\n2\x08\n\x06\x1a\x04a.py"
"""A `google.protobuf.Struct`: one open file."""


def email(number: int) -> str:
    """The address of a user."""
    return f"person-{number}@example.com"


def user_id(number: int) -> UUID:
    """The id of a user."""
    return uuid5(NAMESPACE_OID, f"person {number}")


def session_id(number: int) -> UUID:
    """The session of a user."""
    return uuid5(NAMESPACE_OID, f"session {number}")


def fill(url: str, count: int, password_hash: str = "") -> None:
    """Adds users 0 to `count`, all with the same password.

    Args:
        url: The store.
        count: How many users.
        password_hash: A hash of `PASSWORD`; by default as cheap as the services' settings in
            benchmarks that are not about hashes.
    """
    asyncio.run(_fill(url, count, password_hash or PasswordHasher(1, 64, 1).hash(PASSWORD)))


async def _fill(url: str, count: int, password_hash: str) -> None:
    store = open_store(url)
    now = datetime.now(UTC)
    batches = (range(first, min(first + BATCH, count)) for first in range(0, count, BATCH))
    await asyncio.gather(*(_work(store, batches, password_hash, now) for _ in range(AT_ONCE)))
    await store.close()


async def _work(store: Store, batches: Iterator[range], password_hash: str, now: datetime) -> None:
    for numbers in batches:

        async def write(tx: Write, numbers: range = numbers) -> None:
            for number in numbers:
                await _add(tx, number, password_hash, now)

        await store.write(write)


async def _add(tx: Write, number: int, password_hash: str, now: datetime) -> None:
    who = user_id(number)
    user = User(
        user_id=who,
        email=email(number),
        password_hash=password_hash,
        first_name="Person",
        last_name=str(number),
        company="",
        create_time=now,
    )
    await auth_users.USERS.put(tx, user)
    own = Membership.self_tenant(who, now)
    await memberships.ALL_TENANTS.put(tx, own.tenant)
    await memberships.MEMBERS.put(tx, own.member)
    await sessions.put_session(tx, _session(number, who, now))


def _session(number: int, who: UUID, now: datetime) -> Session:
    time = round(now.timestamp() * 1000)
    return Session(
        session_id=session_id(number),
        tenant_id=self_tenant_id(who),
        user_id=who,
        name=f"session of {number}",
        workspace_path="/home/person/project",
        state=STATE,
        revision=1,
        create_time=time,
        update_time=time,
        last_active_time=time,
        expire_time=time + round(timedelta(days=7) / timedelta(milliseconds=1)),
    )
