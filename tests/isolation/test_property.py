"""Isolation as a property: no operation of the attacker changes or reveals the victim's data."""

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
from services.tenants.memberships import repository as memberships
from tests.end_to_end.person import PASSWORD
from tests.isolation.adjacent_ids import now, session_of
from tests.isolation.attacker import IN_ORGANIZATION, IN_SELF_TENANT, ROLES
from tests.isolation.conftest import LINE
from tests.isolation.environment import Environment, open_environment
from tests.isolation.operations import OPERATIONS, ROUTES, Operation, kind_of, operation
from tests.support.promises import LONG
from tools.laptop import Laptop

EXAMPLES = int(os.environ.get("ISOLATION_EXAMPLES", "2000" if LONG else "800"))
"""The number of operations that are tried; they are the same in every run."""
_GONE_SECONDS = 30.0
_QUOTED_CHARACTERS = 5_000


@pytest.fixture(scope="module")
def environment(laptop: Laptop, http: httpx.Client) -> Iterator[Environment]:
    """The running system with attacker and victim."""
    with open_environment(laptop, http) as opened:
        yield opened


def check(environment: Environment, operation: Operation) -> None:
    """Checks the property for one operation. Late effects are found by the check of a later one."""
    answer = environment.run(operation)
    context = f"{operation}\n{answer.status_code} {answer.text[:_QUOTED_CHARACTERS]}"
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, context
    assert not environment.leak_check.leaks(answer), context
    environment.restore(operation, answer)
    assert not environment.leak_check.changes(), context


@pytest.mark.timeout(300)
def test_no_operation_reaches_the_victim(
    environment: Environment, record_property: Callable[[str, object], None]
) -> None:
    """No operation of the attacker changes a row of the victim, or returns any of its data."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        # An operation changes the store and cannot be repeated, so nothing is shrunk.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(OPERATIONS)
    def try_it(operation: Operation) -> None:
        check(environment, operation)

    try_it()
    _try_what_is_missing(environment)
    environment.store.settle()
    assert not environment.leak_check.changes()
    record_property(LINE, _line(environment))
    assert {kind for kind, _ in environment.calls} >= {kind_of(route) for route in ROUTES}


def _try_what_is_missing(environment: Environment) -> None:
    """Does an operation on each route that chance has left out."""
    missing = {kind_of(route) for route in ROUTES} - {kind for kind, _ in environment.calls}
    for number in range(100_000):
        if not missing:
            return
        if (wanted := operation(number)).kind in missing:
            check(environment, wanted)
            missing.discard(wanted.kind)


def _line(environment: Environment) -> str:
    statuses = Counter[int]()
    for (_, status), number in environment.calls.items():
        statuses[status] += number
    counts = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    return (
        f"isolation: {statuses.total():,} operations on {len(ROUTES)} routes with ids of the victim "
        f"({counts}): {environment.leak_check.rows} rows of the victim unchanged, none revealed"
    )


def _attacker_ids(environment: Environment) -> dict[str, set[UUID]]:
    """The attacker's ids by the part of a key that holds them."""
    users = {UUID(person.user_id) for person in environment.attacker.people.values()}
    own = {UUID(one.answer["tenant"]["tenantId"]) for one in environment.attacker.people.values()}
    return {"user_id": users, "tenant_id": own | {environment.attacker.ids["attacker tenant"]}}


def _left(environment: Environment, families: list[AnyFamily]) -> list[bytes]:
    """The keys of these families that begin with an id of the attacker."""
    ids = _attacker_ids(environment)
    spaces = tuple(
        family.space[one].prefix
        for family in families
        if family.parts
        for one in ids.get(family.parts[0].name, ())
    )
    return [key for key in environment.store.dump() if key.startswith(spaces)]


def _wait_until_gone(environment: Environment) -> None:
    """Waits until the attacker's rows are gone, except tombstones, which are kept for a while."""
    tombstones = (
        sessions_keys.DELETED_USERS,
        sessions_keys.REMOVED_MEMBERS,
        sessions_keys.DELETED_TENANTS,
        memberships.DELETED_USERS,
    )
    kept = {family.name for one in tombstones for family in one.families}
    families = [family for family in Catalogue().families if family.name not in kept]
    until = time.monotonic() + _GONE_SECONDS
    while left := _left(environment, families):
        assert time.monotonic() < until, left
        time.sleep(0.1)


