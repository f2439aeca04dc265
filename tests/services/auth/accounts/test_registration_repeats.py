"""Idempotent retries of a registration: one account, one answer, and no secret in the store."""

import asyncio
from binascii import hexlify
from dataclasses import replace

import pytest
from jwt.utils import base64url_decode

from kernel.errors import IdempotencyKeyReused
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call
from kernel.seal import Seal
from kernel.settings import secrets_of
from services.auth import wiring
from services.auth.accounts.errors import EmailTaken
from services.auth.accounts.model import NewAccount
from services.auth.accounts.profile import ProfileUpdate
from services.auth.logins.repository import LOGINS
from services.auth.tokens import refresh as refresh_tokens
from tests.services.auth.harness import (
    EMAIL,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    make_settings,
)
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.store import WatchedStore, dump

REQUEST = IdempotentRequest("", "Register", "key", b"digest of the request")


async def test_a_repeat_gets_the_same_answer(harness: AuthHarness) -> None:
    """A retry returns the same user, tenant and tokens, without computing another hash."""
    first = await harness.register(idempotency=REQUEST)
    hashes = harness.passwords.hashes
    again = await harness.register(idempotency=REQUEST)
    assert again.tokens == first.tokens
    assert again.tenant == first.tenant
    assert again.user.user_id == first.user.user_id
    assert harness.passwords.hashes == hashes
    assert len(await harness.logins_of(first)) == 1


async def test_the_refresh_token_of_a_repeat_works(harness: AuthHarness) -> None:
    """A client that lost the first answer can refresh with the token of the second."""
    await harness.register(idempotency=REQUEST)
    again = await harness.register(idempotency=REQUEST)
    result = await harness.refresh_login.refresh(again.tokens.refresh_token)
    assert result.user.user_id == again.user.user_id


