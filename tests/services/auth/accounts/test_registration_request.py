"""Registrations where addresses must be proved first: the same answer and rows for every address."""

import asyncio
from collections import Counter

import pytest

from coditect.auth.v5 import accounts_pb2, logins_pb2
from kernel.errors import IdempotencyKeyReused, InvalidRequest
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call
from kernel.storage import Store
from services.auth.accounts import repository
from services.auth.accounts.errors import EmailTaken
from services.auth.accounts.model import PendingRegistration
from services.auth.accounts.servicer import new_account
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens.model import Proof
from services.auth.one_time_tokens.repository import ONE_TIME_TOKEN, PAYLOAD_BYTES
from services.auth.users.repository import USER
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    keys_of,
    make_settings,
    registration,
)
from tests.services.auth.server import running
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump, rows_between

REQUEST = IdempotentRequest("", "Register", "key", b"digest of the request")


async def request(
    harness: AuthHarness,
    email: str = EMAIL,
    password: str = PASSWORD,
    idempotency: IdempotentRequest | None = None,
) -> None:
    """Registers where the address must be proved first."""
    call = Call(None, METADATA, idempotency=idempotency)
    await harness.registration_request.register(call, new_account(registration(email, password)))


async def test_every_address_costs_the_same(harness: AuthHarness, watched: WatchedStore) -> None:
    """One hash, one transaction and the same families of rows, whatever account has the address."""
    await harness.register("unproved@example.com")
    await harness.register_proved("proved@example.com")
    harness.clock.advance(hours=24)  # the counts of a day begin anew
    await request(harness, "first@example.com")
    costs = []
    for email in ("free@example.com", "unproved@example.com", "proved@example.com"):
        watched.writes, hashes, before = 0, harness.passwords.hashes, await keys_of(watched)
        await request(harness, email)
        new = [key for key in await keys_of(watched) if key not in set(before)]
        costs.append((watched.writes, harness.passwords.hashes - hashes, len(new)))
    assert len(set(costs)) == 1, costs
    assert costs[0][:2] == (1, 1)


async def test_no_account_is_made_before_the_proof(harness: AuthHarness) -> None:
    """A registration makes no user, and its password is in no row, not even hashed."""
    await request(harness)
    assert await rows_between(harness.store, *USER.range()) == []
    stored = b"".join(
        value for _, value in await rows_between(harness.store, *ONE_TIME_TOKEN.range())
    )
    assert b"argon2" not in stored
    assert b"Lovelace" not in stored


async def test_a_repeat_mails_nothing(harness: AuthHarness) -> None:
    """Repeats with the same key, one after the other or at once, mail one email and hash once more at most."""
    await request(harness, idempotency=REQUEST)
    hashes, before = harness.passwords.hashes, await dump(harness.store)
    await request(harness, idempotency=REQUEST)
    assert harness.passwords.hashes == hashes
    assert await dump(harness.store) == before
    other = IdempotentRequest("", "Register", "other key", b"digest")
    await asyncio.gather(*(request(harness, idempotency=other) for _ in range(5)))
    assert len(await harness.mailed(EmailKind.CONFIRM_REGISTRATION)) == 2


async def test_another_request_under_the_key_is_refused(harness: AuthHarness) -> None:
    """Auth refuses a different request under a used key."""
    await request(harness, idempotency=REQUEST)
    with pytest.raises(IdempotencyKeyReused):
        await request(harness, idempotency=IdempotentRequest("", "Register", "key", b"other"))


async def test_a_key_outlives_a_change_of_the_mode(harness: AuthHarness) -> None:
    """A key of a registration that waited for a proof makes an account once none is needed."""
    await request(harness, idempotency=REQUEST)
    result = await harness.register(idempotency=REQUEST)
    assert result.user.email == EMAIL


async def test_a_bad_password_is_refused_before_anything_is_stored(harness: AuthHarness) -> None:
    """The policy is that of every registration."""
    before = await dump(harness.store)
    with pytest.raises(InvalidRequest):
        await request(harness, password="short")
    assert await dump(harness.store) == before


def test_the_longest_registration_fits_into_a_token(harness: AuthHarness) -> None:
    """A sealed registration with the longest names of four bytes a character fits."""
    longest = PendingRegistration(
        email="a" * 254,
        password_hash="$argon2id$v=19$m=4194304,t=100,p=16$" + "x" * 66,
        first_name="\U0001f600" * 100,
        last_name="\U0001f600" * 100,
        company="\U0001f600" * 200,
        language="x" * 35,
    )
    packed = repository.pack_pending(longest)
    assert repository.parse_pending(packed) == longest
    assert len(harness.seal.encrypt(packed)) <= PAYLOAD_BYTES


async def test_the_service_answers_alike_for_every_address(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> None:
    """With REGISTRATION=verified an answer is empty, and a login waits for the proof."""
    addresses = {"TENANTS_ADDRESS": fakes.address, "SESSIONS_ADDRESS": fakes.address}
    async with running(store, clock, make_settings(**addresses)) as auth:
        await auth.register("unproved@example.com")
    settings = make_settings(**addresses, REGISTRATION="verified")
    async with running(store, clock, settings, seed=6) as auth:
        answers = Counter()
        for email in ("free@example.com", "unproved@example.com"):
            answers[(await auth.register(email)).SerializeToString()] += 1
        assert answers == {accounts_pb2.RegisterResponse().SerializeToString(): 2}
        for password, reason in (
            (PASSWORD, "EMAIL_NOT_VERIFIED"),
            (OTHER_PASSWORD, "BAD_CREDENTIALS"),
        ):
            login = logins_pb2.LoginRequest(email="unproved@example.com", password=password)
            assert await auth.refused("Login", login) == reason


async def test_an_account_that_is_there_registers_no_second_one(harness: AuthHarness) -> None:
    """Where no proof is needed, a completed registration takes the address like any other."""
    await request(harness)
    (secrets,) = await harness.mailed(EmailKind.CONFIRM_REGISTRATION)
    await harness.prove(Proof(secrets.token), new_password=PASSWORD)
    with pytest.raises(EmailTaken):
        await harness.register()
