"""How sessions are stored: index rows match their records, and clearing leaves no row."""

import random
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage import Read, Store, Write
from services.sessions import keys, repository
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


async def put(store: Store, new: Session) -> None:
    """Writes a session in its own transaction."""
    await store.write(lambda tx: repository.put_session(tx, new))


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


async def test_another_tenant_has_no_such_session(store: Store) -> None:
    """The same id in another tenant is not found."""
    new = session()
    await put(store, new)
    assert await store.read(lambda tx: repository.session(tx, uuid4(), new.session_id)) is None


async def test_rows_are_those_of_the_key_table(store: Store) -> None:
    """A session has exactly the five rows that keys.py describes, also after a second write."""
    new = session()
    await put(store, new)
    await put(store, replace(new, expire_time=9_000, revision=2))
    assert [key for key, _ in await rows(store)] == sorted(
        [
            keys.SESSION.key(new.tenant_id, new.session_id),
            keys.SESSION_OWNER.key(new.session_id),
            repository.SESSION_BY_USER.key(new.tenant_id, new.user_id, new.session_id),
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
    for of_user in (True, False):
        seen, after, pages = [], None, 0
        while pages == 0 or after is not None:

            async def read(tx: Read, after: bytes | None = after, of_user: bool = of_user) -> Any:
                if of_user:
                    return await repository.sessions_of_user(
                        tx, tenant_id, user_id, after=after, limit=1000
                    )
                return await repository.sessions_of_tenant(tx, tenant_id, after=after, limit=1000)

            page = await store.read(read)
            seen += page.items
            after, pages = page.last_key, pages + 1
            assert sum(len(one.state) for one in page.items) <= repository.PAGE_BYTES
        assert seen == sorted(news, key=lambda new: new.session_id)
        assert pages == 20


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
