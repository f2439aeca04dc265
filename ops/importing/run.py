"""An import from the first line to the last: reads, checks, writes, and reports.

It keeps no place in the file. A line whose user, organization or membership is in the store writes
nothing, so a run that was ended anywhere is resumed by running it again.
"""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from kernel.emails import normalized_email
from kernel.errors import InvalidRequest
from kernel.refusals import refusal
from ops.importing.batches import (
    Batches,
    Item,
    MembershipItem,
    OrganizationItem,
    UserItem,
    Written,
    refused_by,
)
from ops.importing.lines import AnyLine, Read, Refused
from ops.importing.report import Report
from ops.importing.seen import Seen
from services.auth.importing.lines import UserLine
from services.auth.importing.users import ImportUsers
from services.tenants.importing.lines import MembershipLine, OrganizationLine
from services.tenants.importing.organizations import ImportOrganizations

BATCH_LINES = 50
BATCH_BYTES = 300_000
"""Of lines in a transaction: their rows take several times as much, and one may write 5 MB."""
AT_ONCE = 4
"""The transactions that run at the same time. All of them together must take much less than the 5
seconds that one may take, also on a machine with other work."""


class Import:
    """One run of an import.

    Args:
        batches: Writes to the store.
        users: The rules of users.
        tenants: The rules of organizations.
        seen: What was in the file so far; empty.
        report: Takes what becomes of each line.
        at_once: The transactions that run at the same time.
    """

    def __init__(
        self,
        batches: Batches,
        users: ImportUsers,
        tenants: ImportOrganizations,
        seen: Seen,
        report: Report,
        at_once: int = AT_ONCE,
    ) -> None:
        self._batches = batches
        self._users = users
        self._tenants = tenants
        self._seen = seen
        self._report = report
        self._at_once = at_once
        self._items: list[Item] = []
        self._size = 0
        self._kind = ""
        self._running: set[asyncio.Task[list[Written]]] = set()

    async def run(self, lines: Iterable[Read | Refused]) -> None:
        """Imports all lines. Raises `ServiceError` if the store fails, and `LimitExceeded`."""
        try:
            for found in lines:
                if isinstance(found, Refused):
                    self._report.refuse(found)
                else:
                    await self._take(found)
            await self._write_items()
            await self._wait(0)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _take(self, found: Read) -> None:
        line = found.line
        if self._kind != line.kind:
            self._kind = line.kind
            # Later kinds name what lines of earlier kinds have made.
            await self._write_items()
            await self._wait(0)
        try:
            item = self._item(found.number, line)
        except InvalidRequest as error:
            self._report.refuse(refused_by(found.number, line.kind, error))
            return
        self._items.append(item)
        self._size += found.size
        if len(self._items) >= BATCH_LINES or self._size >= BATCH_BYTES:
            await self._write_items()

    async def _write_items(self) -> None:
        if not self._items:
            return
        await self._wait(self._at_once - 1)
        self._running.add(asyncio.create_task(self._batches.write(self._items)))
        self._items, self._size = [], 0

    async def _wait(self, most: int) -> None:
        """Waits until at most so many transactions run, and reports those that are done."""
        while len(self._running) > most:
            done, self._running = await asyncio.wait(
                self._running, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                self._note(task.result())
        self._report.progress()

    def _note(self, written: Iterable[Written]) -> None:
        """Reports what became of items, and notes what later lines can name."""
        ids: list[tuple[str, UUID]] = []
        for one in written:
            if one.refused is not None:
                self._report.refuse(one.refused)
            elif one.outcome is not None:
                self._report.add(one.item.kind, one.outcome)
            if one.found_id is not None:
                ids += [(name, one.found_id) for name in _references(one.item)]
        self._seen.accept(ids)

    def _item(self, number: int, line: AnyLine) -> Item:
        """A line, checked as far as that is possible without the store. Raises `InvalidRequest`."""
        match line:
            case UserLine():
                user = UserItem(number, self._users.prepare(line))
                names = [f"user {line.id}"] if line.id is not None else []
                self._require_first(*names, *_references(user))
                return user
            case OrganizationLine():
                return self._organization(number, line)
            case MembershipLine():
                return self._membership(number, line)

    def _organization(self, number: int, line: OrganizationLine) -> OrganizationItem:
        new = self._tenants.prepare(line)
        names = [f"organization {new.tenant.tenant_id}"]
        names += [f"external id {line.external_id}"] if line.external_id is not None else []
        names += [f"slug {line.slug}"] if line.slug is not None else []
        self._require_first(*names)
        owner_id, email = self._user(line.owner_id, line.owner_email or "")
        return OrganizationItem(number, new, owner_id, email, tuple(names))

    def _membership(self, number: int, line: MembershipLine) -> MembershipItem:
        new = self._tenants.prepare_membership(line)
        if (line.user_id is None) == (line.user_email is None):
            raise refusal("userId", "REQUIRED", "Name the user by `userId` or `userEmail`.")
        tenant_id = self._organization_of(line)
        user_id, email = self._user(line.user_id, line.user_email or "")
        who = str(user_id) if user_id is not None else normalized_email(email)
        self._require_first(f"membership {tenant_id} {who}")
        return MembershipItem(number, new, tenant_id, user_id, email)

    def _organization_of(self, line: MembershipLine) -> UUID:
        given = {
            "organizationId": line.organization_id,
            "organizationExternalId": line.organization_external_id,
            "organizationSlug": line.organization_slug,
        }
        named = {field: value for field, value in given.items() if value is not None}
        if len(named) != 1:
            raise refusal("organizationId", "REQUIRED", "Name the organization in one way.")
        field, value = named.popitem()
        if isinstance(value, UUID):
            return value
        # Only what this file has brought: elsewhere another organization could have the name.
        kind = "slug" if field == "organizationSlug" else "external id"
        tenant_id = self._seen.id_of(f"{kind} {value}")
        if tenant_id is None:
            raise refusal(field, "NOT_FOUND", "No line before it brings this organization.")
        return tenant_id

    def _user(self, user_id: UUID | None, email: str) -> tuple[UUID | None, str]:
        """A user by id, if this file has brought the address; otherwise as it is given."""
        if user_id is not None:
            return user_id, ""
        return self._seen.id_of(_of_email(normalized_email(email))), email

    def _require_first(self, *names: str) -> None:
        if not self._seen.add(*names):
            raise refusal("", "DUPLICATE", "An earlier line is about the same.")


def _references(item: Item) -> tuple[str, ...]:
    """The names by which later lines can refer to what a line brings."""
    match item:
        case UserItem():
            return (_of_email(item.new.normalized_email),)
        case OrganizationItem():
            return item.names
        case MembershipItem():
            return ()


def _of_email(normalized: str) -> str:
    return f"email {normalized}"
