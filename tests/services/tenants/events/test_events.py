"""The feed of events: after a cursor, in order, and never with a gap that is not told."""

import asyncio
from uuid import UUID

import pytest

from kernel.errors import RoleMissing, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.seal import Seal
from kernel.storage import Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit import repository as audit
from services.tenants.events.cursors import Cursors, LogPlace
from services.tenants.events.errors import CursorInvalid, EventsExpired
from tests.services.tenants.harness import TenantsHarness, call, person
from tests.services.tenants.webhooks.harness import happen
from tests.support.clock import FixedClock


async def test_each_event_comes_once_and_in_order(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The cursor of an answer continues it, also that of an empty one."""
    admin = call(ada, acme, Role.ADMIN)
    await happen(harness, acme, "1", "2", "3")
    first = await harness.events.list(admin, 2, "")
    second = await harness.events.list(admin, 2, first.next_cursor)
    third = await harness.events.list(admin, 2, second.next_cursor)
    assert [one.entry.detail for one in (*first.entries, *second.entries)] == ["", "1", "2", "3"]
    assert (first.has_more, second.has_more, third.has_more) == (True, False, False)
    assert third.entries == []
    await happen(harness, acme, "4")
    fourth = await harness.events.list(admin, 2, third.next_cursor)
    assert [one.entry.detail for one in fourth.entries] == ["4"]
    ids = [one.event_id for one in (*first.entries, *second.entries, *fourth.entries)]
    assert len(set(ids)) == 5
    again = await harness.events.list(admin, 10, "")
    assert [one.event_id for one in again.entries] == ids


async def test_no_event_is_left_out_while_others_write(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A reader that asks all the time sees what several writers commit, in the order of the log."""
    admin, seen, cursor = call(ada, acme, Role.ADMIN), [], ""
    writing = asyncio.gather(
        *(
            happen(harness, acme, *(f"{writer}-{number}" for number in range(20)))
            for writer in range(5)
        )
    )
    while not writing.done():
        await asyncio.sleep(0)
        found = await harness.events.list(admin, 7, cursor)
        seen += [one.entry.detail for one in found.entries]
        cursor = found.next_cursor
    await writing
    while (found := await harness.events.list(admin, 7, cursor)).entries:
        seen += [one.entry.detail for one in found.entries]
        cursor = found.next_cursor
    assert seen == [entry.detail for entry in await harness.noted(ada, acme)]
    assert len(seen) == 101


async def test_a_log_without_entries_has_a_cursor(harness: TenantsHarness, caller: Caller) -> None:
    """It is that of the beginning."""
    own = call(caller, caller.tenant_id)
    empty = await harness.events.list(own, 10, "")
    assert (empty.entries, empty.has_more) == ([], False)
    await happen(harness, caller.tenant_id, "1")
    found = await harness.events.list(own, 10, empty.next_cursor)
    assert [one.entry.detail for one in found.entries] == ["1"]


async def test_a_cursor_older_than_what_is_kept(
    harness: TenantsHarness, ada: Caller, acme: UUID, clock: FixedClock, sweeper: Sweeper
) -> None:
    """An event after it is gone, so it is refused; one behind which all are kept works."""
    admin = call(ada, acme, Role.ADMIN)
    early = (await harness.events.list(admin, 10, "")).next_cursor
    await happen(harness, acme, "1")
    late = (await harness.events.list(admin, 10, early)).next_cursor
    clock.advance(days=402)
    await happen(harness, acme, "2")
    await sweeper.sweep()
    with pytest.raises(EventsExpired):
        await harness.events.list(admin, 10, early)
    found = await harness.events.list(admin, 10, late)
    assert [one.entry.detail for one in found.entries] == ["2"]
    oldest = await harness.events.list(admin, 10, "")
    assert oldest.entries == found.entries


async def test_a_cursor_from_after_a_backup(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The restored store has no such entry, or another one at its place: it is refused."""
    admin = call(ada, acme, Role.ADMIN)
    await happen(harness, acme, "1")
    found = await harness.events.list(admin, 10, "")
    last = found.entries[-1]

    async def restore(tx: Write) -> None:
        tx.clear(audit.entry_key(acme, last.commit))

    await harness.store.write(restore)
    with pytest.raises(EventsExpired):
        await harness.events.list(admin, 10, found.next_cursor)
    cursors = Cursors(harness.runtime.seal)
    other = cursors.make(acme, LogPlace(found.entries[0].commit, last.event_id))
    with pytest.raises(EventsExpired):
        await harness.events.list(admin, 10, other)


async def test_cursors_that_are_none(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """A text, one of another tenant, and one that was made with other keys."""
    admin = call(ada, acme, Role.ADMIN)
    other = await harness.found(ada, "Other")
    theirs = (await harness.events.list(call(ada, other, Role.ADMIN), 1, "")).next_cursor
    strange = Cursors(Seal(["A" * 43 + "="])).make(acme, LogPlace(b"0" * 12, acme))
    for cursor in ("x", theirs, strange, "x" * 5_000):
        with pytest.raises(CursorInvalid):
            await harness.events.list(admin, 10, cursor)


async def test_who_may_not(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """A member, and a stranger with a cursor."""
    cursor = (await harness.events.list(call(ada, acme, Role.ADMIN), 1, "")).next_cursor
    bob = await harness.join(acme)
    with pytest.raises(RoleMissing):
        await harness.events.list(call(bob, acme, Role.ADMIN), 10, cursor)
    with pytest.raises(TenantNotFound):
        await harness.events.list(call(person(), acme, Role.ADMIN), 10, cursor)


async def test_a_deleted_user_is_in_no_event(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The event stays, with the id of before."""
    bob = await harness.join(acme, Role.ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, Role.MEMBER)
    admin = call(ada, acme, Role.ADMIN)
    before = (await harness.events.list(admin, 10, "")).entries
    await harness.erasure.erase(bob.user_id)
    after = (await harness.events.list(admin, 10, "")).entries
    assert [one.event_id for one in after][:2] == [one.event_id for one in before]
    assert after[1].entry.target is None
