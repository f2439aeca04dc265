"""A change of TOKEN_ALGORITHM: a rotation before its time, which refuses no valid token."""

from datetime import timedelta

import jwt
import pytest

from coditect.auth.records.v1 import signing_keys_pb2
from kernel.identity.signatures import Algorithm
from kernel.storage import Store, Write
from services.auth.settings import AuthSettings
from services.auth.signing_keys import repository
from services.auth.signing_keys.model import SigningKey
from tests.services.auth.harness import AuthHarness, make_settings, sign, verifier
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore

LIFE, LEAD, TOKEN = 3600, 600, 900
ROTATING = {"KEY_LIFE_SECONDS": str(LIFE), "KEY_LEAD_SECONDS": str(LEAD)}


@pytest.fixture
def settings() -> AuthSettings:
    """Settings with keys that rotate within a test, of the first algorithm."""
    return make_settings(**ROTATING)


async def stored(store: Store) -> list[SigningKey]:
    """The signing keys in the store."""
    return await store.read(repository.signing_keys)


def replica(store: Store, clock: FixedClock, algorithm: Algorithm, seed: int) -> AuthHarness:
    """A replica of auth that makes keys of an algorithm, as after its start."""
    return AuthHarness(store, clock, make_settings(TOKEN_ALGORITHM=algorithm, **ROTATING), seed)


async def algorithms(store: Store) -> list[Algorithm]:
    """The algorithms of the signing keys in the store, in the order in which they sign."""
    return [key.algorithm for key in await stored(store)]


async def test_another_algorithm_is_published_before_it_signs(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A process that starts with it makes a key, which signs after the lead; the old one stays known."""
    old, new = Algorithm
    restarted = replica(harness.store, clock, new, seed=6)
    await restarted.signing_keys.refresh()
    await harness.signing_keys.refresh()
    first, second = await stored(harness.store)
    assert (first.algorithm, second.algorithm) == (old, new)
    assert second.activate_time == START + timedelta(seconds=LEAD)
    assert first.retire_time == second.activate_time + timedelta(seconds=TOKEN, minutes=2)
    last = {}
    for seconds, expected in ((0, old), (LEAD - 1, old), (1, new)):
        clock.advance(seconds=seconds)
        for one in (harness, restarted):
            token = sign(one)
            assert jwt.get_unverified_header(token)["alg"] == expected
            last[expected] = token
            assert verifier(harness).verify(token) == verifier(restarted).verify(token)
    clock.advance(seconds=TOKEN - 2)
    assert verifier(harness).verify(last[old])
    clock.advance(seconds=LIFE)
    await restarted.signing_keys.refresh()
    assert set(await algorithms(harness.store)) == {new}
    await restarted.passwords.close()


async def test_replicas_with_two_algorithms_refuse_no_valid_token(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """During a rollout that is interrupted, rolled back and repeated, every token is good everywhere."""
    old, new = Algorithm
    replicas = [replica(watched, clock, old, 1), replica(watched, clock, old, 2)]
    for one in replicas:
        await one.signing_keys.refresh()
    starts = {20: (0, new), 25: (1, old), 33: (1, new), 70: (0, old), 71: (0, new), 90: (1, old)}
    alive: list[tuple[float, str]] = []
    most = 0
    for minute in range(150):
        if minute in starts:
            index, algorithm = starts[minute]
            replicas[index] = replica(watched, clock, algorithm, 100 + minute)
            await replicas[index].signing_keys.refresh()
        await replicas[minute % 2].signing_keys.refresh()
        now = clock.now().timestamp()
        alive = [(end, token) for end, token in alive if end > now]
        alive += [(now + TOKEN, sign(one)) for one in replicas]
        for one in replicas:
            trusting = verifier(one)
            for _, token in alive:
                trusting.verify(token)
        most = max(most, len(await stored(watched)))
        clock.advance(minutes=1)
    assert most <= 4


async def test_replicas_with_two_algorithms_make_no_keys_in_turn(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """Of two that run side by side, the one that started last decides, once; the other asks no more."""
    old, new = Algorithm
    first, last = replica(watched, clock, old, 1), replica(watched, clock, new, 2)
    made = {}
    for _ in range(100):
        await first.signing_keys.refresh()
        await last.signing_keys.refresh()
        made |= {key.kid: key.algorithm for key in await stored(watched)}
        clock.advance(seconds=30)
    assert list(made.values()) == [old, new]


async def test_starts_with_two_algorithms_make_one_key_within_the_lead(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """Two replicas that crash at once after each start, with different settings, fill no store."""
    for number in range(120):
        one = replica(watched, clock, list(Algorithm)[number % 2], number)
        await one.signing_keys.refresh()
        assert len(await stored(watched)) <= 5
        await one.passwords.close()
        clock.advance(seconds=31)


async def test_a_start_during_the_lead_gets_its_algorithm_later(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A process that finds a key of the other algorithm, not signing yet, waits until it signs."""
    old, new = Algorithm
    for algorithm, seed in ((new, 6), (old, 7)):
        one = replica(harness.store, clock, algorithm, seed)
        await one.signing_keys.refresh()
    assert await algorithms(harness.store) == [old, new]
    clock.advance(seconds=LEAD - 1)
    await one.signing_keys.refresh()
    assert await algorithms(harness.store) == [old, new]
    clock.advance(seconds=1)
    await one.signing_keys.refresh()
    assert await algorithms(harness.store) == [old, new, old]


async def test_the_next_rotation_takes_the_setting(harness: AuthHarness, clock: FixedClock) -> None:
    """A replica that was overruled gets its algorithm at the next rotation, if it makes the key."""
    old, new = Algorithm
    last = replica(harness.store, clock, new, seed=6)
    await last.signing_keys.refresh()
    clock.advance(seconds=LEAD + LIFE)
    await harness.signing_keys.refresh()
    assert (await algorithms(harness.store))[-1] is old
    await last.signing_keys.refresh()
    assert (await algorithms(harness.store))[-1] is old
    await last.passwords.close()


async def test_a_record_without_an_algorithm_is_one_of_ed25519(harness: AuthHarness) -> None:
    """The version before wrote none; its key goes on to sign and verify."""
    (key,) = await stored(harness.store)

    async def write(tx: Write) -> None:
        record = signing_keys_pb2.KeyRecord.FromString(
            await tx.get(repository.SIGNING_KEY.key(key.kid)) or b""
        )
        record.ClearField("algorithm")
        tx.set(repository.SIGNING_KEY.key(key.kid), record.SerializeToString())

    await harness.store.write(write)
    assert await stored(harness.store) == [key]
