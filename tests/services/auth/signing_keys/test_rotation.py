"""The rotation of signing keys: at every moment every living token verifies with what is published."""

import asyncio

import jwt
import pytest
from cryptography.fernet import Fernet

from kernel.identity.tokens import Verifier
from kernel.seal import SealKeysWrong
from kernel.storage import Store
from services.auth.settings import AuthSettings
from services.auth.signing_keys import repository
from services.auth.signing_keys.model import SigningKey
from tests.services.auth.harness import CLAIMS, AuthHarness, make_settings, sign, verifier
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.store import WatchedStore, dump, rows_between

LIFE, LEAD, TOKEN = 3600, 600, 900
ROTATING = {"KEY_LIFE_SECONDS": str(LIFE), "KEY_LEAD_SECONDS": str(LEAD)}


@pytest.fixture
def settings() -> AuthSettings:
    """Keys that turn within a test."""
    return make_settings(**ROTATING)


def kid_of(token: str) -> str:
    """The key that a token was signed with."""
    return str(jwt.get_unverified_header(token)["kid"])


async def stored(store: Store) -> list[SigningKey]:
    """The keys in the store."""
    return await store.read(repository.signing_keys)


async def test_the_first_key_signs_at_once(harness: AuthHarness) -> None:
    """A new store gets one key, published and active from its first moment."""
    (key,) = harness.signing_keys.published
    assert (key.create_time, key.activate_time, key.retire_time) == (START, START, None)
    assert kid_of(sign(harness)) == key.kid
    assert verifier(harness).verify(sign(harness)).user_id == CLAIMS.user_id
    assert await stored(harness.store) == [key]


async def test_the_steps_of_a_key(harness: AuthHarness, clock: FixedClock) -> None:
    """Published ahead of time, then signing, then only published, then gone."""
    (first,) = harness.signing_keys.published
    clock.advance(seconds=LIFE - LEAD)
    await harness.signing_keys.refresh()
    old, new = harness.signing_keys.published
    assert (old.kid, kid_of(sign(harness))) == (first.kid, first.kid)
    clock.advance(seconds=LEAD - 1)
    assert kid_of(sign(harness)) == old.kid
    last = sign(harness)
    clock.advance(seconds=1)
    assert kid_of(sign(harness)) == new.kid
    clock.advance(seconds=TOKEN - 2)
    await harness.signing_keys.refresh()
    assert verifier(harness).verify(last)
    clock.advance(minutes=3)
    assert [key.kid for key in harness.signing_keys.published] == [new.kid]
    await harness.signing_keys.refresh()
    assert [key.kid for key in await stored(harness.store)] == [new.kid]


async def test_no_valid_token_is_ever_rejected(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> None:
    """For six hours of rotations, two replicas: every living token verifies at both of them."""
    replicas = harness, AuthHarness(watched, clock, settings, seed=6)
    await replicas[1].signing_keys.refresh()
    alive: list[tuple[float, str]] = []
    kids = set()
    verifiers: dict[tuple[str, ...], Verifier] = {}
    for minute in range(6 * 60):
        # The two look at different times, as they would.
        await replicas[minute % 2].signing_keys.refresh()
        tokens = [sign(replica) for replica in replicas]
        now = clock.now().timestamp()
        alive = [(end, token) for end, token in alive if end > now]
        alive += [(now + TOKEN, token) for token in tokens]
        kids |= {kid_of(token) for token in tokens}
        for replica in replicas:
            published = tuple(key.kid for key in replica.signing_keys.published)
            trusting = verifiers.setdefault(published, verifier(replica))
            for _, token in alive:
                trusting.verify(token)
        assert len(replicas[0].signing_keys.published) <= 2
        clock.advance(minutes=1)
    assert len(kids) == 6


async def test_replicas_agree_on_the_first_key(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> None:
    """Ten replicas that start at once on a new store all sign with the same key."""
    replicas = [AuthHarness(watched, clock, settings, seed=seed) for seed in range(10)]
    await asyncio.gather(*(replica.signing_keys.refresh() for replica in replicas))
    assert len(await stored(watched)) == 1
    assert len({kid_of(sign(replica)) for replica in replicas}) == 1


async def test_replicas_agree_on_the_next_key(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> None:
    """When the turn comes for all at once, one key is made and all of them take it."""
    replicas = [AuthHarness(watched, clock, settings, seed=seed) for seed in range(10)]
    for _ in range(3):
        await asyncio.gather(*(replica.signing_keys.refresh() for replica in replicas))
        assert len({kid_of(sign(replica)) for replica in replicas}) == 1
        clock.advance(seconds=LIFE)
    assert len(await stored(watched)) == 2  # the first one is gone again


async def test_a_long_rest(harness: AuthHarness, clock: FixedClock) -> None:
    """After a month without a process the old key still signs until the next one is known."""
    (old,) = harness.signing_keys.published
    clock.advance(days=30)
    await harness.signing_keys.refresh()
    assert kid_of(sign(harness)) == old.kid
    assert len(harness.signing_keys.published) == 2
    clock.advance(seconds=LEAD)
    assert kid_of(sign(harness)) != old.kid


async def test_a_change_is_announced(harness: AuthHarness, clock: FixedClock) -> None:
    """`on_change` is called when the keys have changed, and only then."""
    counts: list[int] = []
    harness.signing_keys.on_change = lambda: counts.append(len(harness.signing_keys.published))
    await harness.signing_keys.refresh()
    clock.advance(seconds=LIFE - LEAD)
    await harness.signing_keys.refresh()
    await harness.signing_keys.refresh()
    assert counts == [2]


async def test_private_halves_are_sealed(store: Store, clock: FixedClock) -> None:
    """What is in the store is not enough to sign."""
    harness = AuthHarness(store, clock, make_settings(), seed=7)
    await harness.signing_keys.refresh()
    private = FixedIds(7).secret()
    assert harness.signing_keys._private[kid_of(sign(harness))].private_bytes_raw() == private
    content = await dump(store)
    assert private not in content
    assert private.hex().encode() not in content
    (row,) = await rows_between(store, *repository.SIGNING_KEY.range())
    assert harness.signing_keys.published[0].public_key in row[1]


async def test_a_wrong_seal_key_is_named(harness: AuthHarness, clock: FixedClock) -> None:
    """With other seal keys auth does not start, and says which setting it is."""
    other = make_settings(SEAL_KEYS=Fernet.generate_key().decode())
    with pytest.raises(SealKeysWrong, match="SEAL_KEYS"):
        await AuthHarness(harness.store, clock, other).signing_keys.refresh()


async def test_the_seal_key_may_be_rotated(harness: AuthHarness, clock: FixedClock) -> None:
    """A new seal key in front of the old one opens what there is and seals what comes."""
    old, new = harness.settings.seal_keys[0].get_secret_value(), Fernet.generate_key().decode()
    both = AuthHarness(
        harness.store, clock, make_settings(SEAL_KEYS=f"{new},{old}", **ROTATING), seed=8
    )
    clock.advance(seconds=LIFE - LEAD)
    await both.signing_keys.refresh()
    assert len(both.signing_keys.published) == 2
    clock.advance(seconds=LIFE)
    await both.signing_keys.refresh()
    await both.signing_keys.refresh()
    new_only = Fernet(new)
    sealed = [key.sealed_private_key for key in (await stored(harness.store))[1:]]
    assert [len(new_only.decrypt(one)) for one in sealed] == [32] * len(sealed)
