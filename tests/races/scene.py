"""Bob in Ada's organization, and what can happen to him there."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Caller, Role
from services.auth.logins.model import LoginResult
from services.sessions.model import NewSession, Session
from services.tenants.model import TenantUpdate
from tests.races.contest import Call, Contest
from tests.races.house import House
from tests.services.tenants.parts import ACT, call, profile_of

_DRAFT = NewSession("Name", "/work", b"")


@dataclass(frozen=True)
class Scene:
    """Bob in Ada's organization, on two devices."""

    ada: Caller
    acme: UUID
    bob: Caller
    """With a token for the organization, as an admin."""
    here: LoginResult
    """The login of that token."""
    home: Caller
    """Bob on the other device, which is at home."""

    async def return_bob(self, house: House) -> Caller:
        """Has Bob invited again, accept, and switch to the organization."""
        await _join(house, self.ada, self.acme, self.home, Role.MEMBER)
        return await house.switched(self.home, self.acme)


Change = Callable[[House, Scene], Call]

REMOVAL, LEAVE, ROLE, SUSPENSION, DELETION = (
    "removal", "leave", "role", "suspension", "deletion",
)  # fmt: skip
CHANGES: dict[str, Change] = {
    REMOVAL: lambda house, scene: house.teams.members.remove(
        call(scene.ada, scene.acme), ACT, scene.bob.user_id
    ),
    LEAVE: lambda house, scene: house.teams.members.remove(
        call(scene.bob, scene.acme), ACT, scene.bob.user_id
    ),
    ROLE: lambda house, scene: house.teams.members.update(
        call(scene.ada, scene.acme), ACT, scene.bob.user_id, Role.MEMBER
    ),
    SUSPENSION: lambda house, scene: house.teams.organizations.update(
        call(scene.ada, scene.acme), ACT, TenantUpdate(state="suspended")
    ),
    DELETION: lambda house, scene: house.teams.organizations.delete(
        call(scene.ada, scene.acme), ACT
    ),
}
"""What makes tokens for the organization say more than is so."""


async def begin(houses: list[House], contest: Contest, number: int) -> Scene:
    """Two new people and their organization."""
    first, second = houses
    ada = first.auth.caller(await first.newcomer(2 * number))
    here = await first.newcomer(2 * number + 1)
    home = second.auth.caller(await second.auth.log_in(here.user.email))
    await first.settle_accounts()
    acme = await first.teams.found(ada)
    await _join(first, ada, acme, home, Role.ADMIN)
    bob = await contest.chance.choice(houses).switched(first.auth.caller(here), acme)
    assert (bob.tenant_id, bob.role) == (acme, Role.ADMIN)
    return Scene(ada, acme, bob, here, home)


async def _join(house: House, ada: Caller, acme: UUID, bob: Caller, role: Role) -> None:
    email = profile_of(bob.user_id).email
    issued = await house.teams.invitations.create(call(ada, acme), ACT, email, role)
    await house.teams.acceptance.accept(bob, ACT, issued.token)


def open_session(house: House, caller: Caller) -> Call:
    """Opens a session."""
    return house.sessions.create(caller, _DRAFT, None)


async def sessions_of(house: House, caller: Caller) -> list[Session]:
    """The sessions of a user in the tenant of its token."""
    return (await house.sessions.list_own(caller, 1000, "")).sessions


def accepted(house: House, caller: Caller) -> bool:
    """Whether a service lets a token pass."""
    try:
        house.revocations.check(caller)
    except AccessTokenRevoked:
        return False
    return True


async def tell(houses: list[House]) -> None:
    """Delivers all news everywhere."""
    for house in houses:
        await house.deliver()
    for house in houses:
        await house.mark_fresh()
