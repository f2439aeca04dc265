"""How sessions are stored: index rows match their records, and clearing leaves no row."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from coditect.sessions.records.v1 import sessions_pb2
from coditect.sessions.v5 import sessions_pb2 as pb
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import Page
from services.sessions import keys, repository
from services.sessions.messages import fill, pass_on
from services.sessions.model import Session


def session(**given: Any) -> Session:
    """A session with new values for everything not given."""
    values: dict[str, Any] = {
        "session_id": uuid4(),
        "tenant_id": uuid4(),
        "user_id": uuid4(),
        "name": "Name",
        "workspace_path": "/work",
        "state": b"",
        "revision": 1,
        "create_time": 1_000,
        "update_time": 2_000,
        "last_active_time": 3_001,
        "expire_time": 4_999,
        "tenant_epoch": 3,
    }
    return Session(**{**values, **given})


async def put(store: Store, *news: Session) -> None:
    """Writes sessions in one transaction."""

    async def write(tx: Write) -> None:
        for new in news:
            await repository.put_session(tx, new)

    await store.write(write)


async def rows(store: Store) -> list[tuple[bytes, bytes]]:
    """All rows of the context."""

    async def read(tx: Read) -> list[tuple[bytes, bytes]]:
        return await tx.get_range(*keys.SESSIONS.range(), limit=1000)

    return await store.read(read)


async def test_a_session_is_read_as_written(store: Store) -> None:
    """A session is read back with every value, times to the millisecond."""
    new = session()
    await put(store, new)
    read = await store.read(lambda tx: repository.session(tx, new.tenant_id, new.session_id))
    assert read == new


def test_an_answer_takes_a_record_as_it_is() -> None:
    """Each field of the contract's session has its number and its form in a record, too."""
    record = sessions_pb2.SessionRecord.DESCRIPTOR.fields_by_name
    for field in pb.Session.DESCRIPTOR.fields:
        stored = record[field.name]
        assert stored.number == field.number
        assert stored.message_type is field.message_type or field.name == "state"
        assert stored.type == field.type or field.name == "state"
    # The bytes of a message have the form of the message.
    assert record["state"].type == record["state"].TYPE_BYTES
    assert pb.Session.DESCRIPTOR.fields_by_name["state"].message_type is Struct.DESCRIPTOR


@pytest.mark.parametrize("letters", [0, 10, 60_000, 200_000])
async def test_a_session_as_it_is_stored(store: Store, letters: int) -> None:
    """Both ways to read a session give the same answer, without what only the record has."""
    state = Struct()
    if letters:
        state.update({"text": "x" * letters})
    new = replace(
        session(), state=state.SerializeToString(), tenant_epoch=7, has_tokens=True, name="Né"
    )
    await put(store, new)
    stored = await store.read(
        lambda tx: repository.stored_session(tx, new.tenant_id, new.session_id)
    )
    assert stored is not None
    assert repository.whole(stored) == new
    assert stored[:3] == (new.session_id, new.user_id, new.expire_time)
    expected, passed_on = pb.Session(), pb.Session()
    fill(expected, new)
    pass_on(passed_on, stored)
    assert passed_on.HasField("state")
    assert passed_on.SerializeToString(deterministic=True) == expected.SerializeToString(
        deterministic=True
    )


async def test_another_tenant_has_no_such_session(store: Store) -> None:
    """The same id in another tenant is not found."""
    new = session()
    await put(store, new)
    assert await store.read(lambda tx: repository.session(tx, uuid4(), new.session_id)) is None


async def test_rows_are_those_of_the_key_table(store: Store) -> None:
    """A session has exactly the six rows of the key space, also after a second write."""
    new = session()
    await put(store, new)
    await put(store, replace(new, expire_time=9_000, revision=2))
    assert [key for key, _ in await rows(store)] == sorted(
        [
            keys.SESSION.key(new.tenant_id, new.session_id),
            keys.SESSION_OWNER.key(new.session_id),
            repository.SESSION_BY_USER.key(new.tenant_id, new.user_id, new.session_id),
            repository.SESSION_BY_ACTIVITY.key(
                new.tenant_id, new.user_id, 3_001, 9_000, new.session_id
            ),
            repository.SESSION_EXPIRY.entry(9_000, keys.SESSION.key(new.tenant_id, new.session_id)),
            repository.SESSION_COUNT.key(new.user_id, new.tenant_id),
        ]
    )


