"""Members and roles: what a change does follows from the roles as they are, and an owner remains.

A caller's role is the lower one of what is stored and what the token says. A token from before a
change of the role may be refused at any time; how soon it must be is checked by `revocations`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from uuid import uuid4

from tests.histories.history import Answer, History, Operation
from tests.histories.invitations import founded, switched
from tests.histories.world import (
    Outage,
    Person,
    Recorder,
    Request,
    World,
    claims_of,
    concurrently,
    prepared,
)

PEOPLE = 4
CALLS = 7
RANKS = ("member", "admin", "owner")
REVOKED = "ACCESS_TOKEN_REVOKED"

Roles: TypeAlias = frozenset[tuple[str, str]]
"""The members of an organization with their roles."""


class Members:
    """The model of an organization."""

    def __init__(self, roles: Mapping[str, str]) -> None:
        self.begin: Roles = frozenset(roles.items())

    def steps(self, state: Roles, operation: Operation) -> Iterable[Roles]:
        """The states behind an operation."""
        answer, expected, after = operation.answer, *_outcome(dict(state), operation)
        if answer is not None and answer.code == REVOKED:
            return [state]
        if expected:
            return [state] if answer is None or answer.code == expected else []
        if answer is not None and not answer.is_success:
            return []
        if operation.what == "list":
            return [state] if answer is not None and frozenset(answer.value) == state else []
        return [frozenset(after.items())]


def _outcome(roles: dict[str, str], operation: Operation) -> tuple[str, dict[str, str]]:
    """The code of the error of an operation, empty for none, and the roles behind it."""
    target, role = operation.given.get("target", ""), operation.given.get("role", "")
    if refusal := _refusal(roles, operation):
        return refusal, roles
    if operation.what == "list" or roles[target] == role:
        return "", roles
    if roles[target] == "owner" and list(roles.values()).count("owner") == 1:
        return "LAST_OWNER", roles
    if operation.what == "remove":
        return "", {user: one for user, one in roles.items() if user != target}
    return "", roles | {target: role}


def _refusal(roles: dict[str, str], operation: Operation) -> str:
    """Why the roles of caller and target do not allow an operation; empty if they do."""
    given, rank = operation.given, RANKS.index
    caller, target = given["caller"], given.get("target", "")
    if caller not in roles:
        return "TENANT_NOT_FOUND"
    if operation.what == "list" or (operation.what == "remove" and caller == target):
        return ""  # a member may look, and leave
    mine = min(rank(roles[caller]), rank(given["claims"]))
    if mine < rank("admin"):
        return "ROLE_MISSING"
    if target not in roles:
        return "MEMBER_NOT_FOUND"
    highest = max(rank(roles[target]), rank(given.get("role", "member")))
    return "ROLE_MISSING" if mine < highest else ""


async def run(world: World) -> History[Any]:
    """The members of an organization change each other's roles, and remove each other."""
    address = world.network()
    people, acme = await prepared(lambda: _team(world, address))
    roles = {person.user_id: claims_of(person.access_token)["role"] for person in people}
    history: History[Any] = History("an organization", Members(roles))
    recorder = Recorder(world, history, address)

    async def act(person: Person) -> None:
        claims = claims_of(person.access_token)["role"]
        who: dict[str, Any] = {"caller": person.user_id, "claims": claims}
        target, chance = world.random.choice(people).user_id, world.random.random()
        path = f"/tenants/{acme}/members/{target}"
        if chance < 0.4:
            request = person.call("GET", f"/tenants/{acme}/members")
            answer = await recorder.do("list", request, _roles, reads=True, **who)
        elif chance < 0.45:
            request = person.call("DELETE", path)
            answer = await recorder.do("remove", request, target=target, **who)
        else:
            role = world.random.choice(RANKS)
            request = person.call("PATCH", path, {"role": role})
            answer = await recorder.do("change", request, target=target, role=role, **who)
        if answer is not None and answer.code == REVOKED:
            await _renewed(world, person, acme, address)

    async def member(person: Person) -> None:
        for _ in range(CALLS):
            await act(person)

    await concurrently(*(member(person) for person in people))
    return history


async def _team(world: World, address: str) -> tuple[list[Person], str]:
    """An organization of two owners, an admin and a member. Raises `Outage`."""
    ada, acme = await founded(world, address)
    people = [ada]
    for role in ("owner", "admin", "member"):
        body = {"email": f"{uuid4()}@example.com", "role": "member"}
        invited = await world.prepare(
            ada.call("POST", f"/tenants/{acme}/invitations", body), address
        )
        person = await world.register(address)
        token = {"token": invited["token"]}
        await world.prepare(person.call("POST", "/invitations/accept", token), address)
        if role != "member":
            path = f"/tenants/{acme}/members/{person.user_id}"
            await world.prepare(ada.call("PATCH", path, {"role": role}), address)
        await switched(world, person, acme, address)
        people.append(person)
    return people, acme


async def _renewed(world: World, person: Person, tenant_id: str, address: str) -> None:
    """Gets an access token with the current role, or leaves the old one if the user has none."""
    body = {"refreshToken": person.refresh_token, "tenantId": tenant_id}
    try:
        answer = await world.send(Request("POST", "/auth/refresh", body), address)
    except Outage:
        return
    if answer.is_success:
        _take(person, answer)


def _take(person: Person, answer: Answer) -> None:
    tokens = answer.value["tokens"]
    person.access_token, person.refresh_token = tokens["accessToken"], tokens["refreshToken"]


def _roles(data: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((one["userId"], one["role"]) for one in data["members"]))
