"""A login to an unknown account costs what one to an account costs, also after a change of the settings."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kernel.storage import Store, Write
from services.auth.logins.errors import BadCredentials
from services.auth.logins.unknown_accounts import UnknownAccounts
from services.auth.passwords.formats import settings_of
from services.auth.users.model import User
from services.auth.users.repository import USERS
from tests.services.auth.harness import (
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
    user,
)
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore

OLD, NEW = "$argon2id$v=19$m=8,t=1,p=1", "$argon2id$v=19$m=8,t=2,p=1"
ACCOUNTS = [f"{number}@example.com" for number in range(8)]
UNKNOWN = [f"unknown-{number}@example.com" for number in range(400)]


@pytest.fixture
async def grown(store: Store, clock: FixedClock) -> AsyncIterator[AuthHarness]:
    """Auth with stronger settings, over eight accounts with hashes of the old ones."""
    grown = await changed(store, clock, passes=("1", "2"))
    yield grown
    await grown.passwords.close()


async def changed(store: Store, clock: FixedClock, passes: tuple[str, str]) -> AuthHarness:
    """Auth whose settings were changed after eight registrations."""
    old, new = (make_settings(ARGON2_PASSES=number) for number in passes)
    before = AuthHarness(store, clock, old)
    await before.signing_keys.refresh()
    for email in ACCOUNTS:
        await before.register(email)
    await before.passwords.close()
    after = AuthHarness(store, clock, new, seed=6)
    await after.signing_keys.refresh()
    await after.unknown_accounts.refresh()
    return after


async def cost(harness: AuthHarness, email: str) -> str:
    """The settings of the hash that a wrong password for an address is checked against."""
    with pytest.raises(BadCredentials):
        await harness.log_in(email, OTHER_PASSWORD)
    found = harness.passwords.verified[-1]
    assert found is not None
    return found


def chosen(harness: AuthHarness) -> dict[str, str | None]:
    """The settings of each unknown address."""
    return {email: settings_of(harness.unknown_accounts.hash_of(email)) for email in UNKNOWN}


async def test_without_accounts_the_settings_are_those_in_force(harness: AuthHarness) -> None:
    """The hash for an unknown account has the settings of a new hash."""
    await harness.unknown_accounts.refresh()
    decoy = harness.unknown_accounts.hash_of(UNKNOWN[0])
    assert settings_of(decoy) == settings_of(await harness.passwords.hash(PASSWORD, "")) == OLD
    assert settings_of(decoy) == harness.passwords.settings


async def test_no_password_matches(harness: AuthHarness) -> None:
    """The hash for an unknown account is a good hash of no password."""
    decoy = harness.unknown_accounts.hash_of(UNKNOWN[0])
    for password in ("", PASSWORD, decoy):
        assert await harness.passwords.verify(decoy, password, "") == (False, False)


async def test_after_a_change_unknown_accounts_cost_what_accounts_cost(grown: AuthHarness) -> None:
    """Until accounts log in, all addresses have the old cost."""
    costs = {await cost(grown, email) for email in [*ACCOUNTS, *UNKNOWN[:20]]}
    assert costs == {OLD}


@pytest.mark.parametrize("passes", [("1", "2"), ("2", "1")], ids=["stronger", "weaker"])
async def test_unknown_addresses_go_over_as_accounts_do(
    store: Store, clock: FixedClock, passes: tuple[str, str]
) -> None:
    """Their costs are as frequent as among the accounts, and each goes over to the new one once."""
    harness = await changed(store, clock, passes)
    new = harness.passwords.settings
    before = chosen(harness)
    assert new not in before.values()
    for gone, email in enumerate(ACCOUNTS, 1):
        await harness.log_in(email)
        await harness.unknown_accounts.refresh()
        now = chosen(harness)
        share = Counter(now.values())[new] / len(UNKNOWN)
        assert share == pytest.approx(gone / len(ACCOUNTS), abs=0.1)
        assert all(now[email] == new for email, old in before.items() if old == new)
        before = now
    assert {await cost(harness, email) for email in [ACCOUNTS[0], UNKNOWN[0]]} == {new}
    await harness.passwords.close()


async def test_an_address_always_costs_the_same(grown: AuthHarness) -> None:
    """However often it is tried, in whatever spelling, and in which replica."""
    for email in ACCOUNTS[:4]:
        await grown.log_in(email)
    await grown.unknown_accounts.refresh()
    other = AuthHarness(grown.store, grown.clock, grown.settings, seed=7)
    await other.unknown_accounts.refresh()
    assert set(chosen(grown).values()) == {OLD, NEW}
    for email in UNKNOWN[:20]:
        costs = {await cost(grown, spelling) for spelling in (email, email, email.upper())}
        assert costs == {await cost(other, email)}


async def test_a_new_account_moves_no_address_back(grown: AuthHarness) -> None:
    """The new account has the new settings; its place among the ids does not matter."""
    for email in ACCOUNTS[::2]:
        await grown.log_in(email)
    await grown.unknown_accounts.refresh()
    for number in range(5):
        before = chosen(grown)
        await grown.register(f"new-{number}@example.com")
        await grown.unknown_accounts.refresh()
        now = chosen(grown)
        assert all(now[email] == NEW for email, old in before.items() if old == NEW)


async def test_a_damaged_hash_of_an_account_is_left_out(grown: AuthHarness) -> None:
    """The hash for an unknown account can always be verified."""

    async def damage(tx: Write) -> None:
        page = await USERS.page(tx, after=None, limit=100)
        for found in page.items[:4]:
            await USERS.put(tx, replace(found, password_hash="$argon2id$damaged"))
        await USERS.put(tx, user(password_hash=""))

    await grown.store.write(damage)
    await grown.unknown_accounts.refresh()
    assert set(chosen(grown).values()) == {OLD}


async def test_the_mixture_is_refreshed(grown: AuthHarness) -> None:
    """It follows the accounts while the service runs, and is kept while the store is unavailable."""
    store = WatchedStore(grown.store)
    store.failures = 2
    runtime = replace(grown.runtime, store=store)
    unknown = UnknownAccounts(runtime, grown.passwords, refresh_seconds=0.01)
    running = asyncio.create_task(unknown.run())
    assert settings_of(unknown.hash_of(UNKNOWN[0])) == NEW
    await eventually(lambda: settings_of(unknown.hash_of(UNKNOWN[0])) == OLD)
    running.cancel()


async def test_the_mixture_has_hashes_of_other_systems(grown: AuthHarness) -> None:
    """After an import unknown addresses have the costs of imported accounts, too, until those log in."""
    kinds = ["$2b$04$", "$pbkdf2-sha256$i=1000,l=32$"]
    hashes = [
        "$2b$04$" + "a" * 21 + "." + "a" * 31,
        "$pbkdf2-sha256$i=1000,l=32$c29tZXNhbHQ$" + "A" * 43,
    ]
    imported = [user(email=f"i-{n}@example.com", password_hash=hashes[n % 2]) for n in range(16)]

    async def put(tx: Write) -> None:
        for one in imported:
            await USERS.put(tx, one)

    await grown.store.write(put)
    for email in ACCOUNTS:
        await grown.log_in(email)
    await grown.unknown_accounts.refresh()
    costs = Counter(chosen(grown).values())
    assert costs[NEW] / len(UNKNOWN) == pytest.approx(1 / 3, abs=0.1)
    for kind in kinds:
        assert costs[kind.removesuffix("$")] / len(UNKNOWN) == pytest.approx(1 / 3, abs=0.1)
    before = chosen(grown)
    for one in imported[:8]:
        gone = replace(one, password_hash=await grown.passwords.hash(PASSWORD, ""))
        await grown.store.write(lambda tx, gone=gone: _put(tx, gone))
    await grown.unknown_accounts.refresh()
    now = chosen(grown)
    assert all(now[email] == NEW for email, old in before.items() if old == NEW)
    assert all(now[email] in {NEW, old} for email, old in before.items())
    decoys = {grown.unknown_accounts.hash_of(email) for email in UNKNOWN}
    for decoy in decoys:
        assert await grown.passwords.verify(decoy, PASSWORD, "") == (False, False)


async def _put(tx: Write, gone: User) -> None:
    await USERS.put(tx, gone)
