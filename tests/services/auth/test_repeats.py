"""Repeats of a write with an idempotency key: one account, one answer, and no secret kept."""

import asyncio
from binascii import hexlify

import pytest
from jwt.utils import base64url_decode

from coditect.auth.v5 import accounts_pb2
from kernel.errors import IdempotencyKeyReused
from kernel.settings import secrets_of
from kernel.storage.recipes.idempotency import Replay
from services.auth import refresh_tokens
from services.auth.accounts import Profile
from services.auth.errors import EmailTaken
from tests.services.auth.parts import DEVICE, EMAIL, OTHER_PASSWORD, PASSWORD, Parts, make_settings
from tests.services.auth.running import Auth, registration
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump

REPLAY = Replay("", "Register", "key", b"digest of the request")


async def test_a_repeat_gets_the_same_answer(parts: Parts) -> None:
    """The same user, tenant and tokens, to the last byte, without another hash."""
    first = await parts.register(replay=REPLAY)
    hashes = parts.passwords.hashes
    again = await parts.register(replay=REPLAY)
    assert again.tokens == first.tokens
    assert again.tenant == first.tenant
    assert again.user.user_id == first.user.user_id
    assert parts.passwords.hashes == hashes
    assert len(await parts.logins_of(first)) == 1


async def test_the_refresh_token_of_a_repeat_works(parts: Parts) -> None:
    """Whoever missed the first answer goes on with the second."""
    await parts.register(replay=REPLAY)
    again = await parts.register(replay=REPLAY)
    grant = await parts.logins.refresh(again.tokens.refresh_token)
    assert grant.user.user_id == again.user.user_id


async def test_a_repeat_after_the_keys_have_changed(
    parts: Parts, watched: WatchedStore, clock: FixedClock
) -> None:
    """The answer is that of the first time, and its refresh token is good, whichever key is first."""
    old, new = (
        secrets_of(parts.settings.seal_keys)[0],
        "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE=",
    )
    first = await parts.register(replay=_replay(parts))
    for keys in ((old, new), (new, old)):
        other = Parts(watched, clock, make_settings(SEAL_KEYS=",".join(keys)), seed=6)
        await other.keyring.refresh()
        again = await other.register(replay=_replay(other))
        assert again.user.user_id == first.user.user_id
    assert (
        await other.logins.refresh(again.tokens.refresh_token)
    ).user.user_id == first.user.user_id


def _replay(parts: Parts) -> Replay:
    digest, *others = parts.seal.macs("idempotency", b"the request")
    return Replay("", "Register", "key", digest, tuple(others))


async def test_repeats_at_once_hash_once(parts: Parts) -> None:
    """20 repeats that come together make one account, hash once and get one answer."""
    grants = await asyncio.gather(*(parts.register(replay=REPLAY) for _ in range(20)))
    assert len({grant.tokens for grant in grants}) == 1
    assert parts.passwords.hashes == 1
    assert parts.accounts._registering == {}


async def test_repeats_at_two_replicas_get_one_answer(
    parts: Parts, watched: WatchedStore, clock: FixedClock
) -> None:
    """Two processes that get the same request at once make one account between them."""
    other = Parts(watched, clock, make_settings(), seed=6)
    await other.keyring.refresh()
    first, second = await asyncio.gather(
        parts.register(replay=REPLAY), other.register(replay=REPLAY)
    )
    assert second.tokens == first.tokens
    await other.passwords.close()


async def test_another_request_under_the_key_is_refused(parts: Parts) -> None:
    """A key stands for one request; with another address or name it gives nothing away."""
    await parts.register(replay=REPLAY)
    with pytest.raises(IdempotencyKeyReused):
        await parts.register("other@example.com", replay=Replay("", "Register", "key", b"other"))


async def test_without_the_key_a_repeat_is_another_registration(parts: Parts) -> None:
    """The address is taken, also by oneself."""
    await parts.register(replay=REPLAY)
    with pytest.raises(EmailTaken):
        await parts.register()
    with pytest.raises(EmailTaken):
        await parts.register(replay=Replay("", "Register", "another key", REPLAY.digest))


