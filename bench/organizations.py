"""Fills a store with a large organization, as users.py does with users.

Only members that do something have accounts; the others are never looked up in auth.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import NAMESPACE_OID, UUID, uuid5

from bench import users
from kernel.identity.callers import Role
from kernel.storage import Store, Write, open_store
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import ACTIVE, ORGANIZATION, Member, Profile, Tenant

_BATCH = 200  # members in one transaction
_AT_ONCE = 16  # transactions


@dataclass(frozen=True)
class Organization:
    """An organization and its members.

    Attributes:
        name: Unique in a store.
        size: How many members it has.
        owners: The numbers of its owners among the users of the store.
        joiners: The numbers of some members that can leave and come back.
    """

    name: str
    size: int
    owners: range
    joiners: range

    @property
    def tenant_id(self) -> UUID:
        """Its id."""
        return uuid5(NAMESPACE_OID, f"organization {self.name}")

    @property
    def others(self) -> range:
        """The numbers of the other members, who are not users of the store."""
        return range(self.size - len(self.owners) - len(self.joiners))

    def other_id(self, number: int) -> UUID:
        """The id of one of the other members."""
        return uuid5(NAMESPACE_OID, f"member {number} of {self.name}")

    def fill(self, url: str) -> None:
        """Writes it into a store that has its users."""
        asyncio.run(self._fill(url))

    async def _fill(self, url: str) -> None:
        store, now = open_store(url), datetime.now(UTC)
        tenant = Tenant(self.tenant_id, self.name, self.name, ORGANIZATION, ACTIVE, now)
        await store.write(lambda tx: memberships.ALL_TENANTS.put(tx, tenant))
        members = self._members(now)
        await asyncio.gather(*(_work(store, members) for _ in range(_AT_ONCE)))
        await store.close()

    def _members(self, now: datetime) -> Iterator[Member]:
        for role, numbers in ((Role.OWNER, self.owners), (Role.MEMBER, self.joiners)):
            for number in numbers:
                yield self._member(users.user_id(number), users.email(number), role, now)
        for number in self.others:
            email = f"member-{number}@{self.name}.example"
            yield self._member(self.other_id(number), email, Role.MEMBER, now)

    def _member(self, user_id: UUID, email: str, role: Role, now: datetime) -> Member:
        return Member(self.tenant_id, user_id, role, now, Profile(email, email, "Some Body"))


async def _work(store: Store, members: Iterator[Member]) -> None:
    while batch := list(islice(members, _BATCH)):

        async def write(tx: Write, batch: list[Member] = batch) -> None:
            for member in batch:
                await memberships.MEMBERS.put(tx, member)

        await store.write(write)
