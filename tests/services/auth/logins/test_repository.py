"""How logins are stored: the record and its expiry row."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from coditect.auth.records.v1 import logins_pb2
from kernel.identity.devices import Device
from kernel.storage import Store
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGIN, LOGINS, logins_of
from tests.services.auth.harness import keeps_unknown_fields, keys_of, login
from tests.support.clock import START


async def put_login(store: Store, new: Login) -> None:
    """Writes a login in a transaction of its own."""
    await store.write(lambda tx: LOGINS.put(tx, new))


async def test_a_login_has_two_rows(store: Store) -> None:
    """The login comes back with every value; a write that moves its end moves its expiry row."""
    new = login()
    await put_login(store, new)
    first = await keys_of(store)
    moved = replace(new, expire_time=new.expire_time + timedelta(days=1))
    await put_login(store, moved)
    second = await keys_of(store)
    assert len(first) == len(second) == 2
    assert LOGIN.key(new.user_id, new.login_id) in first
    assert first != second
    read = await store.read(lambda tx: LOGINS.get(tx, new.user_id, new.login_id))
    assert read == moved
    await store.write(lambda tx: LOGINS.clear(tx, moved))
    assert await keys_of(store) == []


async def test_another_user_has_no_such_login(store: Store) -> None:
    """The same id under another user is absent, and in no list of it."""
    new, other = login(), login()
    await put_login(store, new)
    await put_login(store, other)
    assert await store.read(lambda tx: LOGINS.get(tx, other.user_id, new.login_id)) is None
    assert await store.read(lambda tx: logins_of(tx, other.user_id)) == [other]


async def test_expired_logins_are_found(store: Store) -> None:
    """Exactly those whose time has come are cleared, the oldest first, as many as asked for."""
    logins = [login(expire_time=START + timedelta(seconds=second)) for second in range(5)]
    for new in logins:
        await put_login(store, new)
    now = START + timedelta(seconds=3)
    counts = [await store.write(lambda tx: LOGINS.clear_expired(tx, now, 3)) for _ in range(3)]
    assert counts == [3, 1, 0]
    last = logins[-1]
    assert len(await keys_of(store)) == 2
    read = await store.read(lambda tx: LOGINS.get(tx, last.user_id, last.login_id))
    assert read == last


async def test_a_renewed_login_is_not_expired(store: Store) -> None:
    """A refresh that moves the end keeps the sweeper off."""
    new = login(expire_time=START)
    await put_login(store, new)
    await put_login(store, replace(new, expire_time=START + timedelta(days=1)))
    assert await store.write(lambda tx: LOGINS.clear_expired(tx, START, 10)) == 0


def test_a_login_of_an_older_version_is_read() -> None:
    """A record without the later fields is a login that has never been rotated."""
    record = logins_pb2.LoginRecord(
        login_id=str(uuid4()), user_id=str(uuid4()), tenant_id=str(uuid4()), role="owner"
    )
    read = LOGINS.parse(record.SerializeToString())
    assert (read.previous_token_hash, read.rotation_salt, read.device) == (b"", b"", Device("", ""))


async def test_unknown_fields_survive(store: Store) -> None:
    """What a newer version has added to a login is still there after a write by this one."""
    new = login()
    key = LOGIN.key(new.user_id, new.login_id)
    assert await keeps_unknown_fields(store, key, lambda tx: LOGINS.put(tx, new))
