"""Idempotent writes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kernel.errors import IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyLimitReached
from kernel.idempotent_request import IdempotentRequest
from kernel.storage import Read, Store, Subspace, Write, counted
from kernel.storage.recipes.idempotency import NOTHING, CountsAsNew, Idempotency, Repeat
from tests.contract.store import get, rows_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SPACE = Subspace(("test", "idempotency"))
RUNS = b"runs"
ROWS = 3  # of a record, besides the count of its caller
IDEMPOTENCY = Idempotency(SPACE, kept_bytes=100)
LIMIT = 150
LIMITED = Idempotency(SPACE, kept_bytes=100, limit=LIMIT)
REPLAY = IdempotentRequest("user 1", "/coditect.sessions.v5.Sessions/Create", "key", b"digest")


async def _kept(_: Read, kept: bytes) -> bytes:
    return kept


REPEAT: Repeat[bytes] = Repeat(_kept, keep=lambda answer: answer)


async def _action(tx: Write) -> bytes:
    tx.add(RUNS, 1)
    return b"answer %d" % counted(await tx.get(RUNS))


async def _create(
    store: Store,
    replay: IdempotentRequest | None,
    now: datetime = NOW,
    idempotency: Idempotency = IDEMPOTENCY,
) -> bytes:
    return await idempotency.write(store, replay, now, _action, REPEAT)


async def _sweep(store: Store, now: datetime, limit: int = 100) -> int:
    async def write(tx: Write) -> int:
        return await IDEMPOTENCY.sweep(tx, now, limit)

    return await store.write(write)


async def _runs(store: Store) -> int:
    return counted(await get(store, RUNS))


async def test_a_repeat_gets_the_first_response(store: Store) -> None:
    """The action runs once, however often the request is repeated."""
    assert [await _create(store, REPLAY) for _ in range(3)] == [b"answer 1"] * 3
    assert await _runs(store) == 1


async def test_200_at_once_run_the_action_once(store: Store) -> None:
    """Concurrent repeats all get the same response."""
    answers = await asyncio.gather(*(_create(store, REPLAY) for _ in range(200)))
    assert set(answers) == {b"answer 1"}
    assert await _runs(store) == 1


async def test_a_repeat_can_be_found_before_the_write(store: Store) -> None:
    """`find` returns what `once` would return for a repeat, and None if the action would run."""

    async def find(replay: IdempotentRequest | None, now: datetime = NOW) -> bytes | None:
        found = await store.read(lambda tx: IDEMPOTENCY.find(tx, replay, now, REPEAT))
        return None if found is None else found.value

    assert await find(REPLAY) is None
    assert await find(None) is None
    await _create(store, REPLAY)
    assert await find(REPLAY) == b"answer 1"
    assert await find(REPLAY, NOW + DAY) is None
    with pytest.raises(IdempotencyKeyReused):
        await find(IdempotentRequest(REPLAY.caller, REPLAY.method, REPLAY.key, b"another"))


async def test_without_a_key_every_request_runs(store: Store) -> None:
    """No key, no record."""
    assert [await _create(store, None) for _ in range(2)] == [b"answer 1", b"answer 2"]
    assert await rows_of(store, *SPACE.range()) == []


async def test_another_request_under_the_same_key_is_refused(store: Store) -> None:
    """A different digest is an error, and the first response stays."""
    await _create(store, REPLAY)
    with pytest.raises(IdempotencyKeyReused):
        await _create(
            store, IdempotentRequest(REPLAY.caller, REPLAY.method, REPLAY.key, b"another")
        )
    assert await _create(store, REPLAY) == b"answer 1"
    assert await _runs(store) == 1


@pytest.mark.parametrize(
    "other",
    [
        IdempotentRequest("user 2", REPLAY.method, REPLAY.key, b"digest"),
        IdempotentRequest(
            REPLAY.caller, "/coditect.tenants.v5.Tenants/Create", REPLAY.key, b"digest"
        ),
        IdempotentRequest(REPLAY.caller, REPLAY.method, "KEY", b"digest"),
        IdempotentRequest(REPLAY.caller + REPLAY.method, "", REPLAY.key, b"digest"),
        IdempotentRequest(REPLAY.caller, REPLAY.method, REPLAY.key, b"digest", scope="tenant"),
        IdempotentRequest(REPLAY.caller, REPLAY.method + REPLAY.key[:1], REPLAY.key[1:], b"digest"),
    ],
)
async def test_a_key_belongs_to_its_caller_and_method(
    store: Store, other: IdempotentRequest
) -> None:
    """The same key from another caller or for another method is a different key."""
    assert await _create(store, REPLAY) == b"answer 1"
    assert await _create(store, other) == b"answer 2"


async def test_a_failed_action_leaves_the_key_unused(store: Store) -> None:
    """When the action raises, the next request with the key runs it again."""

    async def action(tx: Write) -> bytes:
        tx.add(RUNS, 1)
        raise LookupError

    with pytest.raises(LookupError):
        await IDEMPOTENCY.write(store, REPLAY, NOW, action, REPEAT)
    assert await _create(store, REPLAY) == b"answer 1"


async def test_a_key_expires_swept_or_not(store: Store) -> None:
    """The response is kept for a day; after that, the key can be used for any request."""
    await _create(store, REPLAY)
    last = NOW + DAY - timedelta(milliseconds=1)
    assert await _create(store, REPLAY, last) == b"answer 1"
    other = IdempotentRequest(REPLAY.caller, REPLAY.method, REPLAY.key, b"another")
    assert await _create(store, other, NOW + DAY) == b"answer 2"
    assert await _create(store, other, NOW + DAY) == b"answer 2"
    assert len(await rows_of(store, *SPACE.range())) == ROWS + 1


async def test_a_sweep_removes_expired_records_in_bounded_batches(store: Store) -> None:
    """Expired records are removed with their expiry rows, in bounded batches; others stay."""
    for number in range(5):
        replay = IdempotentRequest("user 1", "method", f"old {number}", b"digest")
        await _create(store, replay, NOW + number * timedelta(seconds=1))
    await _create(store, REPLAY, NOW + DAY)
    assert await _sweep(store, NOW) == 0
    assert [await _sweep(store, NOW + 1.5 * DAY, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(await rows_of(store, *SPACE.range())) == ROWS + 1
    assert await _create(store, REPLAY, NOW + 1.5 * DAY) == b"answer 6"


async def test_a_sweep_spares_a_record_that_was_renewed(store: Store) -> None:
    """A key reused after its expiry is kept for its new lifetime."""
    await _create(store, REPLAY)
    await _create(store, REPLAY, NOW + DAY)
    assert await _sweep(store, NOW + 1.5 * DAY) == 0
    assert await _create(store, REPLAY, NOW + 1.5 * DAY) == b"answer 2"


@pytest.mark.parametrize("key", ["", "x" * 129, "ü", "a\n", "a\x00", "\x7f", "\ud800"])
def test_keys_that_are_not_printable_ascii_are_refused(key: str) -> None:
    """Empty, too long and non-ASCII keys never reach the store."""
    with pytest.raises(IdempotencyKeyInvalid):
        IdempotentRequest("user 1", "method", key, b"digest")


@pytest.mark.parametrize("caller", ["c" * 5000, "\x00" * 64, "\U0001f600" * 200])
async def test_the_longest_names_fit_into_a_key(store: Store, caller: str) -> None:
    """For the longest caller name, a record can be stored and found again."""
    replay = IdempotentRequest(caller, "m" * 500, "~" * 128, b"digest")
    assert [await _create(store, replay) for _ in range(2)] == [b"answer 1"] * 2


@pytest.mark.parametrize("with_key", [False, True])
async def test_a_write_returns_its_response_as_a_value(store: Store, *, with_key: bool) -> None:
    """A repeat returns the response again; without a key, the write happens again."""
    runs = 0
    request = REPLAY if with_key else None

    async def answer(_: Read, kept: bytes) -> int:
        return int(kept)

    number = Repeat(answer, keep=lambda value: b"%d" % value)

    async def action(tx: Write) -> int:
        nonlocal runs
        runs += 1
        tx.add(RUNS, 1)
        return 40 + runs

    answers = [await IDEMPOTENCY.write(store, request, NOW, action, number) for _ in range(2)]
    assert answers == ([41, 41] if with_key else [41, 42])


async def test_a_write_without_a_response(store: Store) -> None:
    """A write without a response happens once, too."""
    runs = 0

    async def action(_: Write) -> None:
        nonlocal runs
        runs += 1

    for _ in range(2):
        await IDEMPOTENCY.write(store, REPLAY, NOW, action, NOTHING)
    assert runs == 1


async def test_a_repeat_may_be_refused_or_count_as_new(store: Store) -> None:
    """An error of the repeat's answer is the answer, and `CountsAsNew` runs the action once more."""
    await _create(store, REPLAY)
    raised: type[Exception] = LookupError

    async def answer(_: Read, __: bytes) -> bytes:
        raise raised

    async def action(tx: Write) -> bytes:
        tx.add(RUNS, 1)
        return b"once more"

    repeat = Repeat(answer, keep=lambda answer: answer)
    with pytest.raises(LookupError):
        await IDEMPOTENCY.write(store, REPLAY, NOW, action, repeat)
    assert await _runs(store) == 1
    raised = CountsAsNew
    assert await IDEMPOTENCY.write(store, REPLAY, NOW, action, repeat) == b"once more"
    assert await _runs(store) == 2
    assert await _create(store, REPLAY) == b"once more"
    assert len(await rows_of(store, *SPACE.range())) == ROWS + 1


