"""The conformance suite of the storage port: commits with an unknown result."""

import pytest

from kernel.storage import Store, Subspace, counted
from tests.contract.store import Work, get, rows_of

# These options make FoundationDB's client fail at random: it loses a commit before sending it, loses
# the response to a commit, or gives up on one that takes effect later.
TROUBLE = {
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_ENABLE": "",
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_SECTION_ACTIVATED_PROBABILITY": "100",
    "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_SECTION_FIRED_PROBABILITY": "10",
}


@pytest.mark.needs("unknown results")
async def test_writes_with_an_unknown_result_happen_once(
    store: Store, space: Subspace, work: Work
) -> None:
    """An acknowledged write exists once, any other at most once, by every way of counting."""
    process = await work("unknown", space.prefix, 4, **TROUBLE)
    assert process.stdout
    results = [line.split() for line in (await process.stdout.read()).decode().splitlines()]
    assert await process.wait() == 0
    done = {label for word, label in results if word == "DONE"}
    unknown = {label for word, label in results if word == "STORAGE_UNAVAILABLE"}
    there = [value.decode() for _, value in await rows_of(store, *space["log"].range())]

    assert len(results) == 160
    assert len(there) == len(set(there))
    assert done <= set(there) <= done | unknown
    assert int(await get(store, space.pack(("read",))) or b"") == len(there)
    assert counted(await get(store, space.pack(("added",)))) == len(there)
    assert len(done) > 40
