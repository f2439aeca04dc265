"""How passkeys are stored, found and counted."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from kernel.storage import Store
from services.auth.passkeys import repository
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.repository import (
    CREDENTIAL_ID_BYTES,
    PASSKEY,
    PASSKEYS,
    PUBLIC_KEY_BYTES,
)
from tests.services.auth.harness import keeps_unknown_fields, keys_of
from tests.support.clock import START
from tests.support.store import rows_between


def passkey(**given: Any) -> Passkey:
    """A passkey with default values and new ids, except for the given values."""
    values: dict[str, Any] = {
        "factor_id": uuid4(),
        "user_id": uuid4(),
        "name": "Phone",
        "credential_id": uuid4().bytes,
        "public_key": b"key",
        "sign_count": 7,
        "transports": ("hybrid", "internal"),
        "create_time": START,
        "last_used_time": START,
    }
    return Passkey(**{**values, **given})


async def test_a_passkey_has_three_rows(store: Store) -> None:
    """The record, what finds it by its credential, and the count of the user; all go with it."""
    new = passkey()
    await store.write(lambda tx: PASSKEYS.put(tx, replace(new, last_used_time=None)))
    await store.write(lambda tx: PASSKEYS.put(tx, new))
    assert len(await keys_of(store)) == 3
    assert await store.read(lambda tx: repository.of_credential(tx, new.credential_id)) == new
    assert await store.read(lambda tx: repository.of_user(tx, new.user_id)) == [new]
    assert await store.read(lambda tx: repository.count(tx, new.user_id)) == 1
    await store.write(lambda tx: PASSKEYS.clear(tx, new))
    assert await keys_of(store) == []


async def test_a_passkey_of_another_user(store: Store) -> None:
    """It is in no list and no count of a user, and stays when theirs are removed."""
    late, other = passkey(create_time=START.replace(year=2100)), passkey()
    early = passkey(user_id=late.user_id)
    for one in (late, early, other):
        await store.write(lambda tx, one=one: PASSKEYS.put(tx, one))
    assert await store.read(lambda tx: repository.of_user(tx, late.user_id)) == [early, late]
    assert await store.read(lambda tx: repository.count(tx, late.user_id)) == 2
    await store.write(lambda tx: repository.clear_of_user(tx, late.user_id))
    assert await store.read(lambda tx: repository.of_user(tx, other.user_id)) == [other]
    assert len(await keys_of(store)) == 3


async def test_the_largest_passkey_fits(store: Store) -> None:
    """A record with the longest of everything is no larger than declared."""
    large = passkey(
        name="\U0001f511" * 100,
        credential_id=b"\xff" * CREDENTIAL_ID_BYTES,
        public_key=b"\xff" * PUBLIC_KEY_BYTES,
        sign_count=(1 << 32) - 1,
        transports=("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"),
    )
    await store.write(lambda tx: PASSKEYS.put(tx, large))
    ((_, value),) = await rows_between(store, *PASSKEY.range())
    assert len(value) <= PASSKEY.value.max_bytes
    assert PASSKEYS.parse(value) == large


async def test_unknown_fields_survive(store: Store) -> None:
    """A write keeps the fields that a newer version has added to the record."""
    new = passkey()
    key = PASSKEY.key(new.user_id, new.factor_id)
    assert await keeps_unknown_fields(store, key, lambda tx: PASSKEYS.put(tx, new))
