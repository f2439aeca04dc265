"""Transactions of an import when the store is slow, or does not answer."""

import pytest

from kernel.clock import SystemClock
from kernel.errors import StorageConflict, StorageFull, StorageUnavailable
from kernel.ids import SystemIds
from kernel.storage import Store
from ops.importing.batches import Batches, UserItem
from ops.importing.report import Outcome
from services.auth.importing.factors import FactorReader
from services.auth.importing.lines import UserLine
from services.auth.importing.users import ImportUsers
from services.tenants.importing.organizations import ImportOrganizations, Limits
from tests.support.store import WatchedStore

_USERS = ImportUsers(SystemClock(), SystemIds(), FactorReader(SystemIds(), None, "localhost"))
_TENANTS = ImportOrganizations(SystemClock(), Limits(10, 10))


def items(count: int) -> list[UserItem]:
    """Users of so many lines."""
    lines = [UserLine(kind="user", email=f"{number}@example.com") for number in range(count)]
    return [UserItem(number, _USERS.prepare(line)) for number, line in enumerate(lines)]


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
async def test_a_transaction_that_fails_is_divided(
    store: Store, error: type[StorageUnavailable] | type[StorageConflict]
) -> None:
    """It may have taken too long. Every item is written once, and reported in order."""
    watched = WatchedStore(store)
    watched.failures, watched.error = 3, error
    wanted = items(8)
    written = await Batches(watched, _USERS, _TENANTS).write(wanted)
    assert [one.item for one in written] == wanted
    assert {one.outcome for one in written} == {Outcome.CREATED}
    again = await Batches(watched, _USERS, _TENANTS).write(items(8))
    assert {one.outcome for one in again} == {Outcome.PRESENT}


async def test_a_store_that_does_not_answer_ends_the_import(store: Store) -> None:
    """After the transaction of a single item has failed, too."""
    watched = WatchedStore(store)
    watched.failures = 100
    with pytest.raises(StorageUnavailable):
        await Batches(watched, _USERS, _TENANTS).write(items(8))
    assert watched.failures == 96


async def test_a_full_store_ends_the_import_at_once(store: Store) -> None:
    """Smaller transactions would only fill what is kept back."""
    watched = WatchedStore(store)
    watched.failures, watched.error = 100, StorageFull
    with pytest.raises(StorageFull):
        await Batches(watched, _USERS, _TENANTS).write(items(8))
    assert watched.failures == 99