async def test_clear_leaves_nothing(store: Store) -> None:
    """Removing the last session of a user removes every row."""
    new = session()
    await put(store, new)
    await store.write(lambda tx: repository.clear_session(tx, new))
    assert await rows(store) == []


async def test_the_count_follows_puts_and_clears(store: Store) -> None:
    """The count is per user and tenant, and counts sessions, not writes."""
    first = session()
    second = session(tenant_id=first.tenant_id, user_id=first.user_id)
    for new in (first, first, second, session(user_id=first.user_id)):
        await put(store, new)

    async def count(tx: Read) -> int:
        return (await repository.session_quota(tx, first.tenant_id, first.user_id, 3)).used

    assert await store.read(count) == 2
    await store.write(lambda tx: repository.clear_session(tx, first))
    assert await store.read(count) == 1


async def test_unknown_fields_of_a_record_survive(store: Store) -> None:
    """Fields that a newer version added to a record survive a write by this version."""
    new = session()
    key = keys.SESSION.key(new.tenant_id, new.session_id)
    unknown = b"\xa2\x06\x05hello"  # field 100

    async def add_unknown(tx: Write) -> None:
        await repository.put_session(tx, new)
        tx.set(key, (await tx.get(key) or b"") + unknown)

    await store.write(add_unknown)
    await put(store, replace(new, name="Other", revision=2))
    value = await store.read(lambda tx: tx.get(key))
    assert value is not None
    assert unknown in value
    assert sessions_pb2.SessionRecord.FromString(value).name == "Other"


def test_record_of_an_older_version_is_read() -> None:
    """A record without newer fields is read with their defaults."""
    old = sessions_pb2.SessionRecord(
        session_id=str(uuid4()), tenant_id=str(uuid4()), user_id=str(uuid4()), revision=1
    )
    read = repository.SESSIONS.parse(old.SerializeToString())
    assert (read.name, read.state, read.expire_time, read.tenant_epoch) == ("", b"", 0, 0)


@pytest.mark.parametrize("digits", [1, 2, 3, 5])
async def test_a_state_at_the_limit_fits_into_a_value(store: Store, digits: int) -> None:
    """A state of numbers can be stored, although it is several times larger than its JSON."""
    numbers = random.Random(digits)
    count = 65_500 // (digits + 1)
    state = Struct()
    json_format.ParseDict(
        {"a": [numbers.randrange(10 ** (digits - 1), 10**digits) for _ in range(count)]}, state
    )
    new = session(state=state.SerializeToString(), name="n" * 200, workspace_path="🎉" * 1024)
    await put(store, new)
    read = await store.read(lambda tx: repository.session(tx, new.tenant_id, new.session_id))
    assert read == new


async def test_page_ends_before_it_is_too_large(store: Store) -> None:
    """Sessions with much state need more pages, and none is skipped."""
    state = Struct(fields={})
    state.update({"a": "x" * 60_000})
    tenant_id, user_id = uuid4(), uuid4()
    news = [
        session(tenant_id=tenant_id, user_id=user_id, state=state.SerializeToString())
        for _ in range(60)
    ]
    for new in news:
        await put(store, new)
    in_order = sorted(news, key=lambda new: new.session_id)
    for name, expected in {
        "by id": in_order,
        "of the tenant": in_order,
        "everywhere": in_order,
        "by activity": in_order[::-1],
    }.items():
        seen, after, pages = [], None, 0
        while pages == 0 or after is not None:
            page = await read_page(store, name, tenant_id, user_id, after)
            seen += page.items
            after, pages = page.last_key, pages + 1
            assert sum(len(one.state) for one in page.items) <= repository.PAGE_BYTES
        assert seen == expected
        assert pages == 20


LISTS = ("by id", "of the tenant", "everywhere", "by activity")