def _numbered(number: int, caller: str = "user 1") -> IdempotentRequest:
    return IdempotentRequest(caller, "method", f"key {number}", b"digest")


async def _fill_up(store: Store) -> None:
    """As many records of one caller as a caller may have, one each second."""

    async def write(tx: Write) -> None:
        for number in range(LIMIT):
            now = NOW + timedelta(seconds=number)
            await LIMITED.once(tx, _numbered(number), now, _action, REPEAT)

    await store.write(write)


async def test_a_caller_has_a_limited_number_of_keys(store: Store) -> None:
    """At the limit a new key is refused until the first one expires; its repeats still work."""
    await _fill_up(store)
    now = NOW + timedelta(seconds=LIMIT)
    runs = await _runs(store)
    with pytest.raises(IdempotencyLimitReached) as error:
        await _create(store, _numbered(LIMIT), now, LIMITED)
    assert error.value.metadata == {"limit": str(LIMIT)}
    assert error.value.retry_after == (DAY - timedelta(seconds=LIMIT)).total_seconds()
    assert await _runs(store) == runs
    assert await _create(store, _numbered(1), now, LIMITED) == b"answer 2"
    assert await _create(store, _numbered(0, "user 2"), now, LIMITED) == b"answer 151"
    assert await _create(store, None, now, LIMITED) == b"answer 152"


