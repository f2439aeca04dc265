"""Renaming, suspending and resuming one organization concurrently."""

from typing import NamedTuple

from services.tenants.organizations.model import TenantUpdate
from tests.races.conftest import Teams
from tests.races.race import Move, Race, explained, reason_of
from tests.services.tenants.harness import call, person


class State(NamedTuple):
    """An organization and its audit log, oldest entry first."""

    name: str
    state: str
    log: tuple[tuple[str, str], ...] = ()


def move(changes: TenantUpdate) -> Move[State]:
    """The effect of one change; the outcome is the refusal's reason or the new name and state."""

    def apply(seen: State) -> tuple[object, State]:
        if seen.state == "suspended" and changes.state != "active":
            return "TENANT_SUSPENDED", seen
        name, state = changes.name or seen.name, changes.state or seen.state
        log = seen.log
        if name != seen.name:
            log += (("tenant.renamed", name),)
        if state != seen.state:
            log += (("tenant.resumed" if state == "active" else "tenant.suspended", ""),)
        return (name, state), State(name, state, log)

    return apply


CHANGES = (
    TenantUpdate(name="One"),
    TenantUpdate(name="Two"),
    TenantUpdate(state="suspended"),
    TenantUpdate(state="active"),
    TenantUpdate(name="Three", state="active"),
)


async def test_log_matches_some_order_of_the_changes(teams: Teams, race: Race) -> None:
    """The audit log has the changes that were made, in an order that explains every answer."""
    moves = [move(changes) for changes in CHANGES]
    for _ in race.rounds():
        ada = person()
        begin = State("Acme", race.random.choice(("active", "suspended")))
        acme = await teams.any.found(ada)
        if begin.state == "suspended":
            await teams.any.organizations.update(call(ada, acme), TenantUpdate(state="suspended"))
        before = len(await teams.any.noted(ada, acme))
        results = await race.run(
            *(teams.any.organizations.update(call(ada, acme), changes) for changes in CHANGES)
        )
        outcomes = [
            reason_of(result) or (result.tenant.name, result.tenant.state) for result in results
        ]
        noted = (await teams.any.noted(ada, acme))[before:]
        tenant = (await teams.any.tenants.get(call(ada), acme)).tenant
        log = tuple((entry.action, entry.detail) for entry in noted)
        end = State(tenant.name, tenant.state, log)
        assert explained(begin, moves, outcomes, end), (begin, outcomes, end)
        changes_of_state = sum(action != "tenant.renamed" for action, _ in log)
        assert await teams.any.epoch(acme) == changes_of_state + (begin.state == "suspended")
