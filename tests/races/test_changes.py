"""An organization that is renamed, suspended and resumed, all at once."""

from typing import NamedTuple

from services.tenants.organizations.model import TenantUpdate
from tests.races.conftest import Teams
from tests.races.contest import Contest, Move, explained, reason_of
from tests.services.tenants.harness import ACT, call, person


class Seen(NamedTuple):
    """An organization and its log, the oldest entry first."""

    name: str
    state: str
    log: tuple[tuple[str, str], ...] = ()


def move(changes: TenantUpdate) -> Move[Seen]:
    """What a change does: its outcome is the reason it is refused for, or the tenant behind it."""

    def made(seen: Seen) -> tuple[object, Seen]:
        if seen.state == "suspended" and changes.state != "active":
            return "TENANT_SUSPENDED", seen
        name, state = changes.name or seen.name, changes.state or seen.state
        log = seen.log
        if name != seen.name:
            log += (("tenant.renamed", name),)
        if state != seen.state:
            log += (("tenant.resumed" if state == "active" else "tenant.suspended", ""),)
        return (name, state), Seen(name, state, log)

    return made


CHANGES = (
    TenantUpdate(name="One"),
    TenantUpdate(name="Two"),
    TenantUpdate(state="suspended"),
    TenantUpdate(state="active"),
    TenantUpdate(name="Three", state="active"),
)


async def test_the_log_has_what_was_done(teams: Teams, contest: Contest) -> None:
    """And nothing else, in the order of the commits, which explains every answer and the end."""
    moves = [move(changes) for changes in CHANGES]
    for _ in contest.rounds():
        ada = person()
        begin = Seen("Acme", contest.chance.choice(("active", "suspended")))
        acme = await teams.any.found(ada)
        if begin.state == "suspended":
            await teams.any.organizations.update(
                call(ada, acme), ACT, TenantUpdate(state="suspended")
            )
        before = len(await teams.any.noted(ada, acme))
        results = await contest.run(
            *(teams.any.organizations.update(call(ada, acme), ACT, changes) for changes in CHANGES)
        )
        outcomes = [
            reason_of(result) or (result.tenant.name, result.tenant.state) for result in results
        ]
        noted = (await teams.any.noted(ada, acme))[before:]
        tenant = (await teams.any.tenants.get(ada, acme)).tenant
        log = tuple((entry.action, entry.detail) for entry in noted)
        end = Seen(tenant.name, tenant.state, log)
        assert explained(begin, moves, outcomes, end), (begin, outcomes, end)
        changes_of_state = sum(action != "tenant.renamed" for action, _ in log)
        assert await teams.any.epoch(acme) == changes_of_state + (begin.state == "suspended")
