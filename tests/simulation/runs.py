"""One run of a seed: who lives in it, for how long, and what is checked afterwards."""

import asyncio
import gc
import hashlib
import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import structlog

from kernel.rpc import methods, request_checks
from kernel.storage.recipes.work_queue import Timing
from services.auth.notifications.repository import EMAILS
from services.tenants.invitations.repository import INVITATION_EMAILS
from tests.simulation import promises
from tests.simulation.chance import everything_from
from tests.simulation.channel import Channel
from tests.simulation.grants import GrantLife
from tests.simulation.life import Life
from tests.simulation.loop import SimulatedLoop
from tests.simulation.network import CallServer
from tests.simulation.operators import OperatorLife
from tests.simulation.people import Account
from tests.simulation.programs import ProgramLife
from tests.simulation.sessions import SessionLife
from tests.simulation.teams import Team, TeamLife
from tests.simulation.world import BrokenPromise, World

_FEEDS_SECONDS = 0.15
"""So long after their start the services have heard from auth's feed, if nothing goes wrong."""

_OPERATED = 1 / 3
"""In this share of the runs an operator acts."""


class Result:
    """What became of a run.

    Attributes:
        seed: Its seed.
        problems: The promises that were broken.
        journal: What happened.
        digest: Of the journal and all rows: the same in every run of the seed.
    """

    def __init__(self, seed: int, problems: Sequence[str], world: World) -> None:
        self.seed = seed
        self.problems = list(problems)
        self.journal = [f"{when:9.4f}  {text}" for when, text in world.journal]
        self.calm = world.climate.calm
        digest = hashlib.sha256("\n".join(self.journal).encode())
        for key in world.rows.now.keys:
            digest.update(key + b"\0" + world.rows.now.rows[key])
        self.digest = digest.hexdigest()
        self.callbacks = world.loop.callbacks
        self.seconds = world.loop.time()


def simulate(seed: int, *, talkative: bool = False) -> Result:
    """Runs a seed; the journal has the answers if it is to be `talkative`."""
    return _run(seed, talkative=talkative)


async def live(world: World) -> list[str]:
    """A run: people live with troubles, then everything is quiet and is examined."""
    while not world.is_up:  # noqa: ASYNC110 - nothing really waits
        await asyncio.sleep(0.02)
    await asyncio.sleep(_FEEDS_SECONDS)
    random = world.random
    accounts = [
        Account(f"user{number}@example.com", {world.new_password()})
        for number in range(random.choice((1, 1, 2, 3)))
    ]
    teams: list[Team] = []
    operators = [OperatorLife(world, accounts, teams)] if random.random() < _OPERATED else []
    for one in operators:
        await one.prepare()
    until = world.loop.time() + random.choice((1.0, 2.0, 4.0, 8.0))
    lives = [
        _life(world, account, teams, accounts)
        for account in accounts
        for _ in range(random.choice((1, 2)))
    ]
    trouble = asyncio.create_task(world.trouble(until))
    if len(accounts) > 1 and random.random() < 0.7:
        host, guest = (
            next(life for life in lives if life.account is account) for account in accounts[:2]
        )
        await TeamLife(host, teams, accounts).begin(TeamLife(guest, teams, accounts))
    living = [asyncio.create_task(one.live(until)) for one in (*lives, *operators)]
    await asyncio.wait(living, return_when=asyncio.FIRST_EXCEPTION)
    trouble.cancel()
    for task in living:
        if task.done():
            task.result()
    world.settle()
    return await promises.check(world, lives, operators)


def _life(world: World, account: Account, teams: list[Team], accounts: list[Account]) -> Life:
    """A device of a person, with everything that a person can do."""
    life = Life(world, account)
    life.parts = [
        SessionLife(life), TeamLife(life, teams, accounts), ProgramLife(life), GrantLife(life, teams)
    ]  # fmt: skip
    life.more = [part.act for part in life.parts]
    return life


def _run(seed: int, *, talkative: bool = False) -> Result:
    """Runs one seed.

    Args:
        seed: Decides everything.
        talkative: Whether answers are in the journal.
    """
    prepare()
    loop = SimulatedLoop(Random(f"loop {seed}"))
    world = World(seed, loop, talkative=talkative)
    more = {
        "grpc.aio.insecure_channel": lambda address, **given: Channel(
            world.network, address.partition(":")[0], given["options"]
        ),
        "grpc.aio.server": lambda **_: CallServer(),
        "services.auth.app.open_mail": lambda _: _Mail(world),
        "services.tenants.app.open_mail": lambda _: _Mail(world),
    }
    asyncio.set_event_loop(loop)
    problems: list[str] = []
    with everything_from(Random(f"everything {seed}"), loop, {**_SHORTCUTS, **more}):
        try:
            problems += loop.run_until_complete(_whole(world)) or []
        except BrokenPromise as error:
            problems.append(str(error))
        except Exception as error:  # noqa: BLE001 - a failed run is reported with its seed
            problems.append(f"the run failed: {error!r}")
        finally:
            _end(loop)
    problems += world.failures
    problems += [one for process in world.processes for one in process.failures]
    problems += [f"{one['message']}: {one.get('exception')!r}" for one in loop.errors]
    return Result(seed, problems, world)


async def _whole(world: World) -> list[str]:
    world.start()
    return await live(world)


def _end(loop: SimulatedLoop) -> None:
    """Drops what still runs; what its cleanup does is of no interest."""
    for task in loop.tasks:
        if task.done():
            continue
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        with suppress(BaseException):
            task.get_coro().close()  # type: ignore[union-attr]
    loop.close()
    asyncio.set_event_loop(None)


@cache
def prepare() -> None:
    """Prepares this process: no log, short leases."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=True,
    )
    logging.disable(logging.CRITICAL)
    for queue in (EMAILS, INVITATION_EMAILS):
        queue.timing = Timing(work=2.0, poll=5.0, retry=0.5)
    gc.collect()
    gc.freeze()
    gc.disable()  # when it runs is no choice of a seed's, and cleanup runs with it


@cache
def _methods_of(names: tuple[str, ...]) -> Any:
    return methods.methods_of(names)


def _nothing(*_: Any, **__: Any) -> None:
    return None


_SHORTCUTS: dict[str, Any] = {
    # Costly to make, and the same in every process and every run.
    "kernel.rpc.server.methods_of": lambda names: _methods_of(tuple(names)),
    "kernel.rpc.interceptors.checks_of": cache(request_checks.checks_of),
    "kernel.outbound.guarded_requests.ssl.create_default_context": cache(
        ssl.create_default_context
    ),
    # Short, so that a run is.
    "kernel.storage.recipes.work_queue.LEASE": timedelta(seconds=12),
    "kernel.storage.recipes.work_queue.FIRST_DELAY": timedelta(seconds=1),
    "services.auth.totp.enrollment._qr_svg": lambda _: "",
    # Of no use without a network and without a machine.
    "kernel.rpc.server.reflection.enable_server_reflection": _nothing,
    "kernel.telemetry.ProcessCollector": _nothing,
    "kernel.telemetry.PlatformCollector": _nothing,
}


class _Mail:
    """The mail route of every process."""

    def __init__(self, world: World) -> None:
        self.send = world.send
