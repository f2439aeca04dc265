"""How the revocation log is stored."""

from datetime import timedelta
from uuid import UUID, uuid4

from kernel.identity.revocations import KEEP, Revocation
from kernel.storage import Store, Write
from services.auth.revocations import repository
from tests.support.clock import START


async def test_revocations_are_read_and_cleared_in_commit_order(store: Store) -> None:
    """Reads start behind a cursor; entries whose tokens have expired are cleared in bounded batches."""
    added = [Revocation(UUID(int=n), START + timedelta(seconds=n), uuid4()) for n in range(5)]
    added.append(Revocation(uuid4(), START, tenant_id=uuid4()))
    assert await store.read(repository.last_revocation) == b""
    for one in added:

        async def append(tx: Write, one: Revocation = one) -> None:
            repository.append_revocation(tx, one)

        await store.write(append)
    rows = await store.read(lambda tx: repository.revocations_after(tx, b"", 100))
    assert [one for _, one in rows] == added
    assert await store.read(repository.last_revocation) == rows[-1][0]
    behind = await store.read(lambda tx: repository.revocations_after(tx, rows[2][0], 2))
    assert [one for _, one in behind] == added[3:5]
    settled = START + timedelta(seconds=3) + KEEP

    async def sweep(limit: int) -> int:
        return await store.write(lambda tx: repository.clear_old_revocations(tx, settled, limit))

    # The entry that is dated out of order is found behind those that stay.
    assert [await sweep(limit) for limit in (2, 2, 10)] == [2, 2, 0]
    rows = await store.read(lambda tx: repository.revocations_after(tx, b"", 100))
    assert [one for _, one in rows] == added[3:5]
