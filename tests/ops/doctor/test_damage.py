"""Each invariant is broken on purpose, and the doctor reports exactly that."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from kernel.storage import Store, Write, open_store
from kernel.storage.families import AnyFamily, Family
from ops.doctor.catalogue import Catalogue
from services.auth import keys as auth
from services.sessions import keys as sessions
from services.tenants import keys as tenants
from services.tenants.memberships import repository as memberships
from tests.ops.doctor.damage import Damage
from tests.ops.doctor.damages import DAMAGES
from tests.ops.doctor.environment import Environment, findings
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted
from tests.support.store import rows_between

LIVES: list[tuple[AnyFamily, AnyFamily]] = [
    (memberships.DELETED_USERS.rows, memberships.DELETED_USERS.expiry.entries),
    (sessions.DELETED_USERS.rows, sessions.DELETED_USERS.expiry.entries),
    (sessions.REMOVED_MEMBERS.rows, sessions.REMOVED_MEMBERS.expiry.entries),
    (sessions.DELETED_TENANTS.rows, sessions.DELETED_TENANTS.expiry.entries),
]
for _rows, _entries in LIVES:
    DAMAGES += [
        Damage(f"no {_rows}", _rows, None, {(_entries.name, "has no row that expires then")}),
        Damage(f"no {_entries}", _entries, None, {(_rows.name, "has no expiry entry")}),
    ]
for _one in (auth.IDEMPOTENCY, sessions.IDEMPOTENCY, tenants.IDEMPOTENCY):
    _records, _times = _one.records, _one.by_time
    _miscounted = miscounted(_records.name, _one.counts.name)
    _not_found = no_record(_records.name, _times.name)
    _no_expiry = (_one.expiry.entries.name, "has no row that expires then")
    DAMAGES += [
        Damage(f"no {_records}", _records, None, {_no_expiry, _not_found, _miscounted}),
        Damage(
            f"no {_one.expiry.entries}",
            _one.expiry.entries,
            None,
            {(_records.name, "has no expiry entry")},
        ),
        Damage(f"no {_times}", _times, None, {no_row(_records.name, _times.name)}),
        Damage(
            f"no {_one.counts}",
            _one.counts,
            None,
            {not_counted(_records.name, _one.counts.name)},
        ),
        Damage(f"a wrong {_one.counts}", _one.counts, (7).to_bytes(8, "little"), {_miscounted}),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def environment(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Environment]:
    """All contexts with data, filled once for all damages: each test takes its own back."""
    folder = tmp_path_factory.mktemp("environment")
    store = open_store(f"lmdb://{folder}/store?map_size={1 << 30}")
    environment = Environment(store)
    await environment.populate()
    yield environment
    await environment.close()
    await store.close()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
async def test_damage_is_found(environment: Environment, damage: Damage) -> None:
    """The doctor reports exactly the findings that the damage causes."""
    store = environment.store
    key = await _key(environment, damage.row)
    intact = await store.read(lambda tx: tx.get(key))
    value = damage.value
    if callable(value):
        value = value(environment) if intact is None else value(intact)
    await _put(store, key, value)
    try:
        found = await findings(store)
    finally:
        await _put(store, key, intact)
    assert {(finding.family, finding.text) for finding in found} == damage.findings


def test_every_invariant_has_a_damage() -> None:
    """For every invariant there is a damage that breaks it."""
    shown = {finding for damage in DAMAGES for finding in damage.findings}
    assert {(one.family.name, one.text) for one in Catalogue().invariants} - shown == set()


async def _key(environment: Environment, row: Callable[[Environment], bytes] | AnyFamily) -> bytes:
    if isinstance(row, Family):
        rows = await rows_between(environment.store, *row.range())
        return rows[0][0]
    return row(environment)


async def _put(store: Store, key: bytes, value: bytes | None) -> None:
    """Writes a row, or removes it."""

    async def write(tx: Write) -> None:
        if value is None:
            tx.clear(key)
        else:
            tx.set(key, value)

    await store.write(write)
