"""One-time tokens on the real store."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.storage import Store, Write
from services.auth.keys import AUTH
from services.auth.one_time_tokens import repository
from services.auth.one_time_tokens.model import NewOneTimeToken, OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import (
    MOST_ALIVE,
    MOST_WRONG_CODES,
    OneTimeTokens,
)
from services.auth.one_time_tokens.repository import ONE_TIME_TOKEN, ONE_TIME_TOKENS
from tests.services.auth.harness import keeps_unknown_fields
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.store import rows_between

EMAIL = "ada@example.com"
HOUR = timedelta(hours=1)
KEYS = (
    "2yk0oBU0bY7bA2u9B6YtVqFvVdQ9H4kOMlqJ4R6l6wM=",
    "aW4tdGhlLWZpcnN0LXBsYWNlLTMyLWJ5dGVzLWtleSE=",
)


class Tokens:
    """One-time tokens, each call in a transaction of its own."""

    def __init__(self, store: Store, keys: tuple[str, ...] = KEYS[:1]) -> None:
        self.store = store
        self.tokens = OneTimeTokens(Runtime(store, FixedClock(), FixedIds(9), Seal(keys)))

    async def issue(
        self,
        purpose: Purpose = Purpose.VERIFY_EMAIL,
        email: str = EMAIL,
        user_id: UUID | None = None,
        after: timedelta = timedelta(0),
    ) -> NewOneTimeToken:
        """A stored token, made some time after the start."""
        new = self.tokens.new(
            purpose, email, now=START + after, life=HOUR, user_id=user_id, payload=b"payload"
        )
        await self.store.write(lambda tx: self.tokens.put(tx, new))
        return new

    async def find(
        self,
        *,
        token: str = "",
        code: str = "",
        email: str = EMAIL,
        purposes: tuple[Purpose, ...] = (Purpose.VERIFY_EMAIL,),
        after: timedelta = timedelta(0),
    ) -> OneTimeToken | None:
        """What a proof finds."""
        proof, now = Proof(token, email, code), START + after
        return await self.store.write(lambda tx: self.tokens.find(tx, proof, purposes, now))

    async def spend(self, token: str) -> OneTimeToken | None:
        """Finds a token and ends it, in one transaction."""

        async def spend(tx: Write) -> OneTimeToken | None:
            found = await self.tokens.find(tx, Proof(token), list(Purpose), START)
            if found is not None:
                await repository.ONE_TIME_TOKENS.clear(tx, found)
            return found

        return await self.store.write(spend)


@pytest.fixture
def tokens(store: Store) -> Tokens:
    """One-time tokens on an empty store."""
    return Tokens(store)


async def test_a_token_is_found_by_link_and_by_code(tokens: Tokens) -> None:
    """Both secrets of one email find the token that was stored, and it stays good until it ends."""
    new = await tokens.issue(user_id=uuid4())
    for _ in range(2):
        assert await tokens.find(token=new.secrets.token) == new.stored
        assert await tokens.find(code=new.secrets.code.lower()) == new.stored


async def test_an_undo_has_no_code(tokens: Tokens) -> None:
    """Its token is found by the link alone."""
    new, undo = await tokens.issue(Purpose.UNDO_EMAIL), (Purpose.UNDO_EMAIL,)
    assert new.secrets.code == ""
    assert await tokens.find(code="", purposes=undo) is None
    assert await tokens.find(token=new.secrets.token, purposes=undo) is not None


async def test_a_token_is_good_once(tokens: Tokens) -> None:
    """Of 20 uses at once one finds the token; afterwards neither link nor code does."""
    new = await tokens.issue()
    found = await asyncio.gather(*(tokens.spend(new.secrets.token) for _ in range(20)))
    assert [one for one in found if one is not None] == [new.stored]
    assert await tokens.find(code=new.secrets.code) is None
    rows = await rows_between(tokens.store, *AUTH.range())
    assert rows == []


async def test_a_token_is_good_for_its_purpose_and_address_alone(tokens: Tokens) -> None:
    """Another purpose, another address, and an altered token find nothing."""
    new = await tokens.issue()
    reset = (Purpose.RESET_PASSWORD, Purpose.UNDO_EMAIL)
    assert await tokens.find(token=new.secrets.token, purposes=reset) is None
    assert await tokens.find(code=new.secrets.code, purposes=reset) is None
    assert await tokens.find(code=new.secrets.code, email="eve@example.com") is None
    assert await tokens.find(token=new.secrets.token[:-1] + "!") is None
    assert await tokens.find(token=new.secrets.token + "A") is None
    assert await tokens.find() is None


async def test_a_token_expires(tokens: Tokens) -> None:
    """From its expiry time on neither the link nor the code is good; the sweeper removes it."""
    new = await tokens.issue()
    last = HOUR - timedelta(milliseconds=1)
    assert await tokens.find(token=new.secrets.token, after=last) == new.stored
    assert await tokens.find(token=new.secrets.token, after=HOUR) is None
    assert await tokens.find(code=new.secrets.code, after=HOUR) is None
    swept = await tokens.store.write(lambda tx: repository.clear_expired(tx, START + HOUR, 10))
    assert swept == 1
    assert await rows_between(tokens.store, *AUTH.range()) == []


async def test_a_code_is_void_after_wrong_ones(tokens: Tokens) -> None:
    """Five wrong codes void every code of the address, but no link; concurrent ones all count."""
    new, other = await tokens.issue(), await tokens.issue()
    elsewhere = await tokens.issue(email="bob@example.com")
    await asyncio.gather(*(tokens.find(code="00000000") for _ in range(MOST_WRONG_CODES)))
    for one in (new, other):
        assert await tokens.find(code=one.secrets.code) is None
        assert await tokens.find(token=one.secrets.token) is not None
    assert await tokens.find(code=elsewhere.secrets.code, email="bob@example.com") is not None


async def test_a_code_is_good_before_the_last_try(tokens: Tokens) -> None:
    """After four wrong codes the right one is good, and what is no code counts, too."""
    new = await tokens.issue()
    for typed in ["00000000", "", "x", "U" * 8]:
        assert await tokens.find(code=typed) is None
    assert await tokens.find(code=new.secrets.code) is not None


async def test_an_address_has_few_tokens(tokens: Tokens) -> None:
    """One more than allowed ends the oldest; other purposes and addresses do not count."""
    others = [await tokens.issue(Purpose.RESET_PASSWORD), await tokens.issue(email="b@example.com")]
    issued = [
        await tokens.issue(after=timedelta(seconds=second)) for second in range(MOST_ALIVE + 1)
    ]
    found = [await tokens.find(token=one.secrets.token) for one in issued]
    assert [one is not None for one in found] == [False] + [True] * MOST_ALIVE
    for one in others:
        assert await tokens.find(token=one.secrets.token, purposes=tuple(Purpose)) is not None


async def test_a_limit_holds_for_concurrent_tokens(tokens: Tokens) -> None:
    """However many are issued at once, no more than the limit are stored."""
    await asyncio.gather(*(tokens.issue() for _ in range(20)))
    assert len(await rows_between(tokens.store, *ONE_TIME_TOKEN.range())) == MOST_ALIVE


async def test_the_tokens_of_a_user_or_an_address_end(tokens: Tokens) -> None:
    """Tokens end by user, whatever their address, or by address and purpose."""
    user_id = uuid4()
    of_user = [
        await tokens.issue(user_id=user_id),
        await tokens.issue(Purpose.UNDO_EMAIL, "b@b.co", user_id),
    ]
    of_other = await tokens.issue(user_id=uuid4())
    await tokens.store.write(lambda tx: repository.clear_of_user(tx, user_id))
    found = [
        await tokens.find(token=one.secrets.token, purposes=tuple(Purpose))
        for one in (*of_user, of_other)
    ]
    assert [one is not None for one in found] == [False, False, True]
    await tokens.store.write(
        lambda tx: repository.clear_of_address(tx, EMAIL, [Purpose.RESET_PASSWORD])
    )
    assert await tokens.find(token=of_other.secrets.token) is not None
    await tokens.store.write(
        lambda tx: repository.clear_of_address(tx, EMAIL, [Purpose.VERIFY_EMAIL])
    )
    assert await tokens.find(token=of_other.secrets.token) is None


async def test_a_code_outlives_a_change_of_the_seal_keys(store: Store) -> None:
    """A code that was mailed before a new key is good while the old key is listed."""
    new = await Tokens(store, KEYS[:1]).issue()
    assert await Tokens(store, KEYS[::-1]).find(code=new.secrets.code) == new.stored
    assert await Tokens(store, KEYS[1:]).find(code=new.secrets.code) is None


async def test_a_store_shows_no_secret(tokens: Tokens) -> None:
    """Neither the token nor the code nor the address is in the rows."""
    new = await tokens.issue()
    rows = b"".join(key + value for key, value in await rows_between(tokens.store, *AUTH.range()))
    for secret in (*new.secrets, EMAIL):
        assert secret.encode() not in rows


async def test_secrets_are_not_shared(tokens: Tokens) -> None:
    """Two tokens have different links and different codes."""
    one, other = await tokens.issue(), await tokens.issue()
    assert one.secrets.token != other.secrets.token
    assert one.secrets.code != other.secrets.code


async def test_a_record_keeps_unknown_fields(tokens: Tokens) -> None:
    """What a newer version has written into a record stays."""
    new = await tokens.issue()
    key = ONE_TIME_TOKEN.key(new.stored.token_id)

    async def put(tx: Write) -> None:
        await ONE_TIME_TOKENS.put(tx, new.stored)

    assert await keeps_unknown_fields(tokens.store, key, put)