async def test_a_repeat_after_a_seal_key_rotation_gets_the_first_answer(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A retry gets the same user with either order of seal keys, and its refresh token works."""
    old, new = (
        secrets_of(harness.settings.seal_keys)[0],
        "bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE=",
    )
    first = await harness.register(idempotency=_request(harness))
    for keys in ((old, new), (new, old)):
        other = AuthHarness(watched, clock, make_settings(SEAL_KEYS=",".join(keys)), seed=6)
        await other.signing_keys.refresh()
        again = await other.register(idempotency=_request(other))
        assert again.user.user_id == first.user.user_id
    assert (
        await other.refresh_login.refresh(again.tokens.refresh_token)
    ).user.user_id == first.user.user_id


def _request(harness: AuthHarness) -> IdempotentRequest:
    digest, *others = harness.seal.macs("idempotency", b"the request")
    return IdempotentRequest("", "Register", "key", digest, tuple(others))


async def test_concurrent_repeats_hash_once(harness: AuthHarness) -> None:
    """20 concurrent retries compute one hash and get one answer."""
    results = await asyncio.gather(*(harness.register(idempotency=REQUEST) for _ in range(20)))
    assert len({result.tokens for result in results}) == 1
    assert harness.passwords.hashes == 1
    assert len(harness.registration._locks) == 0


async def test_repeats_at_two_replicas_get_one_answer(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Two replicas that get the same request concurrently return the same tokens."""
    other = AuthHarness(watched, clock, make_settings(), seed=6)
    await other.signing_keys.refresh()
    first, second = await asyncio.gather(
        harness.register(idempotency=REQUEST), other.register(idempotency=REQUEST)
    )
    assert second.tokens == first.tokens
    await other.passwords.close()


async def test_another_request_under_the_key_is_refused(harness: AuthHarness) -> None:
    """Auth refuses a different request under a used key with IDEMPOTENCY_KEY_REUSED."""
    await harness.register(idempotency=REQUEST)
    with pytest.raises(IdempotencyKeyReused):
        await harness.register(
            "other@example.com", idempotency=IdempotentRequest("", "Register", "key", b"other")
        )


async def test_a_repeat_without_the_key_is_refused(harness: AuthHarness) -> None:
    """Without a key or with another key, the address is taken by the first registration."""
    await harness.register(idempotency=REQUEST)
    with pytest.raises(EmailTaken):
        await harness.register()
    with pytest.raises(EmailTaken):
        await harness.register(
            idempotency=IdempotentRequest("", "Register", "another key", REQUEST.digest)
        )


async def test_a_key_is_forgotten_after_a_day(harness: AuthHarness, clock: FixedClock) -> None:
    """A retry gets the first answer for a day; later it is a new request, which is refused."""
    first = await harness.register(idempotency=REQUEST)
    clock.advance(hours=23, minutes=59)
    assert (await harness.register(idempotency=REQUEST)).tokens.refresh_token == (
        first.tokens.refresh_token
    )
    clock.advance(minutes=1)
    with pytest.raises(EmailTaken):
        await harness.register(idempotency=REQUEST)


async def test_a_refused_registration_leaves_the_key_unused(harness: AuthHarness) -> None:
    """A client can use a key again for another request if the first request failed."""
    await harness.register()
    with pytest.raises(EmailTaken):
        await harness.register(idempotency=REQUEST)
    await harness.register(
        "other@example.com", idempotency=IdempotentRequest("", "Register", "key", b"other")
    )


async def test_a_repeat_after_a_change_of_the_password_is_no_login(harness: AuthHarness) -> None:
    """A caller with only the first password and the key does not get in."""
    first = await harness.register(idempotency=REQUEST)
    await harness.password_change.change(harness.call(first), PASSWORD, OTHER_PASSWORD)
    hashes = harness.passwords.hashes
    with pytest.raises(EmailTaken):
        await harness.register(idempotency=REQUEST)
    assert harness.passwords.hashes == hashes
    assert len(await harness.logins_of(first)) == 1


async def test_a_repeat_after_the_first_login_has_ended_is_no_login(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A repeat gives no tokens of a login that was logged out or has expired."""
    first = await harness.register(idempotency=REQUEST)
    await harness.devices.log_out(harness.call(first))
    with pytest.raises(EmailTaken):
        await harness.register(idempotency=REQUEST)
    other = IdempotentRequest("", "Register", "other key", b"other")
    second = await harness.register("other@example.com", idempotency=other)
    (login,) = await harness.logins_of(second)
    over = replace(login, expire_time=clock.now())
    await harness.store.write(lambda tx: LOGINS.put(tx, over))
    with pytest.raises(EmailTaken):
        await harness.register("other@example.com", idempotency=other)


async def test_a_repeat_after_the_account_is_deleted_registers_anew(harness: AuthHarness) -> None:
    """The same request makes a new account with tokens of its own, and its repeats get these."""
    first = await harness.register(idempotency=REQUEST)
    await harness.deletion.delete(harness.call(first), PASSWORD)
    second = await harness.register(idempotency=REQUEST)
    assert second.user.user_id != first.user.user_id
    assert second.tokens.refresh_token != first.tokens.refresh_token
    assert (await harness.register(idempotency=REQUEST)).tokens == second.tokens
    assert len(await harness.logins_of(second)) == 1


async def test_a_repeat_shows_the_user_as_it_is(harness: AuthHarness) -> None:
    """A repeat shows a name that was changed since, with the tokens of the first time."""
    first = await harness.register(idempotency=REQUEST)
    await harness.profile.update(harness.call(first), ProfileUpdate("Augusta"))
    again = await harness.register(idempotency=REQUEST)
    assert (again.user.first_name, again.tokens) == ("Augusta", first.tokens)


async def test_no_secret_is_in_the_store(harness: AuthHarness) -> None:
    """The store contains no password, access token, refresh token or refresh token secret."""
    first = await harness.register(idempotency=REQUEST)
    second = await harness.refresh_login.refresh(first.tokens.refresh_token)
    third = await harness.log_in()
    store = await dump(harness.store)
    for result in (first, second, third):
        token = refresh_tokens.read(result.tokens.refresh_token, harness.seal)
        assert token is not None
        for secret in (
            PASSWORD.encode(),
            result.tokens.access_token.encode(),
            result.tokens.refresh_token.encode(),
            base64url_decode(result.tokens.refresh_token),
            token.secret,
            hexlify(token.secret),
        ):
            assert secret not in store


async def test_a_stolen_store_does_not_reveal_the_first_refresh_token(harness: AuthHarness) -> None:
    """A thief who has the store but not the seal key derives a different refresh token."""
    first = await harness.register(idempotency=REQUEST)
    other_seal = Seal(["YW5vdGhlci1rZXktYW5vdGhlci1rZXktYW5vdGhlciE="])
    # The thief signs with the victim's `StartLogin`; this test is not about signing keys.
    runtime = replace(harness.runtime, ids=FixedIds(6), seal=other_seal)
    thief = wiring.accounts(replace(harness.parts, runtime=runtime)).registration
    stolen = await thief.register(
        Call(None, idempotency=REQUEST), NewAccount(EMAIL, OTHER_PASSWORD, "Ada", "Lovelace", "")
    )
    assert stolen.tokens.refresh_token != first.tokens.refresh_token
