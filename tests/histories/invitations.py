"""Invitations: one person joins by each, and none by one that was withdrawn, or by an old token."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import uuid4

from tests.histories.history import History, Operation
from tests.histories.world import Person, Recorder, World, concurrently, prepared

GUESTS = 4
CALLS = 4


class Invitation(NamedTuple):
    """An invitation to an organization.

    Attributes:
        token: The token that is good; None if no client has seen it.
        pending: Whether it can be accepted.
        joined: Who has joined.
    """

    token: str | None
    pending: bool = True
    joined: frozenset[str] = frozenset()


class Invitations:
    """The model of an organization with one invitation."""

    def __init__(self, token: str) -> None:
        self.begin = Invitation(token)

    def steps(self, state: Invitation, operation: Operation) -> Iterable[Invitation]:
        """The states behind an operation."""
        answer, given = operation.answer, operation.given
        if operation.what == "list members":
            fits = answer is not None and frozenset(answer.value) == state.joined
            return [state] if fits else []
        if operation.what == "list invitations":
            return [state] if answer is not None and answer.value == state.pending else []
        good = state.pending and given.get("token", state.token) == state.token
        if not good:
            fits = answer is None or answer.code == "INVITATION_NOT_FOUND"
            return [state] if fits else []
        if answer is not None and not answer.is_success:
            return []
        if operation.what == "resend":
            return [state._replace(token=None if answer is None else answer.value)]
        joined = {given["user"]} if operation.what == "accept" else set()
        return [Invitation(None, pending=False, joined=state.joined | joined)]


async def run(world: World) -> History[Any]:
    """Several users accept one invitation, while its inviter sends it again or withdraws it."""
    address = world.network()

    async def invited() -> _Scene:
        ada, acme = await founded(world, address)
        body = {"email": f"{uuid4()}@example.com", "role": "member"}
        path = f"/tenants/{acme}/invitations"
        made = await world.prepare(ada.call("POST", path, body), address)
        history: History[Any] = History("an invitation", Invitations(made["token"]))
        recorder = Recorder(world, history, address)
        return _Scene(recorder, ada, acme, made["invitationId"], [made["token"]])

    async def guests() -> list[Person]:
        return [await world.register(address) for _ in range(GUESTS)]

    scene, people = await prepared(invited), await prepared(guests)
    await concurrently(scene.inviter(), *(scene.guest(person) for person in people))
    return scene.recorder.history


@dataclass
class _Scene:
    """An invitation of Ada's, and those who use it.

    Attributes:
        recorder: Keeps what they do.
        ada: The inviter.
        acme: The organization.
        invitation_id: The invitation.
        tokens: Its tokens so far.
    """

    recorder: Recorder
    ada: Person
    acme: str
    invitation_id: str
    tokens: list[str]

    async def guest(self, person: Person) -> None:
        """Accepts the invitation, and looks who has joined."""
        chance = self.recorder.random
        for _ in range(CALLS):
            token = chance.choice(self.tokens[-2:])
            request = person.call("POST", "/invitations/accept", {"token": token})
            if chance.random() < 0.5:
                await self.recorder.do("accept", request, token=token, user=person.user_id)
            else:
                await self._look()

    async def inviter(self) -> None:
        """Sends the invitation again, withdraws it, and looks who has joined."""
        path = f"/tenants/{self.acme}/invitations/{self.invitation_id}"
        for _ in range(CALLS):
            chance = self.recorder.random.random()
            if chance < 0.2:
                await self.recorder.do("withdraw", self.ada.call("DELETE", path))
            elif chance < 0.6:
                request = self.ada.call("POST", f"{path}/resend", {})
                answer = await self.recorder.do("resend", request, lambda data: data["token"])
                if answer is not None and answer.is_success:
                    self.tokens.append(answer.value)
            else:
                await self._look()

    async def _look(self) -> None:
        """Lists the invitations, or the members."""
        if self.recorder.random.random() < 0.5:
            request = self.ada.call("GET", f"/tenants/{self.acme}/invitations")
            await self.recorder.do(
                "list invitations", request, lambda data: bool(data["invitations"]), reads=True
            )
        else:
            request = self.ada.call("GET", f"/tenants/{self.acme}/members")
            await self.recorder.do("list members", request, self._others, reads=True)

    def _others(self, data: Any) -> tuple[str, ...]:
        users = {one["userId"] for one in data["members"]}
        return tuple(sorted(users - {self.ada.user_id}))


async def founded(world: World, address: str) -> tuple[Person, str]:
    """An owner who acts in an organization, and its id. Raises `Outage`."""
    ada = await world.register(address)
    body = {"name": "Acme"}
    acme = (await world.prepare(ada.call("POST", "/tenants", body), address))["tenantId"]
    await switched(world, ada, acme, address)
    return ada, acme


async def switched(world: World, person: Person, tenant_id: str, address: str) -> None:
    """Lets a user act in a tenant. Raises `Outage`."""
    request = person.call("POST", "/auth/switch-tenant", {"tenantId": tenant_id})
    data = await world.prepare(request, address)
    person.access_token = data["tokens"]["accessToken"]
