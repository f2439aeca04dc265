"""The rotation of signing keys: the published keys always verify every valid token."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from cryptography.fernet import Fernet

from kernel.errors import AccessTokenInvalid
from kernel.identity.signatures import Algorithm, private_bytes
from kernel.identity.tokens import Verifier
from kernel.seal import SealKeysWrong
from kernel.storage import Store, Write
from services.auth.settings import AuthSettings
from services.auth.signing_keys import repository, rotation
from services.auth.signing_keys.model import SigningKey
from services.auth.signing_keys.rotation import SigningKeys
from tests.services.auth.harness import CLAIMS, AuthHarness, make_settings, sign, verifier
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore, dump, rows_between

LIFE, LEAD, TOKEN = 3600, 600, 900
ROTATING = {"KEY_LIFE_SECONDS": str(LIFE), "KEY_LEAD_SECONDS": str(LEAD)}


@pytest.fixture
def settings() -> AuthSettings:
    """Settings with keys that rotate within a test."""
    return make_settings(**ROTATING)


def kid_of(token: str) -> str:
    """The id of the key that signed a token."""
    return str(jwt.get_unverified_header(token)["kid"])


async def stored(store: Store) -> list[SigningKey]:
    """The signing keys in the store."""
    return await store.read(repository.signing_keys)


async def test_the_first_key_signs_at_once(harness: AuthHarness) -> None:
    """A new store gets one key, which is published and signs from the start."""
    (key,) = harness.signing_keys.published
    assert (key.create_time, key.activate_time, key.retire_time) == (START, START, None)
    assert kid_of(sign(harness)) == key.kid
    assert verifier(harness).verify(sign(harness)).user_id == CLAIMS.user_id
    assert await stored(harness.store) == [key]


async def test_a_key_is_published_until_its_last_token_has_surely_expired(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Its end is that of its signing, a token's life and two minutes for clocks that differ."""
    clock.advance(seconds=LIFE - LEAD)
    await harness.signing_keys.refresh()
    old, new = await stored(harness.store)
    assert new.activate_time == START + timedelta(seconds=LIFE)
    assert (old.retire_time, new.retire_time) == (
        new.activate_time + timedelta(seconds=TOKEN, minutes=2),
        None,
    )
    clock.advance(seconds=LEAD + TOKEN + 119)
    assert [key.kid for key in harness.signing_keys.published] == [old.kid, new.kid]
    clock.advance(seconds=1)
    assert [key.kid for key in harness.signing_keys.published] == [new.kid]


async def test_a_key_without_an_end_gets_one(harness: AuthHarness, clock: FixedClock) -> None:
    """A refresh gives an end to a key that has a successor, and writes nothing the next time."""
    clock.advance(seconds=LIFE - LEAD)
    await harness.signing_keys.refresh()
    old, new = await stored(harness.store)
    endless = replace(old, retire_time=None)

    async def write(tx: Write) -> None:
        await repository.SIGNING_KEYS.clear(tx, old)  # a write keeps what it does not know
        await repository.SIGNING_KEYS.put(tx, endless)

    await harness.store.write(write)
    assert await stored(harness.store) == [endless, new]
    await harness.signing_keys.refresh()
    assert await stored(harness.store) == [old, new]


