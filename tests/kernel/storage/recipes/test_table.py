"""Tables: a record is written and removed together with its index rows and counters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from coditect.tenants.records.v1 import invitations_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, Store, Write, counted
from kernel.storage.families import Family, digest, record, text, time, uuid
from kernel.storage.keys import Keyspace
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.invariants import Row
from kernel.storage.recipes.table import Table
from tests.support.clock import START

SPACE = Keyspace("test")
HOUSE, OTHER_HOUSE = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Guest:
    """A record: a guest with an id in a house."""

    house_id: UUID
    guest_id: UUID
    email: str
    token: bytes
    end: datetime


def _fill(message: invitations_pb2.InvitationRecord, guest: Guest) -> None:
    message.tenant_id, message.invitation_id = str(guest.house_id), str(guest.guest_id)
    message.email, message.token_hash = guest.email, guest.token
    message.expire_time.CopyFrom(timestamp(guest.end))


def _parse(message: invitations_pb2.InvitationRecord) -> Guest:
    return Guest(
        UUID(message.tenant_id),
        UUID(message.invitation_id),
        message.email,
        message.token_hash,
        datetime_of(message.expire_time),
    )


GUEST = Family[UUID, UUID](
    SPACE["guest"],
    uuid("tenant_id"),
    uuid("invitation_id"),
    value=record("coditect.tenants.records.v1.InvitationRecord", 500),
    life="a day",
)
GUESTS = Table(
    GUEST,
    invitations_pb2.InvitationRecord,
    key=lambda guest: (guest.house_id, guest.guest_id),
    fill=_fill,
    parse=_parse,
)
BY_TOKEN = GUESTS.index(
    SPACE["by_token"], digest("token", 32), keys=lambda guest: [(guest.token,)], life="as the guest"
)
BY_EMAIL = GUESTS.index(
    SPACE["by_email"],
    uuid("tenant_id"),
    text("email", 50),
    keys=lambda guest: [(guest.house_id, guest.email)] if guest.email else [],
    life="as the guest",
    reassignable=True,
)
COUNT = GUESTS.count(
    SPACE["count"], uuid("tenant_id"), keys=lambda guest: [(guest.house_id,)], life="as the guests"
)
EXPIRY = GUESTS.expiry(SPACE["expiry"], lambda guest: guest.end)

ADA = Guest(HOUSE, UUID(int=11), "ada@example.com", b"a" * 32, START + timedelta(days=1))
BOB = Guest(HOUSE, UUID(int=12), "", b"b" * 32, START + timedelta(days=2))


async def put(store: Store, *guests: Guest) -> None:
    """Writes guests, each in its own transaction."""
    for guest in guests:
        await store.write(lambda tx, guest=guest: GUESTS.put(tx, guest))


async def rows(store: Store, prefix: bytes = SPACE.prefix) -> dict[bytes, bytes]:
    """Everything in the store."""

    async def read(tx: Read) -> dict[bytes, bytes]:
        return dict(await tx.get_range(prefix, prefix + b"\xff", limit=1000))

    return await store.read(read)


async def test_a_record_is_found_by_key_and_index(store: Store) -> None:
    """An index row's value has the part of the key that the index lacks."""
    await put(store, ADA, BOB)
    for read in (
        lambda tx: GUESTS.get(tx, HOUSE, ADA.guest_id),
        lambda tx: GUESTS.find(tx, BY_TOKEN, ADA.token),
        lambda tx: GUESTS.find(tx, BY_EMAIL, HOUSE, ADA.email),
    ):
        assert await store.read(read) == ADA
    assert await store.read(lambda tx: GUESTS.find(tx, BY_EMAIL, OTHER_HOUSE, ADA.email)) is None
    page = await store.read(lambda tx: GUESTS.page(tx, HOUSE, after=None, limit=1))
    assert (page.items, page.last_key) == ([ADA], GUEST.key(HOUSE, ADA.guest_id))
    many = [(HOUSE, BOB.guest_id), (HOUSE, UUID(int=13)), (HOUSE, ADA.guest_id)]
    assert await store.read(lambda tx: GUESTS.get_many(tx, many)) == [BOB, ADA]


async def test_a_change_moves_the_index_rows(store: Store) -> None:
    """Old index rows are removed, new ones are written, and the record is counted once."""
    await put(store, ADA, replace(ADA, email="", token=b"c" * 32, end=ADA.end + timedelta(hours=1)))
    assert set(await rows(store)) == {
        GUEST.key(HOUSE, ADA.guest_id),
        BY_TOKEN.key(b"c" * 32),
        COUNT.key(HOUSE),
        EXPIRY.entry(ADA.end + timedelta(hours=1), GUEST.key(HOUSE, ADA.guest_id)),
    }
    assert counted((await rows(store))[COUNT.key(HOUSE)]) == 1


