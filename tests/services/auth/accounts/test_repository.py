"""What the idempotency record of a registration keeps."""

from dataclasses import replace
from uuid import uuid4

from kernel.storage import Store
from services.auth.accounts import repository
from services.auth.accounts.model import Registration
from services.auth.users.repository import USERS
from tests.services.auth.harness import user


async def test_a_registration_is_found_again_with_the_user_as_it_is_then(store: Store) -> None:
    """Kept are three ids, a salt and a digest, nothing of the user; a deleted user is not found."""
    new = Registration(user(), uuid4(), uuid4(), bytes(range(32)), bytes(range(32, 64)))
    kept = repository.pack(new)
    assert len(kept) <= 130
    assert await store.read(lambda tx: repository.registration(tx, kept)) is None
    changed = replace(new.user, first_name="Augusta")
    await store.write(lambda tx: USERS.put(tx, changed))
    found = await store.read(lambda tx: repository.registration(tx, kept))
    assert found == replace(new, user=changed)
