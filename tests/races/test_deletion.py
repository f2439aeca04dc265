"""The end of an organization while something is done in it: nothing of it stays."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from kernel.identity.callers import Caller, Role, TenantCall
from kernel.storage import Store
from services.tenants import catalogue, sweeper
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.organizations.model import TenantUpdate
from services.tenants.revocations import repository as revocations
from tests.races.conftest import Teams
from tests.races.contest import Call, Contest
from tests.services.tenants.harness import ACT, EMAIL, TenantsHarness, call, make_settings, person
from tests.support.clock import FixedClock
from tests.support.store import rows_between

LATER_DAYS = 402  # the audit log's, and some


class Scene(NamedTuple):
    """An organization, as it is when it ends."""

    ours: TenantCall
    """A call of its owner."""
    bob: Caller
    """A member."""
    token: str
    """Of an invitation."""


Deed = Callable[[TenantsHarness, Scene], Call]

DEEDS: dict[str, Deed] = {
    "accept": lambda parts, scene: parts.acceptance.accept(person(), ACT, scene.token),
    "role": lambda parts, scene: parts.members.update(
        scene.ours, ACT, scene.bob.user_id, Role.OWNER
    ),
    "removal": lambda parts, scene: parts.members.remove(scene.ours, ACT, scene.bob.user_id),
    "leave": lambda parts, scene: parts.members.remove(
        call(scene.bob, scene.ours.tenant_id), ACT, scene.bob.user_id
    ),
    "invitation": lambda parts, scene: parts.invitations.create(
        scene.ours, ACT, "Eve@Example.com", Role.MEMBER
    ),
    "suspension": lambda parts, scene: parts.organizations.update(
        scene.ours, ACT, TenantUpdate(name="Other", state="suspended")
    ),
    "erasure": lambda parts, scene: parts.erasure.erase(scene.bob.user_id),
    "end": lambda parts, scene: parts.erasure.erase(scene.ours.caller.user_id),
    "deletion": lambda parts, scene: parts.organizations.delete(scene.ours, ACT),
}
REFUSALS = {
    "", "TENANT_NOT_FOUND", "INVITATION_NOT_FOUND", "MEMBER_NOT_FOUND", "TENANT_SUSPENDED",
}  # fmt: skip


@pytest.mark.parametrize("name", DEEDS)
async def test_nothing_stays(
    store: Store, clock: FixedClock, teams: Teams, contest: Contest, name: str
) -> None:
    """Whatever is done first, and though it is swept meanwhile; what stays for a while goes too."""
    sweeping = sweeper.sweeper(store, clock, make_settings())
    for _ in contest.rounds():
        scene = await _scene(teams)
        _, refusal, *_ = reasons = await contest.reasons(
            DEEDS[name](teams.any, scene),
            teams.any.organizations.delete(scene.ours, ACT),
            *(sweeping.sweep() for _ in range(contest.chance.randrange(3))),
        )
        assert set(reasons) <= REFUSALS
        if refusal:
            await _end(teams.any, scene, refusal)
        await sweeping.sweep()
    assert await _left(store) <= {
        one.name
        for one in (
            audit.AUDIT_BY_DAY,
            invitations.EMAIL_COUNT,
            *memberships.DELETED_USERS.families,
        )
    }
    clock.advance(days=LATER_DAYS)
    await sweeping.sweep()
    assert await _left(store) == set()


async def _end(parts: TenantsHarness, scene: Scene, refusal: str) -> None:
    """Ends an organization that was not deleted, because of what was done first."""
    if refusal == "TENANT_SUSPENDED":
        await parts.organizations.update(scene.ours, ACT, TenantUpdate(state="active"))
        await parts.organizations.delete(scene.ours, ACT)
    elif await parts.owners(scene.ours.tenant_id) == [scene.bob.user_id]:  # the successor
        await parts.organizations.delete(call(scene.bob, scene.ours.tenant_id), ACT)


async def _scene(teams: Teams) -> Scene:
    ada = person()
    acme = await teams.any.found(ada)
    bob, ours = await teams.any.join(acme), call(ada, acme)
    issued = await teams.any.invitations.create(ours, ACT, EMAIL, Role.MEMBER)
    return Scene(ours, bob, issued.token)


async def _left(store: Store) -> set[str]:
    """The families that have rows, without the outboxes, which others empty."""
    beside = {
        *revocations.TOKEN_REVOCATIONS.families,
        *revocations.SESSION_REVOCATIONS.families,
        *invitations.INVITATION_EMAILS.families,
    }
    families = [family for family in catalogue.FAMILIES if family not in beside]
    return {family.name for family in families if await rows_between(store, *family.range())}