async def test_removing_a_record_leaves_no_rows(store: Store) -> None:
    """Removing the last record also removes the counter."""
    await put(store, ADA, BOB)
    await store.write(lambda tx: GUESTS.clear(tx, ADA))
    assert counted((await rows(store))[COUNT.key(HOUSE)]) == 1
    await store.write(lambda tx: GUESTS.clear(tx, BOB))
    assert await rows(store) == {}


async def test_a_row_that_points_to_another_record_stays(store: Store) -> None:
    """An index with this option spares a row that points to another record: the address was reassigned."""
    eve = replace(BOB, email=ADA.email)
    await put(store, ADA, eve)
    await store.write(lambda tx: GUESTS.clear(tx, ADA))
    assert await store.read(lambda tx: GUESTS.find(tx, BY_EMAIL, HOUSE, ADA.email)) == eve


async def test_unknown_fields_survive_a_write(store: Store) -> None:
    """An unknown field of a record survives a write."""
    key, unknown = GUEST.key(HOUSE, ADA.guest_id), b"\xf2\x7f\x03new"
    await put(store, ADA)
    stored = (await rows(store))[key]
    await store.write(lambda tx: _set(tx, key, stored + unknown))
    await put(store, replace(ADA, email="other@example.com"))
    assert unknown in (await rows(store))[key]


async def _set(tx: Write, key: bytes, value: bytes) -> None:
    tx.set(key, value)


async def test_some_are_removed_at_a_time(store: Store) -> None:
    """Records can be removed by key prefix and by expiry, in bounded batches."""
    await put(store, ADA, BOB, replace(ADA, house_id=OTHER_HOUSE, token=b"d" * 32))
    now = ADA.end
    assert await store.write(lambda tx: GUESTS.clear_expired(tx, now, 1)) == 1
    assert await store.write(lambda tx: GUESTS.clear_expired(tx, now, 5)) == 1
    assert await store.write(lambda tx: GUESTS.clear_expired(tx, now, 5)) == 0
    assert await store.write(lambda tx: GUESTS.clear_some(tx, HOUSE, limit=5)) == 1
    assert await rows(store) == {}


def _row(family: Family[Any, Any], key: bytes, value: bytes) -> Row:
    message = GUESTS._message.FromString(value) if family is GUEST else None
    return Row(key, family.unpack(key), value, message)


async def broken(store: Store) -> set[str]:
    """The violations of the declared invariants in the store."""

    def of(family: Any, found: dict[bytes, bytes]) -> Sequence[Row]:
        return [_row(family, key, value) for key, value in found.items() if key in family.space]

    async def read(tx: Read) -> list[str]:
        found = dict(await tx.get_range(SPACE.prefix, SPACE.prefix + b"\xff", limit=1000))
        return [
            invariant.text
            for invariant in SPACE.invariants
            if (some := of(invariant.family, found)) and await invariant.broken(tx, some)
        ]

    return set(await store.read(read))


def _damages() -> Iterator[tuple[bytes, bytes | None, set[str]]]:
    key = GUEST.key(HOUSE, ADA.guest_id)
    no_token = "has no row of its own in test/by_token"
    stray = "leads to no record of test/guest that it finds"
    yield BY_TOKEN.key(ADA.token), None, {no_token}
    yield BY_TOKEN.key(ADA.token), UUID(int=9).bytes * 2, {no_token, stray}
    yield BY_TOKEN.key(b"x" * 32), HOUSE.bytes + ADA.guest_id.bytes, {stray}
    yield BY_EMAIL.key(HOUSE, ADA.email), None, {"has no row of its own in test/by_email"}
    yield BY_EMAIL.key(HOUSE, "eve@example.com"), ADA.guest_id.bytes, {stray}
    yield BY_EMAIL.key(HOUSE, "eve@example.com"), b"no id", {stray}
    yield EXPIRY.entry(ADA.end, key), None, {"has no expiry entry"}
    miscounted = "is not the number of the rows of test/guest that it counts"
    yield COUNT.key(HOUSE), None, {"is not counted in test/count"}
    yield COUNT.key(HOUSE), (3).to_bytes(8, "little"), {miscounted}
    yield COUNT.key(OTHER_HOUSE), (1).to_bytes(8, "little"), {miscounted}


@pytest.mark.parametrize(("key", "value", "texts"), list(_damages()))
async def test_damage_is_found(
    store: Store, key: bytes, value: bytes | None, texts: set[str]
) -> None:
    """The derived invariants check records against index rows and counters, in both directions."""
    await put(store, ADA, BOB)
    assert await broken(store) == set()

    async def damage(tx: Write) -> None:
        tx.clear(key) if value is None else tx.set(key, value)

    await store.write(damage)
    assert await broken(store) == texts


