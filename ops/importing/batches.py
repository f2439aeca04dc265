"""Writes lines that were checked, several in one transaction, each wholly or not at all."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar
from uuid import UUID

from kernel.emails import normalized_email
from kernel.errors import InvalidRequest, StorageConflict, StorageFull, StorageUnavailable
from kernel.refusals import refusal
from kernel.storage import LimitExceeded, Write
from ops.importing.lines import Refused
from ops.importing.report import Outcome
from services.auth.importing.users import ImportUsers, NewUser, user_for_membership
from services.auth.users.model import User
from services.tenants.importing import organizations
from services.tenants.importing.organizations import (
    ImportOrganizations,
    NewMembership,
    NewOrganization,
)
from services.tenants.memberships.model import Profile, full_name

T = TypeVar("T")


class Writable(Protocol):
    """A store, or what stands in for it in a dry run."""

    async def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Runs a transaction."""


class UserItem(NamedTuple):
    """A user of a line."""

    number: int
    new: NewUser
    kind: str = "user"


class OrganizationItem(NamedTuple):
    """An organization of a line, with its owner: by id, or else by address."""

    number: int
    new: NewOrganization
    owner_id: UUID | None
    owner_email: str
    names: tuple[str, ...]
    kind: str = "organization"


class MembershipItem(NamedTuple):
    """A membership of a line, with its user: by id, or else by address."""

    number: int
    new: NewMembership
    tenant_id: UUID
    user_id: UUID | None
    user_email: str
    kind: str = "membership"


Item: TypeAlias = UserItem | OrganizationItem | MembershipItem


class Written(NamedTuple):
    """What became of an item.

    Attributes:
        item: The item.
        outcome: What became of it, if it was accepted.
        found_id: The id of the user or organization in the store.
        refused: Why it was not accepted.
    """

    item: Item
    outcome: Outcome | None = None
    found_id: UUID | None = None
    refused: Refused | None = None


class Batches:
    """Writes items.

    Args:
        store: Where to.
        users: The rules of auth.
        tenants: The rules of tenants.
    """

    def __init__(self, store: Writable, users: ImportUsers, tenants: ImportOrganizations) -> None:
        self._store = store
        self._users = users
        self._tenants = tenants

    async def write(self, items: Sequence[Item]) -> list[Written]:
        """Writes items in one transaction, or in several if one would be too large or too slow.

        Raises `StorageFull`, and `StorageUnavailable` if the store does not take a single item.
        """
        keys = [key for item in items if isinstance(item, UserItem) for key in _keys(item)]

        async def write(tx: Write) -> list[Written]:
            await tx.get_many(
                keys
            )  # at once, so that a cluster answers the reads below from memory
            return [await self._written(tx, item) for item in items]

        try:
            return await self._store.write(write)
        except StorageFull:
            raise
        except (LimitExceeded, StorageConflict, StorageUnavailable):  # it may have taken too long
            if len(items) == 1:
                raise
        middle = len(items) // 2
        return await self.write(items[:middle]) + await self.write(items[middle:])

    async def _written(self, tx: Write, item: Item) -> Written:
        try:
            match item:
                case UserItem():
                    return await self._user(tx, item)
                case OrganizationItem():
                    return await self._organization(tx, item)
                case MembershipItem():
                    return await self._membership(tx, item)
        except InvalidRequest as error:  # before it has written anything
            return Written(item, refused=refused_by(item.number, item.kind, error))

    async def _user(self, tx: Write, item: UserItem) -> Written:
        if item.new.has_id:
            await organizations.require_not_deleted(tx, item.new.user.user_id)
        placed = await self._users.put(tx, item.new)
        user = placed.user
        if placed.created:
            await organizations.put_own_tenant(tx, user.user_id, user.create_time)
        return Written(item, _outcome(created=placed.created), user.user_id)

    async def _organization(self, tx: Write, item: OrganizationItem) -> Written:
        owner = await _user(tx, item.owner_id, item.owner_email, "owner")
        created = await self._tenants.put(tx, item.new, owner.user_id, _profile(owner))
        return Written(item, _outcome(created=created), item.new.tenant.tenant_id)

    async def _membership(self, tx: Write, item: MembershipItem) -> Written:
        user = await _user(tx, item.user_id, item.user_email, "user")
        created = await self._tenants.put_membership(
            tx, item.new, item.tenant_id, user.user_id, _profile(user)
        )
        return Written(item, _outcome(created=created))


def refused_by(number: int, kind: str, error: InvalidRequest) -> Refused:
    """The report about a line, from the first field that is wrong."""
    first = error.violations[0]
    return Refused(number, kind, first.field, first.reason)


async def _user(tx: Write, user_id: UUID | None, email: str, role: str) -> User:
    try:
        return await user_for_membership(tx, user_id, email)
    except InvalidRequest as error:
        first = error.violations[0]
        field = first.field.replace("user", role)
        raise refusal(field, first.reason, first.description) from None


def _keys(item: UserItem) -> list[bytes]:
    return item.new.keys + organizations.keys_of_own_tenant(item.new.user.user_id)


def _outcome(*, created: bool) -> Outcome:
    return Outcome.CREATED if created else Outcome.PRESENT


def _profile(user: User) -> Profile:
    name = full_name(user.first_name, user.last_name)
    return Profile(user.email, normalized_email(user.email), name, user.profile_revision)