async def test_a_key_is_forgotten_after_a_day(parts: Parts, clock: FixedClock) -> None:
    """Until then the answer stays; after it the request is a new one."""
    first = await parts.register(replay=REPLAY)
    clock.advance(hours=23, minutes=59)
    assert (await parts.register(replay=REPLAY)).tokens.refresh_token == (
        first.tokens.refresh_token
    )
    clock.advance(minutes=1)
    with pytest.raises(EmailTaken):
        await parts.register(replay=REPLAY)


async def test_a_refused_registration_leaves_the_key_unused(parts: Parts) -> None:
    """A key whose request failed can be used for another one."""
    await parts.register()
    with pytest.raises(EmailTaken):
        await parts.register(replay=REPLAY)
    await parts.register("other@example.com", replay=Replay("", "Register", "key", b"other"))


async def test_a_repeated_update_does_not_undo_a_later_one(parts: Parts) -> None:
    """The repeat gets the first answer and changes nothing."""
    caller = parts.caller(await parts.register())
    replay = Replay(str(caller.user_id), "UpdateMe", "key", b"digest")
    await parts.accounts.update(caller, Profile("One", None, None), replay)
    await parts.accounts.update(caller, Profile("Two", None, None), None)
    again = await parts.accounts.update(caller, Profile("One", None, None), replay)
    assert again.first_name == "One"
    assert (await parts.accounts.get(caller)).first_name == "Two"


async def test_no_secret_is_in_the_store(parts: Parts) -> None:
    """A copy of the store has no password, refresh token, access token or first secret."""
    first = await parts.register(replay=REPLAY)
    second = await parts.logins.refresh(first.tokens.refresh_token)
    third = await parts.log_in()
    store = await dump(parts.store)
    for grant in (first, second, third):
        token = refresh_tokens.read(grant.tokens.refresh_token, parts.seal)
        assert token is not None
        for secret in (
            PASSWORD.encode(),
            grant.tokens.access_token.encode(),
            grant.tokens.refresh_token.encode(),
            base64url_decode(grant.tokens.refresh_token),
            token.secret,
            hexlify(token.secret),
        ):
            assert secret not in store


async def test_the_answer_of_another_store_needs_the_seal_key(parts: Parts) -> None:
    """With the store alone nobody can derive the first refresh token."""
    first = await parts.register(replay=REPLAY)
    thief = Parts(
        parts.store,
        parts.clock,
        make_settings(SEAL_KEYS="YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlciE="),
    )
    thief.accounts._logins = parts.logins  # who can sign for the thief does not matter
    stolen = await thief.accounts.register(
        EMAIL, OTHER_PASSWORD, Profile("Ada", "Lovelace", ""), DEVICE, REPLAY
    )
    assert stolen.tokens.refresh_token != first.tokens.refresh_token
    await thief.passwords.close()


async def test_repeats_over_the_wire(auth: Auth) -> None:
    """The header `idempotency-key` makes a repeat, for exactly the same request."""
    first = await auth.register(key="key")
    assert await auth.register(key="key") == first
    for other in (
        registration(password=OTHER_PASSWORD),
        registration(first_name="Eve"),
    ):
        assert await auth.refused("Register", other, key="key") == "IDEMPOTENCY_KEY_REUSED"
    assert await auth.refused("Register", registration(), key="x" * 129) == (
        "IDEMPOTENCY_KEY_INVALID"
    )


async def test_a_key_of_a_registration_belongs_to_its_address(auth: Auth) -> None:
    """Two people who register under the same key are two users."""
    first, second = [await auth.register(email, key="1") for email in ("a@x.de", "b@x.de")]
    assert first.user.user_id != second.user.user_id


async def test_a_key_of_one_user_is_not_that_of_another(auth: Auth) -> None:
    """Two users may choose the same key for the same request."""
    tokens = [(await auth.register(email)).tokens.access_token for email in ("a@x.de", "b@x.de")]
    request = accounts_pb2.UpdateMeRequest(first_name="New")
    for email, token in zip(("a@x.de", "b@x.de"), tokens, strict=True):
        answer = await auth.call("UpdateMe", request, token, key="key")
        assert (answer.user.email, answer.user.first_name) == (email, "New")