async def read_page(
    store: Store, name: str, tenant_id: UUID, user_id: UUID, after: bytes | None, now: int = 0
) -> Page[Session]:
    """A page of one of the lists."""

    async def read(tx: Read) -> Page[Session]:
        where: dict[str, Any] = {"after": after, "limit": 1000, "now": now}
        if name == "of the tenant":
            return await repository.sessions_of_tenant(tx, tenant_id, **where)
        if name == "everywhere":
            return await repository.sessions_everywhere(tx, user_id, **where)
        if name == "by id":
            return await repository.sessions_of_user(tx, tenant_id, user_id, **where)
        return await repository.recent_sessions_of_user(tx, tenant_id, user_id, **where)

    return await store.read(read)


def record_of(one: Session) -> bytes:
    """The record of a session as it is stored."""
    record = sessions_pb2.SessionRecord()
    repository._fill(record, one)
    return record.SerializeToString()


def filling(count: int) -> list[Session]:
    """Sessions of a user of which 16 fill a page to the last byte."""
    tenant_id, user_id, state = uuid4(), uuid4(), Struct()
    for size in range(7_900, 8_300):
        state.update({"a": "x" * size})
        one = session(tenant_id=tenant_id, user_id=user_id, state=state.SerializeToString())
        taken = len(record_of(one)) + len(one.state)
        if taken == repository.PAGE_BYTES // 16:
            return [replace(one, session_id=uuid4()) for _ in range(count)]
        if taken > repository.PAGE_BYTES // 16:  # the lengths are odd: let the name help
            state.update({"a": "x" * (size - 1)})
            packed = replace(one, state=state.SerializeToString())
            left = repository.PAGE_BYTES // 16 - len(record_of(packed))
            left -= len(packed.state)
            longer = replace(packed, name=packed.name + "n" * left)
            return [replace(longer, session_id=uuid4()) for _ in range(count)]
    raise AssertionError("no state fits")


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_ends_where_it_is_full_to_the_last_byte(store: Store, name: str) -> None:
    """The session that takes the last byte ends the page; if it is the last, there is no other."""
    for count, sizes in {16: [16], 17: [16, 1]}.items():
        news = filling(count)
        await put(store, *news)
        first = await read_page(store, name, news[0].tenant_id, news[0].user_id, None)
        pages = [first]
        while pages[-1].last_key is not None:
            pages.append(
                await read_page(store, name, news[0].tenant_id, news[0].user_id, pages[-1].last_key)
            )
        assert [len(page.items) for page in pages] == sizes


async def test_expired_sessions_are_not_read_for_the_list_by_activity(store: Store) -> None:
    """However much state they have, they do not end a page early."""
    living, *expired = filling(40)
    await put(store, *(replace(new, last_active_time=4_000) for new in expired))
    await put(store, replace(living, expire_time=9_000))
    tenant_id, user_id = living.tenant_id, living.user_id
    page = await read_page(store, "by activity", tenant_id, user_id, None, now=4_999)
    assert [one.session_id for one in page.items] == [living.session_id]


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_is_filled_over_expired_sessions(store: Store, name: str) -> None:
    """Expired sessions are passed over, however many there are: a page is not empty for them."""
    tenant_id, user_id = uuid4(), uuid4()
    news = [
        session(tenant_id=tenant_id, user_id=user_id, expire_time=9_000 if one == 120 else 4_999)
        for one in range(240)
    ]
    await put(store, *news)
    page = await read_page(store, name, tenant_id, user_id, None, now=4_999)
    assert page.items == [news[120]]
    assert page.last_key is None


async def test_an_expiry_row_without_a_session_is_swept(store: Store) -> None:
    """`clear_expired` removes expiry rows whose session record is missing."""
    new = session()
    await put(store, new)

    async def lose(tx: Write) -> None:
        repository.SESSION_EXPIRY.put(tx, 1, keys.SESSION.key(uuid4(), uuid4()))
        tx.clear(keys.SESSION.key(new.tenant_id, new.session_id))

    await store.write(lose)
    assert await store.write(lambda tx: repository.clear_expired(tx, 5_000, 10)) == 2
    assert await store.write(lambda tx: repository.clear_expired(tx, 5_000, 10)) == 0
