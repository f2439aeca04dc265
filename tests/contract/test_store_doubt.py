"""The conformance suite of the storage port: commits of which nobody can say whether they happened."""

import pytest

from kernel.storage import Store, Subspace, counted
from tests.contract.store import Work, get, rows_of

# FoundationDB's client can be told to fail at random: to lose a commit before it is sent, to lose
# the answer to one that took place, or to give up on one that takes place later.
TROUBLE = {
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_ENABLE": "",
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_SECTION_ACTIVATED_PROBABILITY": "100",
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_SECTION_FIRED_PROBABILITY": "10",
}


@pytest.mark.needs("unknown results")
async def test_writes_whose_result_gets_lost_take_place_once(
    store: Store, space: Subspace, work: Work
) -> None:
    """What is acknowledged is there once, what is not at most once, however it is counted."""
    process = await work("doubt", space.prefix, 4, **TROUBLE)
    assert process.stdout
    told = [line.split() for line in (await process.stdout.read()).decode().splitlines()]
    assert await process.wait() == 0
    done = {label for word, label in told if word == "DONE"}
    unknown = {label for word, label in told if word == "STORAGE_UNAVAILABLE"}
    there = [value.decode() for _, value in await rows_of(store, *space["log"].range())]

    assert len(told) == 160
    assert len(there) == len(set(there))
    assert done <= set(there) <= done | unknown
    assert int(await get(store, space.pack(("read",))) or b"") == len(there)
    assert counted(await get(store, space.pack(("added",)))) == len(there)
    assert len(done) > 40
