"""What must hold after a run: once all troubles are over, and nothing waits to be delivered."""

import asyncio
from collections.abc import Sequence

from ops.doctor.catalogue import Catalogue
from ops.doctor.examination import examine
from ops.doctor.report import Finding, Report
from tests.simulation.life import Life
from tests.simulation.operators import OperatorLife
from tests.simulation.people import NEVER
from tests.simulation.rows import Faults
from tests.simulation.store import SimulatedStore
from tests.simulation.world import World

_MOST_QUIET_SECONDS = 90.0
_MOMENT = 0.1
_CATALOGUE = Catalogue()


async def check(
    world: World, lives: Sequence[Life], operators: Sequence[OperatorLife]
) -> list[str]:
    """Returns what is broken."""
    if waiting := await _become_quiet(world):
        return [f"after {_MOST_QUIET_SECONDS} s still waiting: {waiting}"]
    for operator in operators:
        await operator.look_at_last()
    for life in {life.account.email: life for life in lives}.values():
        await _visit(life)
    return await _examine(world)


async def _become_quiet(world: World) -> str:
    """Waits until every queue is empty; returns those that do not become so."""
    store = SimulatedStore(world.rows, world.loop.time, Faults())
    until = world.loop.time() + _MOST_QUIET_SECONDS
    await asyncio.sleep(1.0)
    while True:
        waiting = "" if world.is_up else "a context"
        if any(one.late_until > world.loop.time() + _MOMENT for one in world.network.streams):
            waiting = "a message that stalled before the troubles ended"
        for process in world.running:
            if not process.server.listening:
                waiting = process.place.name
            for name, queue in process.queues.items():
                if (await queue.backlog(store)).depth:
                    waiting = name
        if not waiting or world.loop.time() > until:
            return waiting
        await asyncio.sleep(0.5)


async def _examine(world: World) -> list[str]:
    """What the doctor finds."""
    found: list[Finding] = []
    store = SimulatedStore(world.rows, world.loop.time, Faults())
    await examine(store, _CATALOGUE, Report(found.append))
    return [f"the doctor: {one}" for one in found]


async def _visit(life: Life) -> None:
    """Looks at everything that a person was told of. Raises `BrokenPromise`."""
    account = life.account
    if not account.user_id:
        return
    for login in account.dead:
        await life.use_dead(login)
    for login in account.living[:2]:
        await life.refresh(login)
    if not account.maybe_gone:
        await _log_in_at_last(life)
    else:
        await _stay_out(life)
    for part in life.parts:
        await part.look_at_last()
    for login in account.living[:1]:
        await life.look(login)


async def _log_in_at_last(life: Life) -> None:
    """Logs in with the password that is in force: one of those that may be."""
    account = life.account
    for password in sorted(account.passwords):
        found = await life.certainly(
            "auth.LoginsService/Login",
            email=account.email,
            password=password,
            tenant_id=account.self_tenant,
        )
        if found.ok:
            account.passwords = {password}
            account.doubt_logins()
            life._note_login(found)
            return
    life.broken(f"{account.email} cannot log in with any of its passwords: {found.reason}")


async def _stay_out(life: Life) -> None:
    """Tries to log in to an account whose deletion was answered."""
    account = life.account
    if account.gone_since == NEVER:
        return
    for password in sorted(account.passwords):
        found = await life.certainly(
            "auth.LoginsService/Login",
            email=account.email,
            password=password,
            tenant_id=account.self_tenant,
        )
        if found.ok:
            life.broken(f"{account.email} was deleted, and logs in")