async def test_the_keys_are_refreshed_again_and_again(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> None:
    """The task takes over what another replica has made, even after the store has failed."""
    other = AuthHarness(watched, clock, settings, seed=6)
    await other.signing_keys.refresh()
    keys = SigningKeys(other.runtime, settings, refresh_seconds=0.005)
    watched.failures = 2
    running = asyncio.create_task(keys.run())
    await eventually(lambda: len(keys.published) == 1)
    clock.advance(seconds=LIFE - LEAD)
    await other.signing_keys.refresh()
    await eventually(lambda: len(keys.published) == 2)
    assert keys.published == other.signing_keys.published
    assert (watched.failures, running.done()) == (0, False)
    running.cancel()
    await other.passwords.close()


async def test_auth_refreshes_its_keys_twice_a_minute() -> None:
    """Far more often than the lead for which a key is published before it signs."""
    assert (
        AuthSettings.model_fields["key_lead_seconds"].metadata[0].ge
        >= rotation._REFRESH_SECONDS * 2
    )


async def test_a_key_from_the_future_is_dated_again(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Keys made while a clock was ahead sign and stay published no longer than others."""
    (first,) = harness.signing_keys.published
    clock.set_ahead(days=400)
    other = AuthHarness(harness.store, clock, harness.settings, seed=6)
    await other.signing_keys.refresh()
    clock.set_ahead(days=-400)
    again = AuthHarness(harness.store, clock, harness.settings, seed=7)
    await again.signing_keys.refresh()
    old, new = await stored(harness.store)
    lead = timedelta(seconds=LEAD)
    assert (old.kid, new.create_time, new.activate_time) == (first.kid, START, START + lead)
    assert old.retire_time == START + lead + timedelta(seconds=TOKEN, minutes=2)
    before = await dump(harness.store)
    await again.signing_keys.refresh()
    assert await dump(harness.store) == before
    clock.advance(seconds=LEAD)
    assert kid_of(sign(again)) == new.kid
    clock.advance(seconds=LIFE - LEAD)
    await again.signing_keys.refresh()
    assert len(await stored(harness.store)) == 2
    for one in (other, again):
        await one.passwords.close()


@pytest.mark.parametrize(("minutes", "replaced"), [(5, False), (45, False), (61, True)])
async def test_a_clock_set_far_back_replaces_the_keys(
    harness: AuthHarness, clock: FixedClock, minutes: int, replaced: bool
) -> None:
    """Tokens from more than an hour ahead are never good; a new key signs at once."""
    clock.set_ahead(minutes=minutes)
    await harness.signing_keys.refresh()
    ahead = sign(harness)
    clock.set_ahead(minutes=-minutes)
    await harness.signing_keys.refresh()
    await harness.signing_keys.refresh()
    assert verifier(harness).verify(sign(harness))
    clock.advance(minutes=minutes)
    if replaced:
        assert kid_of(ahead) not in [key.kid for key in await stored(harness.store)]
        with pytest.raises(AccessTokenInvalid):
            verifier(harness).verify(ahead)
    else:
        assert verifier(harness).verify(ahead)


async def test_a_key_is_published_before_and_after_it_signs(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A key is published ahead of time, then signs, is then only published, and is deleted."""
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
    """During six hours of rotations, two replicas verify every unexpired token."""
    replicas = harness, AuthHarness(watched, clock, settings, seed=6)
    await replicas[1].signing_keys.refresh()
    alive: list[tuple[float, str]] = []
    kids = set()
    verifiers: dict[tuple[str, ...], Verifier] = {}
    for minute in range(6 * 60):
        # The two replicas refresh at different times, as in production.
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
    """Ten replicas that start together on a new store create one key and sign with it."""
    replicas = [AuthHarness(watched, clock, settings, seed=seed) for seed in range(10)]
    await asyncio.gather(*(replica.signing_keys.refresh() for replica in replicas))
    assert len(await stored(watched)) == 1
    assert len({kid_of(sign(replica)) for replica in replicas}) == 1


async def test_replicas_agree_on_the_next_key(
    watched: WatchedStore, clock: FixedClock, settings: AuthSettings
) -> None:
    """Ten replicas that rotate together all sign with the same new key."""
    replicas = [AuthHarness(watched, clock, settings, seed=seed) for seed in range(10)]
    for _ in range(3):
        await asyncio.gather(*(replica.signing_keys.refresh() for replica in replicas))
        assert len({kid_of(sign(replica)) for replica in replicas}) == 1
        clock.advance(seconds=LIFE)
    assert len(await stored(watched)) == 2  # the first key has been deleted


async def test_an_overdue_rotation_still_publishes_the_key_first(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """After a month of downtime the old key signs until the lead time of the new key is over."""
    (old,) = harness.signing_keys.published
    clock.advance(days=30)
    await harness.signing_keys.refresh()
    assert kid_of(sign(harness)) == old.kid
    assert len(harness.signing_keys.published) == 2
    clock.advance(seconds=LEAD)
    assert kid_of(sign(harness)) != old.kid


async def test_on_change_is_called_when_the_keys_change(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A refresh calls `on_change` if the keys have changed, and not otherwise."""
    counts: list[int] = []
    harness.signing_keys.on_change = lambda: counts.append(len(harness.signing_keys.published))
    await harness.signing_keys.refresh()
    clock.advance(seconds=LIFE - LEAD)
    await harness.signing_keys.refresh()
    await harness.signing_keys.refresh()
    assert counts == [2]


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_private_keys_are_sealed_in_the_store(
    store: Store, clock: FixedClock, algorithm: Algorithm
) -> None:
    """The store holds the public key, but not the private key in plain or in hex."""
    harness = AuthHarness(store, clock, make_settings(TOKEN_ALGORITHM=algorithm), seed=7)
    await harness.signing_keys.refresh()
    private = private_bytes(harness.signing_keys.active.private)
    content = await dump(store)
    assert private not in content
    assert private.hex().encode() not in content
    (row,) = await rows_between(store, *repository.SIGNING_KEY.range())
    assert harness.signing_keys.published[0].public_key in row[1]


async def test_a_wrong_seal_key_is_an_error_that_names_the_setting(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The refresh raises an error that names SEAL_KEYS if the seal keys do not fit the store."""
    other = make_settings(SEAL_KEYS=Fernet.generate_key().decode())
    with pytest.raises(SealKeysWrong, match="SEAL_KEYS"):
        await AuthHarness(harness.store, clock, other).signing_keys.refresh()


async def test_the_seal_key_may_be_rotated(harness: AuthHarness, clock: FixedClock) -> None:
    """With a new seal key in front, auth still opens old keys and seals new keys with it."""
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
