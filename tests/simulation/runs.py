"""One run of a seed: who lives in it, for how long, and what is checked afterwards."""

import asyncio

from tests.simulation import promises
from tests.simulation.life import Life
from tests.simulation.people import Account
from tests.simulation.programs import ProgramLife
from tests.simulation.teams import Team, TeamLife
from tests.simulation.world import Result, World, run


def simulate(seed: int, *, talkative: bool = False) -> Result:
    """Runs a seed; the journal has the answers if it is to be `talkative`."""
    return run(seed, live, talkative=talkative)


async def live(world: World) -> list[str]:
    """A run: people live with troubles, then everything is quiet and is examined."""
    while not world.is_up:  # noqa: ASYNC110 - nothing really waits
        await asyncio.sleep(0.02)
    random = world.random
    accounts = [
        Account(f"user{number}@example.com", {world.new_password()})
        for number in range(random.choice((1, 1, 2, 3)))
    ]
    until = world.loop.time() + random.choice((1.0, 2.0, 4.0, 8.0))
    teams: list[Team] = []
    lives = [
        _life(world, account, teams, accounts)
        for account in accounts
        for _ in range(random.choice((1, 2)))
    ]
    trouble = asyncio.create_task(world.trouble(until))
    living = [asyncio.create_task(one.live(until)) for one in lives]
    await asyncio.wait(living, return_when=asyncio.FIRST_EXCEPTION)
    trouble.cancel()
    for task in living:
        if task.done():
            task.result()
    world.settle()
    return await promises.check(world, lives)


def _life(world: World, account: Account, teams: list[Team], accounts: list[Account]) -> Life:
    """A device of a person, with everything that a person can do."""
    life = Life(world, account)
    life.parts = [TeamLife(life, teams, accounts), ProgramLife(life)]
    life.more = [part.act for part in life.parts]
    return life
