"""Bob is an admin in Ada's organization, and Ada or Bob changes that."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Call, Caller, Role
from services.auth.logins.model import LoginResult
from services.sessions.model import NewSession, Session
from services.tenants.organizations.model import TenantUpdate
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import call, profile_of
from tests.support.in_process import InProcessSystem

_DRAFT = NewSession("Name", "/work", b"")


@dataclass(frozen=True)
class Scenario:
    """Bob is in Ada's organization and is logged in on two devices."""

    ada: Caller
    acme: UUID
    bob: Caller
    """Bob with a token for the organization, as an admin."""
    bob_login: LoginResult
    """The login that token belongs to."""
    bob_other_device: Caller
    """Bob on his other device, with a token for his self-tenant."""

    async def return_bob(self, system: InProcessSystem) -> Caller:
        """Ada invites Bob again; he accepts and switches to the organization."""
        await _join(system, self.ada, self.acme, self.bob_other_device, Role.MEMBER)
        return await system.switch(self.bob_other_device, self.acme)


Change = Callable[[InProcessSystem, Scenario], Attempt]

REMOVAL, LEAVE, ROLE, SUSPENSION, DELETION = (
    "removal", "leave", "role", "suspension", "deletion",
)  # fmt: skip
CHANGES: dict[str, Change] = {
    REMOVAL: lambda system, scenario: system.teams.members.remove(
        call(scenario.ada, scenario.acme), scenario.bob.user_id
    ),
    LEAVE: lambda system, scenario: system.teams.members.remove(
        call(scenario.bob, scenario.acme), scenario.bob.user_id
    ),
    ROLE: lambda system, scenario: system.teams.members.update(
        call(scenario.ada, scenario.acme), scenario.bob.user_id, Role.MEMBER
    ),
    SUSPENSION: lambda system, scenario: system.teams.organizations.update(
        call(scenario.ada, scenario.acme), TenantUpdate(state="suspended")
    ),
    DELETION: lambda system, scenario: system.teams.organizations.delete(
        call(scenario.ada, scenario.acme)
    ),
}
"""Changes after which existing tokens claim more than their user may do."""


async def begin(systems: list[InProcessSystem], race: Race, number: int) -> Scenario:
    """Registers two new people and creates their organization."""
    first, second = systems
    ada = first.auth.caller(await first.register(2 * number))
    bob_login = await first.register(2 * number + 1)
    bob_other_device = second.auth.caller(await second.auth.log_in(bob_login.user.email))
    await first.deliver_account_tasks()
    acme = await first.teams.found(ada)
    await _join(first, ada, acme, bob_other_device, Role.ADMIN)
    bob = await race.random.choice(systems).switch(first.auth.caller(bob_login), acme)
    assert (bob.tenant_id, bob.role) == (acme, Role.ADMIN)
    return Scenario(ada, acme, bob, bob_login, bob_other_device)


async def _join(system: InProcessSystem, ada: Caller, acme: UUID, bob: Caller, role: Role) -> None:
    email = profile_of(bob.user_id).email
    system.teams.profiles.proved.add(bob.user_id)
    issued = await system.teams.invitations.create(call(ada, acme), email, role)
    await system.teams.acceptance.accept(call(bob), issued.token)


def open_session(system: InProcessSystem, caller: Caller) -> Attempt:
    """Opens a session."""
    return system.sessions.create(Call(caller), _DRAFT)


async def sessions_of(system: InProcessSystem, caller: Caller) -> list[Session]:
    """The caller's sessions in the tenant of its token."""
    return (await system.sessions.list_own(Call(caller), 1000, "")).items


def accepted(system: InProcessSystem, caller: Caller) -> bool:
    """Whether a service accepts a token."""
    try:
        system.revocations.check(caller)
    except AccessTokenRevoked:
        return False
    return True


async def deliver_all(systems: list[InProcessSystem]) -> None:
    """Delivers all pending revocations to every service of every replica."""
    for system in systems:
        await system.deliver_revocations()
    for system in systems:
        await system.mark_fresh()