@pytest.mark.timeout(120)
def test_the_end_attacker_ids(environment: Environment) -> None:
    """Deleting everything of the attacker clears its ranges and leaves the victim's adjacent rows."""
    environment.attacker.restore()
    people, organization = environment.attacker.people, f"/tenants/{environment.attacker.tenant_id}"
    for role in ROLES:
        assert people[f"{role} {IN_ORGANIZATION}"].call("POST", "/sessions", {}).status_code == 201
    member = people[f"member {IN_ORGANIZATION}"]
    password = {"password": PASSWORD}
    for person, path, body in (
        (member, f"{organization}/members/{member.user_id}", None),
        (people[f"member {IN_SELF_TENANT}"], "/auth/me", password),
        (people[f"admin {IN_ORGANIZATION}"], "/sessions", None),
        (people[f"admin {IN_SELF_TENANT}"], "/auth/me", password),
        (people[f"owner {IN_ORGANIZATION}"], organization, None),
        (people[f"owner {IN_SELF_TENANT}"], "/auth/me", password),
    ):
        answer = person.call("DELETE", path, body)
        assert answer.status_code == httpx.codes.OK, answer.text
        assert not environment.leak_check.changes()
    _wait_until_gone(environment)
    environment.store.settle()
    assert not environment.leak_check.changes()


def _victim_admin_writes(environment: Environment) -> None:
    session_id = environment.victim.ids["victim admins session 0"]
    answer = environment.victim.people["admin"].call(
        "PATCH", f"/sessions/{session_id}", {"name": "x"}
    )
    assert answer.status_code == httpx.codes.OK, answer.text


def _a_range_ends_too_late(environment: Environment) -> None:
    async def clear(tx: Write) -> None:
        begin, _ = memberships.MEMBER.range(environment.attacker.ids["attacker tenant"])
        _, end = memberships.MEMBER.range(environment.victim.ids["after attacker tenant"])
        tx.clear_range(begin, end)

    environment.store.write(clear)


def _attacker_session_in_victim_tenant(environment: Environment) -> None:
    tenant_id, user_id = (
        environment.victim.ids["victim tenant"],
        environment.attacker.ids["attacker person owner"],
    )
    made = session_of(tenant_id, user_id, uuid4(), now())
    environment.store.write(lambda tx: sessions.put_session(tx, made))


def _victim_member_is_logged_out(environment: Environment) -> None:
    async def revoke(tx: Write) -> None:
        auth_revocations.append_revocation(
            tx, Revocation(environment.victim.ids["victim member"], now())
        )

    environment.store.write(revoke)


@pytest.mark.parametrize(
    "change",
    [
        _victim_admin_writes,
        _a_range_ends_too_late,
        _attacker_session_in_victim_tenant,
        _victim_member_is_logged_out,
    ],
    ids=lambda change: change.__name__.strip("_"),
)
def test_check_detects_a_change(
    environment: Environment, change: Callable[[Environment], None]
) -> None:
    """The check can fail: it reports a changed row of the victim, and a new row about it."""
    assert not environment.leak_check.changes()
    change(environment)
    assert environment.leak_check.changes()


def test_check_detects_a_leak(environment: Environment) -> None:
    """The check can fail: it reports every answer that the victim itself gets."""
    owner, tenant_id = (
        environment.victim.people["owner"],
        str(environment.victim.ids["victim tenant"]),
    )
    for path in (f"/tenants/{tenant_id}", "/sessions", "/auth/me", "/auth/me/export"):
        assert environment.leak_check.leaks(owner.call("GET", path)), path
    switched = owner.call("POST", "/auth/switch-tenant", {"tenantId": tenant_id})
    token = switched.json()["data"]["tokens"]["accessToken"]
    assert tenant_id not in token
    assert tenant_id in environment.leak_check.leaks(
        httpx.Response(200, json={"accessToken": token})
    )
