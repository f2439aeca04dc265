"""Isolation as a property: whatever ours do with whatever they know, theirs is as it was."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from kernel.identity.revocations import Revocation
from kernel.storage import Write
from kernel.storage.families import AnyFamily
from ops.doctor.catalogue import Catalogue
from services.auth.revocations import repository as auth_revocations
from services.sessions import keys as sessions_keys
from services.sessions import repository as sessions
from services.tenants import keys as tenants_keys
from tests.end_to_end.person import PASSWORD
from tests.isolation.conftest import LINE
from tests.isolation.neighbours import now, session_of
from tests.isolation.operations import OPERATIONS, ROUTES, Operation, kind_of
from tests.isolation.ours import HERE, HOME, ROLES
from tests.isolation.world import World, open_world
from tools.laptop import Laptop

EXAMPLES = int(os.environ.get("ISOLATION_EXAMPLES", "2000"))
"""How many operations are tried: always the same ones."""
_GONE_SECONDS = 30.0
_TOLD_CHARACTERS = 5_000


@pytest.fixture(scope="module")
def world(laptop: Laptop, http: httpx.Client) -> Iterator[World]:
    """Ours and theirs."""
    with open_world(laptop, http) as opened:
        yield opened


def check(world: World, operation: Operation) -> None:
    """The property, for one operation. What comes of one late is found after a later one."""
    answer = world.run(operation)
    told = f"{operation}\n{answer.status_code} {answer.text[:_TOLD_CHARACTERS]}"
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, told
    assert not world.border.leaks(answer), told
    world.mend(operation, answer)
    assert not world.border.crossings(), told


@pytest.mark.timeout(300)
def test_nothing_crosses_the_border(
    world: World, record_property: Callable[[str, object], None]
) -> None:
    """No operation of ours changes a row of theirs, or learns anything of it."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        # What has been done once to a store cannot be done a second time, so nothing is shrunk.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(OPERATIONS)
    def try_it(operation: Operation) -> None:
        check(world, operation)

    try_it()
    world.outside.settle()
    assert not world.border.crossings()
    record_property(LINE, _line(world))
    assert {kind for kind, _ in world.calls} >= {kind_of(route) for route in ROUTES}


def _line(world: World) -> str:
    statuses = Counter[int]()
    for (_, status), number in world.calls.items():
        statuses[status] += number
    told = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    return (
        f"isolation: {statuses.total():,} operations on {len(ROUTES)} routes with the ids of others "
        f"({told}): {world.border.rows} rows of theirs as they were, nothing of them told"
    )


def _of_ours(world: World) -> dict[str, set[UUID]]:
    """Our ids, by the part of a key that they stand in."""
    users = {UUID(person.user_id) for person in world.ours.people.values()}
    own = {UUID(one.answer["tenant"]["tenantId"]) for one in world.ours.people.values()}
    return {"user_id": users, "tenant_id": own | {world.ours.ids["our tenant"]}}


def _left(world: World, families: list[AnyFamily]) -> list[bytes]:
    """The rows of these families whose keys begin with one of our ids."""
    ids = _of_ours(world)
    spaces = tuple(
        family.space[one].prefix
        for family in families
        if family.parts
        for one in ids.get(family.parts[0].name, ())
    )
    return [key for key in world.outside.dump() if key.startswith(spaces)]


def _wait_until_gone(world: World) -> None:
    """Waits until nothing is left of ours but that it was, which is remembered for a while."""
    stones = (
        sessions_keys.DELETED_USERS,
        sessions_keys.REMOVED_MEMBERS,
        sessions_keys.DELETED_TENANTS,
        tenants_keys.DELETED_USERS,
    )
    kept = {family.name for one in stones for family in one.families}
    families = [family for family in Catalogue().families if family.name not in kept]
    until = time.monotonic() + _GONE_SECONDS
    while left := _left(world, families):
        assert time.monotonic() < until, left
        time.sleep(0.1)


@pytest.mark.timeout(120)
def test_the_end_of_ours(world: World) -> None:
    """All that we have goes, with every range that is cleared for it; theirs beside it stays."""
    world.ours.mend()
    people, organization = world.ours.people, f"/tenants/{world.ours.tenant_id}"
    for role in ROLES:
        assert people[f"{role} {HERE}"].call("POST", "/sessions", {}).status_code == 201
    member = people[f"member {HERE}"]
    password = {"password": PASSWORD}
    for person, path, body in (
        (member, f"{organization}/members/{member.user_id}", None),
        (people[f"member {HOME}"], "/auth/me", password),
        (people[f"admin {HERE}"], "/sessions", None),
        (people[f"admin {HOME}"], "/auth/me", password),
        (people[f"owner {HERE}"], organization, None),
        (people[f"owner {HOME}"], "/auth/me", password),
    ):
        answer = person.call("DELETE", path, body)
        assert answer.status_code == httpx.codes.OK, answer.text
        assert not world.border.crossings()
    _wait_until_gone(world)
    world.outside.settle()
    assert not world.border.crossings()


def _their_admin_writes(world: World) -> None:
    session_id = world.theirs.ids["their admins session 0"]
    answer = world.theirs.people["admin"].call("PATCH", f"/sessions/{session_id}", {"name": "x"})
    assert answer.status_code == httpx.codes.OK, answer.text


def _a_range_ends_too_late(world: World) -> None:
    async def clear(tx: Write) -> None:
        begin, _ = tenants_keys.MEMBER.range(world.ours.ids["our tenant"])
        _, end = tenants_keys.MEMBER.range(world.theirs.ids["after our tenant"])
        tx.clear_range(begin, end)

    world.outside.write(clear)


def _something_is_made_in_their_tenant(world: World) -> None:
    tenant_id, user_id = world.theirs.ids["their tenant"], world.ours.ids["our person owner"]
    made = session_of(tenant_id, user_id, uuid4(), now())
    world.outside.write(lambda tx: sessions.put_session(tx, made))


def _one_of_them_is_logged_out(world: World) -> None:
    async def revoke(tx: Write) -> None:
        auth_revocations.append_revocation(tx, Revocation(world.theirs.ids["their member"], now()))

    world.outside.write(revoke)


@pytest.mark.parametrize(
    "cross",
    [
        _their_admin_writes,
        _a_range_ends_too_late,
        _something_is_made_in_their_tenant,
        _one_of_them_is_logged_out,
    ],
    ids=lambda cross: cross.__name__.strip("_"),
)
def test_a_crossing_is_noticed(world: World, cross: Callable[[World], None]) -> None:
    """The property can fail: a change of a row of theirs, and a new one about them, is seen."""
    assert not world.border.crossings()
    cross(world)
    assert world.border.crossings()


def test_a_leak_is_noticed(world: World) -> None:
    """The property can fail: whatever they themselves are answered is known as theirs."""
    owner, tenant_id = world.theirs.people["owner"], str(world.theirs.ids["their tenant"])
    for path in (f"/tenants/{tenant_id}", "/sessions", "/auth/me", "/auth/me/export"):
        assert world.border.leaks(owner.call("GET", path)), path
    switched = owner.call("POST", "/auth/switch-tenant", {"tenantId": tenant_id})
    token = switched.json()["data"]["tokens"]["accessToken"]
    assert tenant_id not in token
    assert tenant_id in world.border.leaks(httpx.Response(200, json={"accessToken": token}))
