"""Networks take turns, a full queue refuses the network with the most in it, and no place is lost."""

import asyncio
import random

import pytest

from services.auth.passwords.errors import HashingBusy
from services.auth.passwords.fair_queue import FairQueue


class Visit:
    """A caller in a queue, with what has become of it: `waits`, `in`, `refused` or `cancelled`."""

    def __init__(self, queue: FairQueue, network: str, entered: list[str]) -> None:
        self.network, self.state = network, "waits"
        self.retry_after: float | None = None
        self.task = asyncio.create_task(self._run(queue, entered))

    async def _run(self, queue: FairQueue, entered: list[str]) -> None:
        try:
            await queue.enter(self.network)
        except HashingBusy as error:
            self.state, self.retry_after = "refused", error.retry_after
        except asyncio.CancelledError:
            self.state = "cancelled"
            raise
        else:
            self.state = "in"
            entered.append(self.network)


class Crowd:
    """Callers of one queue, by the names of their networks: `aab` are two of `a` and one of `b`."""

    def __init__(self, places: int, most_waiting: int) -> None:
        self.queue = FairQueue(places, most_waiting)
        self.entered: list[str] = []
        self.visits: list[Visit] = []

    async def come(self, networks: str) -> list[Visit]:
        """Lets callers come one after the other."""
        new = []
        for network in networks:
            new.append(Visit(self.queue, network, self.entered))
            await settle()
        self.visits += new
        return new

    async def leave(self, count: int) -> str:
        """Lets callers leave one after the other; says who entered then."""
        before = len(self.entered)
        for _ in range(count):
            self.queue.leave()
            await settle()
        return "".join(self.entered[before:])


async def settle() -> None:
    """Lets every task run until it waits."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_networks_take_turns() -> None:
    """One caller of each network enters before the second of any; in a network, in order."""
    crowd = Crowd(1, 100)
    await crowd.come("aaaaaabcc")
    assert crowd.entered == ["a"]
    assert await crowd.leave(8) == "abcacaaa"


async def test_a_network_that_comes_late_waits_for_one_of_each_other() -> None:
    """A long queue of other networks does not matter."""
    crowd = Crowd(2, 1_000)
    await crowd.come("ab" + "abcdef" * 50)
    await crowd.come("x")
    assert await crowd.leave(7) == "abcdefx"


async def test_places_limit_how_many_are_in() -> None:
    """Three enter at once, and a place that is left unused is there later."""
    crowd = Crowd(3, 10)
    await crowd.come("aaab")
    assert crowd.entered == ["a"] * 3
    await crowd.leave(4)
    await crowd.come("ccc")
    assert crowd.entered[4:] == ["c"] * 3
    assert [visit.state for visit in await crowd.come("c")] == ["waits"]


async def test_a_full_queue_refuses_the_last_of_the_longest_network() -> None:
    """The new caller of another network waits in its place."""
    crowd = Crowd(1, 4)
    _, *waiting = await crowd.come("aaaba")
    (late,) = await crowd.come("c")
    assert waiting[-1].retry_after == 1
    assert [visit.state for visit in waiting] == ["waits", "waits", "waits", "refused"]
    assert late.state == "waits"
    assert await crowd.leave(4) == "abca"


async def test_a_network_that_has_the_most_is_refused_itself() -> None:
    """So is a new caller where every network has the same number."""
    crowd = Crowd(1, 4)
    await crowd.come("aaabb")
    for network in ("a", "b"):
        (visit,) = await crowd.come(network)
        assert (visit.state, visit.retry_after) == ("refused", 1)
    assert [visit.state for visit in await crowd.come("c")] == ["waits"]
    one_each = Crowd(1, 3)
    await one_each.come("aabc")
    assert [visit.state for visit in await one_each.come("d")] == ["refused"]
    assert await one_each.leave(3) == "abc"


async def test_a_cancelled_caller_leaves_no_gap() -> None:
    """The next caller enters in its place, and its room in the queue is free."""
    crowd = Crowd(1, 2)
    _, first, _ = await crowd.come("aab")
    first.task.cancel()
    await settle()
    await crowd.come("c")
    assert await crowd.leave(2) == "bc"


async def test_a_caller_that_is_cancelled_as_it_gets_its_place_passes_it_on() -> None:
    """The cancellation comes after `leave`, and before the caller runs."""
    crowd = Crowd(1, 10)
    _, first, second = await crowd.come("aab")
    crowd.queue.leave()
    first.task.cancel()
    await settle()
    assert (first.state, second.state) == ("cancelled", "in")


async def test_a_place_goes_past_callers_who_are_being_cancelled() -> None:
    """`leave` and a refusal meet a caller whose cancellation it has not noticed yet."""
    crowd = Crowd(1, 3)
    _, first, second, _ = await crowd.come("aaba")
    first.task.cancel()
    crowd.queue.leave()
    await settle()
    assert (first.state, second.state) == ("cancelled", "in")
    _, last = await crowd.come("aa")
    new = Visit(crowd.queue, "c", crowd.entered)
    last.task.cancel()
    await settle()
    assert (last.state, new.state) == ("cancelled", "waits")
    assert await crowd.leave(3) == "aca"


@pytest.mark.parametrize("seed", range(30))
async def test_no_place_and_no_caller_is_lost(seed: int) -> None:
    """Whatever callers do: places are never exceeded nor lost, and each caller gets an end."""
    chance, crowd = random.Random(seed), Crowd(2, 5)
    inside = left = 0
    for _ in range(300):
        act = chance.random()
        if act < 0.5:
            crowd.visits.append(Visit(crowd.queue, chance.choice("aaabbc"), crowd.entered))
        elif act < 0.75 and inside:
            crowd.queue.leave()
            left += 1
        elif crowd.visits:
            visit = chance.choice(crowd.visits)
            if visit.state == "waits":
                visit.task.cancel()
        if chance.random() < 0.7:
            await settle()
        inside = len(crowd.entered) - left
        assert inside <= 2
    await settle()
    while len(crowd.entered) > left:
        await crowd.leave(1)
        left += 1
    assert all(visit.task.done() for visit in crowd.visits)
    fresh = [visit.state for visit in await crowd.come("xyxyxyxy")]
    assert fresh == ["in"] * 2 + ["waits"] * 5 + ["refused"]


async def test_known_devices_get_every_second_place() -> None:
    """A caller on a known device waits for one of the others, however many networks wait."""
    queue, entered = FairQueue(1, 100), []
    await queue.enter("first")

    async def visit(name: str, *, known: bool) -> None:
        await queue.enter(name, known=known)
        entered.append(name)

    tasks = [asyncio.create_task(visit(name, known=False)) for name in "abcdef"]
    tasks += [asyncio.create_task(visit(name, known=True)) for name in "XXY"]
    await settle()
    for _ in tasks:
        queue.leave()
        await settle()
    assert "".join(entered) == "XaYbXcdef"


async def test_known_devices_displace_others_up_to_half_of_a_full_queue() -> None:
    """They find room in a queue that is full of other networks, but never fill it."""
    queue = FairQueue(1, 4)
    await queue.enter("first")
    others = [asyncio.create_task(queue.enter(name)) for name in "abcd"]
    await settle()
    known = [asyncio.create_task(queue.enter(name, known=True)) for name in "WXYZ"]
    await settle()
    states = [task.done() and type(task.exception()) for task in (*others, *known)]
    assert states.count(HashingBusy) == 4
    assert states[4:] == [False, False, HashingBusy, HashingBusy]
    for task in (*others, *known):
        task.cancel()
    await asyncio.gather(*others, *known, return_exceptions=True)
