"""What goes with a tenant."""

from uuid import uuid4

from kernel.storage import Store, counted
from services.auth.oauth_clients import repository
from services.auth.oauth_clients.erasure import erase_tenant_clients
from services.auth.oauth_clients.repository import OAUTH_CLIENT_COUNT
from tests.services.auth.harness import AuthHarness, keys_of
from tests.services.auth.oauth_clients import harness as given
from tests.support.clock import START


async def test_the_clients_of_a_tenant_go_in_small_pieces(
    harness: AuthHarness, store: Store
) -> None:
    """As many as asked for at once, with their tokens; those of other tenants stay."""
    tenant_id = uuid4()
    clients = [await given.put(store, given.client(tenant_id=tenant_id)) for _ in range(3)]
    other = await given.put(store, given.client())
    before = await keys_of(store)

    async def erase() -> int:
        return await store.write(lambda tx: erase_tenant_clients(tx, tenant_id, START, 2))

    assert [await erase() for _ in range(3)] == [2, 1, 0]
    revoked = {revocation.source_id for revocation in await harness.revoked()}
    assert revoked == {client.source_id for client in clients}
    left = counted(await store.read(lambda tx: tx.get(OAUTH_CLIENT_COUNT.key(tenant_id))))
    assert left == 0
    assert await store.read(lambda tx: repository.registered(tx, given.uuid_of(other))) == other
    # A record, its index and, together, a counter; for each a revocation, and the head of the log.
    assert len(await keys_of(store)) == len(before) - 7 + 4


async def test_a_tenant_without_clients(store: Store) -> None:
    """There is nothing to erase."""
    assert await store.write(lambda tx: erase_tenant_clients(tx, uuid4(), START, 2)) == 0
