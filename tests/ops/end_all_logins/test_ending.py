"""What ends in the store, and that nothing else changes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from kernel.storage import Store, Write
from kernel.storage.lmdb.store import LmdbStore
from ops.doctor.catalogue import Catalogue
from ops.end_all_logins.ending import LOGIN, Scope, count, end_access_tokens, end_all
from services.auth.logins.repository import LOGINS
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators.granting import COMMAND
from tests.ops.doctor.environment import Environment, findings
from tests.support.clock import START
from tests.support.store import rows_between

ACT = OperatorAct(START, None, Act.LOGINS_ENDED, COMMAND, reason="A log with tokens was public")
TABLES = {
    "logins": "auth/login",
    "workspace": "auth/workspace_token",
    "personal": "auth/personal_access_token",
    "accounts": "auth/service_account_key",
}


def silent(_: int) -> None:
    """Takes progress, and drops it."""


async def rows_of(store: Store) -> Counter[str]:
    """The number of rows of each family."""
    catalogue = Catalogue()
    keys = [key for key, _ in await rows_between(store, b"", b"\xfe")]
    return Counter(family.name for key in keys if (family := catalogue.find(key)))


def gone(name: str) -> set[str]:
    """A table's family with those of its indexes and counters."""
    families = Catalogue().families
    (table,) = (family for family in families if family.name == TABLES[name])
    return {table.name, *(family.name for family in families if family.of is table)}


@pytest.mark.parametrize(
    ("scope", "ended"),
    [
        (Scope.of(logins=True, personal_tokens=True, account_keys=True), set(TABLES)),
        (
            Scope.of(logins=True, personal_tokens=True, account_keys=False),
            {"logins", "workspace", "personal"},
        ),
        (Scope.of(logins=True, personal_tokens=False, account_keys=False), {"logins", "workspace"}),
        (Scope.of(logins=False, personal_tokens=False, account_keys=False), set()),
    ],
    ids=["everything", "people", "logins", "access-tokens"],
)
async def test_exactly_what_is_in_the_scope_ends(
    environment: Environment, scope: Scope, ended: set[str]
) -> None:
    """With its indexes and counters; no other row changes, and no invariant breaks."""
    before = await rows_of(environment.store)
    assert all(before[family] for family in TABLES.values())
    await end_all(environment.store, scope, ACT, silent)
    after = await rows_of(environment.store)
    emptied = {"auth/key"}.union(*map(gone, ended))
    expected = {name: number for name, number in before.items() if name not in emptied}
    noted = {"auth/key_removals": 1, "auth/operator_log": before["auth/operator_log"] + 1}
    assert dict(after) == expected | noted
    assert await findings(environment.store) == []


async def test_a_repeat_ends_what_is_left(environment: Environment) -> None:
    """A second run does no harm, and a login that began meanwhile ends with it."""
    scope = Scope.of(logins=True, personal_tokens=True, account_keys=True)
    await end_all(environment.store, scope, ACT, silent)
    await environment.auth.signing_keys.refresh()
    await environment.auth.register("New-one@Example.com")
    assert await count(environment.store, LOGIN, silent) == 1
    await end_all(environment.store, scope, ACT, silent)
    assert await count(environment.store, LOGIN, silent) == 0
    assert await findings(environment.store) == []


async def test_a_replica_makes_one_new_key(environment: Environment) -> None:
    """Two replicas that notice at the same time agree on the key."""
    old = {key.kid for key in environment.auth.signing_keys.published}
    await end_access_tokens(environment.store, replace(ACT, act=Act.ACCESS_TOKENS_ENDED))
    await environment.auth.signing_keys.refresh()
    (key,) = environment.auth.signing_keys.published
    assert key.kid not in old


async def test_the_end_of_access_tokens_is_in_the_operator_log(environment: Environment) -> None:
    """Alone, as any act; the reason, too."""
    act = replace(ACT, act=Act.ACCESS_TOKENS_ENDED)
    await end_access_tokens(environment.store, act)
    assert (await acts_of(environment.store))[0] == act


async def acts_of(store: Store) -> list[OperatorAct]:
    """The operator log, the newest act first."""
    found = await store.read(lambda tx: operator_log.acts(tx, lambda _: True, after=None, limit=10))
    return found.items


class SteppingClock:
    """A monotonic clock that goes on by a step whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0

    def __call__(self) -> float:
        """The time in seconds."""
        self.now += self.step
        return self.now


async def test_too_many_for_one_transaction(tmp_path: Path) -> None:
    """Where one transaction would take too long there are several, with the same result."""
    clock = SteppingClock()
    store = LmdbStore(tmp_path / "many", map_size=1 << 30, clock=clock)
    environment = Environment(store)
    try:
        await environment.populate()
        await add_logins(store, 3_000)
        # A read for each 1,024 rows that a range clears: too many of them take five seconds.
        clock.step = 2.0
        told: list[int] = []
        scope = Scope.of(logins=True, personal_tokens=True, account_keys=True)
        await end_all(store, scope, ACT, told.append)
        clock.step = 0.0
        assert told[0] == 2_000
        assert told == sorted(told)
        after = await rows_of(store)
        assert not any(after[family] for name in TABLES for family in gone(name))
        assert after["auth/key_removals"] == 1
        acts = await acts_of(store)
        # The first one is there if the run ends after the first transaction.
        assert [one.act for one in acts[:2]] == [Act.LOGINS_ENDED, Act.ACCESS_TOKENS_ENDED]
        assert await findings(store) == []
    finally:
        await environment.close()
        await store.close()


async def add_logins(store: Store, number: int) -> None:
    """Copies a login."""

    async def add(tx: Write) -> None:
        (login,) = (await LOGINS.page(tx, after=None, limit=1)).items
        for _ in range(number):
            await LOGINS.put(tx, replace(login, login_id=uuid4()))

    await store.write(add)
