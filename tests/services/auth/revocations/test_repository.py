"""How the log of revocations is stored."""

from datetime import timedelta
from uuid import UUID, uuid4

from kernel.identity.revocations import Revocation
from kernel.storage import Store, Write
from services.auth.revocations import repository
from tests.support.clock import START


async def test_revocations_come_in_the_order_of_their_commits(store: Store) -> None:
    """The log is read behind a cursor; the last entry is its end; old ones go in front."""
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
    before = START + timedelta(seconds=3)

    async def sweep(limit: int) -> int:
        return await store.write(lambda tx: repository.clear_old_revocations(tx, before, limit))

    counts = [await sweep(limit) for limit in (2, 2, 2, 10)]
    assert counts == [2, 1, 0, 1]  # in pieces from the front; the late one by the last