async def test_an_update_does_what_a_put_does(store: Store) -> None:
    """The value that is there is changed, with its rows; a value that is not there can be made."""
    later = replace(ADA, token=b"c" * 32, end=ADA.end + timedelta(days=1))
    await put(store, ADA, BOB)
    seen: list[Guest | None] = []

    def change(old: Guest | None) -> Guest:
        seen.append(old)
        return later

    async def update(tx: Write) -> Guest:
        return await GUESTS.update(tx, HOUSE, ADA.guest_id, change=change)

    assert await store.write(update) == later
    updated = await rows(store)
    await store.write(lambda tx: GUESTS.clear(tx, later))
    assert await store.write(update) == later
    assert seen == [ADA, None]
    assert await rows(store) == updated
    await store.write(lambda tx: GUESTS.clear(tx, later))
    await put(store, later)
    assert await rows(store) == updated


async def test_an_update_may_be_refused(store: Store) -> None:
    """Nothing is written if the change raises."""
    await put(store, ADA)
    before = await rows(store)

    def refuse(_: Guest | None) -> Guest:
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(lambda tx: GUESTS.update(tx, HOUSE, ADA.guest_id, change=refuse))
    assert await rows(store) == before


async def test_a_page_passes_over_a_bounded_number_of_values(store: Store) -> None:
    """A page is filled over values that are left out, until it has passed over a thousand."""
    guests = [replace(BOB, guest_id=UUID(int=100 + one), token=b"%d" % one) for one in range(1_200)]

    async def write(tx: Write) -> None:
        for guest in guests:
            await GUESTS.put(tx, guest)

    await store.write(write)

    async def page(
        after: bytes | None, limit: int, *chosen: int
    ) -> tuple[list[Guest], bytes | None]:
        wanted = {guests[one] for one in chosen}
        found = await store.read(
            lambda tx: GUESTS.page(
                tx, HOUSE, after=after, limit=limit, only=lambda guest: guest in wanted
            )
        )
        return found.items, found.last_key

    assert await page(None, 2, 0, 900) == ([guests[0], guests[900]], guests_key(guests[900]))
    assert await page(None, 5, 3, 1_004) == (
        [guests[3], guests[1_004]],
        guests_key(guests[1_004]),
    )
    items, last = await page(None, 5, 3, 1_005)
    assert (items, last) == ([guests[3]], guests_key(guests[1_004]))
    assert await page(last, 5, 3, 1_005) == ([guests[1_005]], None)


def guests_key(guest: Guest) -> bytes:
    """The key of a guest's record."""
    return GUEST.key(guest.house_id, guest.guest_id)


async def test_what_is_due_by_an_index(store: Store) -> None:
    """Those whose time has come, the first ones first; a record whose time goes is not among them."""
    space = Keyspace("due")
    table = Table(
        Family[UUID, UUID](
            space["guest"],
            uuid("tenant_id"),
            uuid("invitation_id"),
            value=record("coditect.tenants.records.v1.InvitationRecord", 500),
            life="a day",
        ),
        invitations_pb2.InvitationRecord,
        key=lambda guest: (guest.house_id, guest.guest_id),
        fill=_fill,
        parse=_parse,
    )
    by_end = table.index(
        space["by_end"],
        time("end"),
        uuid("tenant_id"),
        uuid("invitation_id"),
        keys=lambda guest: (
            [(milliseconds(guest.end), guest.house_id, guest.guest_id)] if guest.email else []
        ),
        life="as the guest",
    )
    hours = [3, 1, 2, 4]
    guests = [
        Guest(HOUSE, UUID(int=hour), "a@example.com", b"", START + timedelta(hours=hour))
        for hour in hours
    ]

    async def put(tx: Write) -> None:
        for guest in guests:
            await table.put(tx, guest)

    async def due(limit: int) -> list[int]:
        now = START + timedelta(hours=3)
        found = await store.read(lambda tx: table.due(tx, by_end, now, limit))
        return [guest.guest_id.int for guest in found]

    await store.write(put)
    assert (await due(10), await due(2)) == ([1, 2, 3], [1, 2])
    await store.write(lambda tx: table.put(tx, replace(guests[1], email="")))
    assert await due(10) == [2, 3]


async def test_all_records_are_removed_at_once(store: Store) -> None:
    """With everything that finds and counts them, and nothing else."""
    other = SPACE["guest_of_another_table"].pack((1,))

    async def fill(tx: Write) -> None:
        tx.set(other, b"stays")

    async def clear(tx: Write) -> None:
        GUESTS.clear_all(tx)

    await store.write(fill)
    await put(store, ADA, BOB)
    await store.write(clear)
    assert await rows(store) == {other: b"stays"}
