"""One run of a seed: who lives in it, for how long, and what is checked afterwards."""

import asyncio

from tests.simulation import promises
from tests.simulation.life import Life
from tests.simulation.people import Account
from tests.simulation.world import Result, World, run


def simulate(seed: int, *, talkative: bool = False) -> Result:
    """Runs a seed; the journal has the answers if it is to be `talkative`."""
    return run(seed, live, talkative=talkative)


async def live(world: World) -> list[str]:
    """A run: people live with troubles, then everything is quiet and is examined."""
    while not world.is_up:
        await asyncio.sleep(0.02)
    random = world.random
    accounts = [
        Account(f"user{number}@example.com", {world.new_password()})
        for number in range(random.choice((1, 1, 2, 3)))
    ]
    until = world.loop.time() + random.choice((1.0, 2.0, 4.0, 8.0))
    devices = [
        Life(world, account).live(until)
        for account in accounts
        for _ in range(random.choice((1, 2)))
    ]
    trouble = asyncio.create_task(world.trouble(until))
    lives = [asyncio.create_task(one) for one in devices]
    await asyncio.wait(lives, return_when=asyncio.FIRST_EXCEPTION)
    trouble.cancel()
    for one in lives:
        if one.done():
            one.result()
    world.settle()
    return await promises.check(world, accounts)

