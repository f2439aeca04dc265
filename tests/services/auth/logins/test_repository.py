"""How logins are stored: the record and its expiry row."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from coditect.auth.records.v1 import logins_pb2
from kernel.identity.callers import Assurance
from kernel.identity.devices import Device
from kernel.storage import Store, Write
from services.auth.logins.model import PASSWORD_ALONE, Login, Method, assurance_of
from services.auth.logins.repository import LOGIN, LOGINS, logins_of
from tests.services.auth.harness import keeps_unknown_fields, keys_of, login
from tests.support.clock import START


async def put_login(store: Store, new: Login) -> None:
    """Writes a login in a transaction of its own."""
    await store.write(lambda tx: LOGINS.put(tx, new))


async def test_a_login_has_two_rows(store: Store) -> None:
    """A login is stored with an expiry row, which moves with its end and is cleared with it."""
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


async def test_a_login_belongs_to_one_user(store: Store) -> None:
    """A read of the login id under another user finds nothing; that user's list omits it."""
    new, other = login(), login()
    await put_login(store, new)
    await put_login(store, other)
    assert await store.read(lambda tx: LOGINS.get(tx, other.user_id, new.login_id)) is None
    assert await store.read(lambda tx: logins_of(tx, other.user_id)) == [other]


async def test_expired_logins_are_cleared_oldest_first(store: Store) -> None:
    """`clear_expired` clears at most the given number of logins, and only expired ones."""
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
    """`clear_expired` keeps a login whose end has moved into the future."""
    new = login(expire_time=START)
    await put_login(store, new)
    await put_login(store, replace(new, expire_time=START + timedelta(days=1)))
    assert await store.write(lambda tx: LOGINS.clear_expired(tx, START, 10)) == 0


def test_a_login_of_an_older_version_is_read() -> None:
    """A record without the fields added later parses with empty values."""
    record = logins_pb2.LoginRecord(
        login_id=str(uuid4()), user_id=str(uuid4()), tenant_id=str(uuid4()), role="owner"
    )
    read = LOGINS.parse(record.SerializeToString())
    assert (read.previous_token_hash, read.rotation_salt, read.device) == (b"", b"", Device("", ""))
    assert read.methods == PASSWORD_ALONE
    assert assurance_of(read.methods) is Assurance.AAL1


async def test_a_method_of_a_later_version_survives(store: Store) -> None:
    """A login with a method that this version does not know is read without it, and written with it."""
    new = login(methods=frozenset({Method.PASSWORD, Method.ONE_TIME_CODE}))
    key = LOGIN.key(new.user_id, new.login_id)
    await put_login(store, new)

    async def add_method(tx: Write) -> None:
        record = logins_pb2.LoginRecord.FromString(await tx.get(key) or b"")
        record.authentication_methods.append("face")
        tx.set(key, record.SerializeToString())

    await store.write(add_method)
    read = await store.read(lambda tx: LOGINS.get(tx, new.user_id, new.login_id))
    assert read == new
    await put_login(store, new)
    record = logins_pb2.LoginRecord.FromString(await store.read(lambda tx: tx.get(key)) or b"")
    assert record.authentication_methods == ["face", "otp", "pwd"]


async def test_unknown_fields_survive(store: Store) -> None:
    """A write keeps the fields that a newer version has added to the record."""
    new = login()
    key = LOGIN.key(new.user_id, new.login_id)
    assert await keeps_unknown_fields(store, key, lambda tx: LOGINS.put(tx, new))