async def test_retry_after_is_at_least_a_second(store: Store) -> None:
    """A caller whose first key expires at once is not told to retry at once."""
    await _fill_up(store)
    with pytest.raises(IdempotencyLimitReached) as error:
        await _create(store, _numbered(LIMIT), NOW + DAY - timedelta(milliseconds=1), LIMITED)
    assert error.value.retry_after == 1


@pytest.mark.parametrize("expired", [1, 2, 120])
async def test_expired_keys_do_not_count(store: Store, expired: int) -> None:
    """A caller at the limit gets as many new keys as have expired, swept or not."""
    await _fill_up(store)
    now = NOW + DAY + timedelta(seconds=expired - 1)
    for number in range(expired):
        await _create(store, _numbered(1000 + number), now, LIMITED)
    with pytest.raises(IdempotencyLimitReached):
        await _create(store, _numbered(2000), now, LIMITED)
    assert len(await rows_of(store, *SPACE.range())) == ROWS * LIMIT + 1
    assert await _sweep(store, now) == 0


async def test_a_sweep_makes_room(store: Store) -> None:
    """The count follows the sweep, and its row goes with the last record."""
    await _fill_up(store)
    now = NOW + DAY + timedelta(seconds=LIMIT)
    assert [await _sweep(store, now), await _sweep(store, now)] == [100, 50]
    assert await rows_of(store, *SPACE.range()) == []


async def test_a_record_is_small(store: Store) -> None:
    """All rows of a record together take less than half a kilobyte, whatever the names are."""
    replay = IdempotentRequest("c" * 5000, "m" * 500, "~" * 128, bytes(32), scope="t" * 36)
    await _create(store, replay)
    size = sum(len(key) + len(value) for key, value in await rows_of(store, *SPACE.range()))
    assert size < 512
