"""How signing keys are stored."""

from datetime import timedelta

from kernel.identity.signatures import Algorithm
from kernel.storage import Store
from services.auth.signing_keys import repository
from services.auth.signing_keys.model import SigningKey
from tests.services.auth.harness import keeps_unknown_fields
from tests.support.clock import START


async def test_signing_keys_are_ordered_by_activation_time(store: Store) -> None:
    """The key that activates first comes first, regardless of its id; every field is kept."""
    retire = START + timedelta(days=2)
    first = SigningKey("z", Algorithm.EDDSA, b"p" * 32, b"s", START, START, retire)
    second = SigningKey(
        "a", Algorithm.ES256, b"q" * 65, b"t", START, START + timedelta(seconds=1), None
    )
    for key in (second, first):
        await store.write(lambda tx, key=key: repository.SIGNING_KEYS.put(tx, key))  # type: ignore[misc]
    assert await store.read(repository.signing_keys) == [first, second]


async def test_unknown_fields_survive(store: Store) -> None:
    """A write keeps the fields that a newer version has added to the record."""
    new = SigningKey("kid", Algorithm.ES256, b"p" * 65, b"sealed", START, START, None)
    key = repository.SIGNING_KEY.key(new.kid)
    assert await keeps_unknown_fields(store, key, lambda tx: repository.SIGNING_KEYS.put(tx, new))
