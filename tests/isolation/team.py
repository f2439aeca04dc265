"""One of many organizations: what its people do, and what it remembers of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.end_to_end.person import registration
from tests.isolation.crowd import Crowd, Somebody, tag_of

FOREIGN = 0.3
"""The part of the calls that is made with ids of others."""
ROLES = ("owner", "admin", "member")

Acts = tuple[Callable[[Somebody], Awaitable[None]], ...]
Try = tuple[tuple[str, ...], str, str, Any]
"""What is answered, and the method, path and body of a call."""


class Team:
    """An organization of an owner and two others.

    Its people work at their own sessions at once; what is about all of them they do one after the
    other. So it is known at every moment what there is.

    Args:
        crowd: How they call.
        number: Which of the organizations it is.
    """

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.tag = tag_of(number)
        self.tenant_id = ""
        self.people = [Somebody(f"{role}.{self.tag}@example.com", role) for role in ROLES]
        self.owner = self.people[0]
        """Who stays one."""
        self.invitations: dict[str, str] = {}
        self._crowd = crowd
        self._number = number
        self._chance = Random(number)
        self._name = self.tag
        self._audit: list[tuple[str, str]] = []
        self._own: Acts = (
            self._create, self._create, self._patch, self._patch, self._read, self._list_own,
            self._delete,
        )  # fmt: skip
        self._shared: Acts = (
            self._list_all, self._list_members, self._list_invitations, self._list_audit,
            self._export_audit, self._invite_guest, self._withdraw, self._change_role,
            self._rename, self._go_home_and_back, self._refresh,
        )  # fmt: skip

    async def found(self) -> None:
        """Has them register, and join."""
        for person in self.people:
            body = registration(person.email) | {"firstName": self.tag}
            made = await self._good("POST", "/auth/register", None, body)
            person.user_id = made["user"]["userId"]
            person.own_tenant_id = made["tenant"]["tenantId"]
            person.accept(made["tokens"])
        made = await self._good("POST", "/tenants", self.owner, {"name": self.tag})
        self.tenant_id = made["tenantId"]
        self._note("tenant.created", self.owner)
        for person in self.people:
            if person is not self.owner:
                invitation = await self._invite(person.email, person.role)
                token = {"token": invitation["token"]}
                await self._good("POST", "/invitations/accept", person, token)
                del self.invitations[invitation["invitationId"]]
                self._note("member.joined", person)
            await self._switch(person, self.tenant_id)

    async def work(self, others: Sequence["Team"]) -> None:
        """All of them at their own sessions at once, then one at something about all of them."""
        await asyncio.gather(*(self._turn(person, others, self._own) for person in self.people))
        await self._turn(self._chance.choice(self.people), others, self._shared)

    async def verify(self) -> None:
        """What there is is what they remember, and nothing else."""
        for person in self.people:
            await self._list_own(person)
            await self._list_members(person)
            await self._list_all(person)
            listed = (await self._good("GET", "/tenants", person))["tenants"]
            here = {(self.tenant_id, self._name, person.role)}
            home = {(person.own_tenant_id, "Personal", "owner")}
            assert {(one["tenantId"], one["name"], one["role"]) for one in listed} == here | home
        await self._list_invitations(self.owner)
        await self._list_audit(self.owner)
        await self._export_audit(self.owner)

    async def _turn(self, person: Somebody, others: Sequence["Team"], acts: Acts) -> None:
        if self._chance.random() < FOREIGN:
            await self._trespass(person, self._chance.choice(others))
        else:
            await self._chance.choice(acts)(person)

    # What everybody does at once, each with its own sessions.

    async def _create(self, person: Somebody) -> None:
        body = {"name": self.tag, "state": {self.tag: self._chance.random()}}
        made = await self._good("POST", "/sessions", person, body)
        person.sessions[made["sessionId"]] = made

    async def _patch(self, person: Somebody) -> None:
        if person.sessions:
            session_id = self._chance.choice(list(person.sessions))
            body = {
                "state": {self.tag: self._chance.random()},
                "revision": person.sessions[session_id]["revision"],
            }
            changed = await self._good("PATCH", f"/sessions/{session_id}", person, body)
            assert changed["state"] == body["state"]
            person.sessions[session_id] = changed

    async def _read(self, person: Somebody) -> None:
        if person.sessions:
            session_id = self._chance.choice(list(person.sessions))
            found = await self._good("GET", f"/sessions/{session_id}", person)
            assert found == person.sessions[session_id]

    async def _list_own(self, person: Somebody) -> None:
        assert await self._sessions(person, "mine") == person.sessions

    async def _delete(self, person: Somebody) -> None:
        if person.sessions:
            session_id = self._chance.choice(list(person.sessions))
            await self._good("DELETE", f"/sessions/{session_id}", person)
            del person.sessions[session_id]

    # What is about all of them, one after the other.

    async def _list_all(self, person: Somebody) -> None:
        if person.role == "member":
            await self._refused("GET", "/sessions?scope=tenant", person, None, "ROLE_MISSING")
            return
        wanted = {
            name: one if each is person else one | {"state": {}}
            for each in self.people
            for name, one in each.sessions.items()
        }
        assert await self._sessions(person, "tenant") == wanted

    async def _list_members(self, person: Somebody) -> None:
        listed = (await self._good("GET", self._path("/members"), person))["members"]
        found = {(one["userId"], one["email"], one["role"]) for one in listed}
        assert found == {(one.user_id, one.email, one.role) for one in self.people}

    async def _list_invitations(self, _: Somebody) -> None:
        path = self._path("/invitations?pageSize=1000")
        listed = (await self._good("GET", path, self.owner))["invitations"]
        assert {one["invitationId"]: one["email"] for one in listed} == self.invitations

    async def _list_audit(self, _: Somebody) -> None:
        path = self._path("/audit?pageSize=1000")
        listed = (await self._good("GET", path, self.owner))["entries"]
        assert [(one["action"], one["userId"]) for one in listed] == self._audit

    async def _export_audit(self, _: Somebody) -> None:
        answer = await self._call("GET", self._path("/audit/export"), self.owner)
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert [(one["action"], one["userId"]) for one in lines] == self._audit

    async def _invite_guest(self, _: Somebody) -> None:
        await self._invite(f"{uuid4().hex}.{self.tag}@example.com", "member")

    async def _withdraw(self, _: Somebody) -> None:
        if self.invitations:
            one = self._chance.choice(list(self.invitations))
            await self._good("DELETE", self._path(f"/invitations/{one}"), self.owner)
            del self.invitations[one]
            self._note("invitation.withdrawn", self.owner)

    async def _change_role(self, _: Somebody) -> None:
        person = self._chance.choice(self.people[1:])
        role = self._chance.choice([role for role in ROLES if role != person.role])
        path = self._path(f"/members/{person.user_id}")
        await self._good("PATCH", path, self.owner, {"role": role})
        person.role = role
        self._note("member.role_changed", self.owner)
        await self._refresh(person)

    async def _rename(self, _: Somebody) -> None:
        self._name = f"{self.tag} {uuid4().hex}"
        await self._good("PATCH", self._path(), self.owner, {"name": self._name})
        self._note("tenant.renamed", self.owner)

    async def _go_home_and_back(self, person: Somebody) -> None:
        await self._switch(person, person.own_tenant_id)
        assert await self._sessions(person, "mine") == {}
        await self._switch(person, self.tenant_id)

    async def _refresh(self, person: Somebody) -> None:
        body = {"refreshToken": person.refresh_token}
        answer = await self._good("POST", "/auth/refresh", None, body)
        tenant = answer["tenant"]
        assert (tenant["tenantId"], tenant["role"]) == (self.tenant_id, person.role)
        person.accept(answer["tokens"])

    # What they should leave alone.

    async def _trespass(self, person: Somebody, other: "Team") -> None:
        """Tries something with ids of another organization."""
        self._crowd.foreign += 1
        tries = [*self._in_theirs(other), *self._in_ours(other)]
        codes, method, path, body = self._chance.choice(tries)
        await self._refused(method, path, person, body, *codes)

    def _in_theirs(self, other: "Team") -> list[Try]:
        sessions = [one for each in other.people for one in each.sessions] or [other.tenant_id]
        session, theirs = (
            f"/sessions/{self._chance.choice(sessions)}",
            f"/tenants/{other.tenant_id}",
        )
        invitation = f"{theirs}/invitations/{self._invitation_of(other)}"
        member, guest = f"{theirs}/members/{other.owner.user_id}", "guest@example.com"
        return [
            (_SESSION, "GET", session, None),
            (_SESSION, "DELETE", session, None),
            (_SESSION, "PATCH", session, {"name": self.tag}),
            *((_TENANT, "GET", f"{theirs}{path}", None) for path in _LISTS),
            (_TENANT, "DELETE", theirs, None),
            (_TENANT, "PATCH", theirs, {"name": self.tag}),
            (_TENANT, "POST", f"{theirs}/invitations", {"email": guest, "role": "member"}),
            (_TENANT, "DELETE", invitation, None),
            (_TENANT, "PATCH", member, {"role": "member"}),
            (_TENANT, "DELETE", member, None),
            (_TENANT, "POST", "/auth/switch-tenant", {"tenantId": other.tenant_id}),
        ]

    def _in_ours(self, other: "Team") -> list[Try]:
        member = self._path(f"/members/{other.owner.user_id}")
        invitation = self._path(f"/invitations/{self._invitation_of(other)}")
        return [
            (_OURS, "DELETE", member, None),
            (_OURS, "PATCH", member, {"role": "member"}),
            (_OURS, "DELETE", invitation, None),
            (_OURS, "POST", f"{invitation}/resend", {}),
        ]

    def _invitation_of(self, other: "Team") -> str:
        return self._chance.choice([*other.invitations, other.tenant_id])

    # How they do it.

    def _path(self, rest: str = "") -> str:
        return f"/tenants/{self.tenant_id}{rest}"

    def _note(self, action: str, person: Somebody) -> None:
        self._audit.append((action, person.user_id))

    async def _invite(self, email: str, role: str) -> Any:
        body = {"email": email, "role": role}
        made = await self._good("POST", self._path("/invitations"), self.owner, body)
        self.invitations[made["invitationId"]] = email
        self._note("invitation.created", self.owner)
        return made

    async def _switch(self, person: Somebody, tenant_id: str) -> None:
        body = {"tenantId": tenant_id}
        person.accept((await self._good("POST", "/auth/switch-tenant", person, body))["tokens"])

    async def _sessions(self, person: Somebody, scope: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        token = ""
        while True:
            path = f"/sessions?scope={scope}&pageSize=1000&pageToken={token}"
            page = await self._good("GET", path, person)
            found |= {one["sessionId"]: one for one in page["sessions"]}
            token = page["nextPageToken"]
            if not token:
                return found

    async def _good(self, method: str, path: str, person: Somebody | None, body: Any = None) -> Any:
        answer = await self._call(method, path, person, body)
        assert answer.is_success, f"{self.tag}: {method} {path}: {answer.text}"
        return answer.json()["data"]

    async def _refused(
        self, method: str, path: str, person: Somebody, body: Any, *codes: str
    ) -> None:
        answer = await self._call(method, path, person, body)
        assert answer.is_error, f"{self.tag}: {method} {path}: {answer.text}"
        assert answer.json()["error"]["code"] in codes, (
            f"{self.tag}: {method} {path}: {answer.text}"
        )

    async def _call(
        self, method: str, path: str, person: Somebody | None, body: Any = None
    ) -> httpx.Response:
        token = "" if person is None else person.access_token
        return await self._crowd.call(self._number, method, path, token, body)


_LISTS = ("", "/members", "/invitations", "/audit", "/audit/export")
_SESSION = ("SESSION_NOT_FOUND",)
_TENANT = ("TENANT_NOT_FOUND",)
_OURS = ("MEMBER_NOT_FOUND", "INVITATION_NOT_FOUND", "ROLE_MISSING")
"""What is answered to an id of others in the own organization; a role may be missing besides."""
