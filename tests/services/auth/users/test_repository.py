"""How users are stored: the record and the row of the email address."""

from uuid import uuid4

from kernel.storage import Store
from services.auth.users.repository import EMAIL, USER, USERS, user_of_email
from tests.services.auth.harness import keeps_unknown_fields, keys_of, user


async def test_a_user_has_two_rows(store: Store) -> None:
    """A user is stored under id and normalized address, found by both, and cleared from both."""
    new = user()
    await store.write(lambda tx: USERS.put(tx, new))
    await store.write(lambda tx: USERS.put(tx, new))
    assert await keys_of(store) == [EMAIL.key("ada@example.com"), USER.key(new.user_id)]
    assert await store.read(lambda tx: USERS.get(tx, new.user_id)) == new
    assert await store.read(lambda tx: user_of_email(tx, "ada@example.com")) == new
    assert await store.read(lambda tx: USERS.get(tx, uuid4())) is None
    assert await store.read(lambda tx: user_of_email(tx, "Ada@Example.com")) is None
    await store.write(lambda tx: USERS.clear(tx, new))
    assert await keys_of(store) == []


async def test_unknown_fields_survive(store: Store) -> None:
    """A write keeps the fields that a newer version has added to the record."""
    new = user()
    key = USER.key(new.user_id)
    assert await keeps_unknown_fields(store, key, lambda tx: USERS.put(tx, new))
