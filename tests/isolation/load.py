"""The load: organizations at work, each of which knows the expected state."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from tests.end_to_end.person import registration
from tests.isolation.clients import Clients, Member, tag_of

FOREIGN = 0.3
"""The share of calls that use ids of another organization."""
ROLES = ("owner", "admin", "member")

Acts = tuple[Callable[[Member], Awaitable[None]], ...]
Attempt = tuple[tuple[str, ...], str, str, Any]
"""The expected error codes, and the method, path and body of a call."""


class Organization:
    """An organization with an owner, an admin and a member.

    Its people work on their own sessions concurrently, and on shared things one after the other, so
    the expected state is always known.

    Args:
        clients: The clients for the calls.
        number: The number of this organization.
    """

    def __init__(self, clients: Clients, number: int) -> None:
        self.tag = tag_of(number)
        self.tenant_id = ""
        self.people = [Member(f"{role}.{self.tag}@example.com", role) for role in ROLES]
        self.owner = self.people[0]
        """The member that stays owner."""
        self.invitations: dict[str, str] = {}
        self._clients = clients
        self._number = number
        self._random = Random(number)
        self._name = self.tag
        self._audit: list[tuple[str, str]] = []
        self._own: Acts = (
            self._create, self._create, self._patch, self._patch, self._read, self._list_own,
            self._delete,
        )  # fmt: skip
        self._shared: Acts = (
            self._list_all, self._list_members, self._list_invitations, self._list_audit,
            self._export_audit, self._invite_guest, self._withdraw, self._change_role,
            self._rename, self._switch_away_and_back, self._refresh,
        )  # fmt: skip

    async def found(self) -> None:
        """Registers the people, creates the organization, and adds them to it."""
        for person in self.people:
            body = registration(person.email) | {"firstName": self.tag}
            made = await self._good("POST", "/auth/register", None, body)
            person.user_id = made["user"]["userId"]
            person.self_tenant_id = made["tenant"]["tenantId"]
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
                if person.role != "member":  # the address is not proved
                    path = self._path(f"/members/{person.user_id}")
                    await self._good("PATCH", path, self.owner, {"role": person.role})
                    self._note("member.role_changed", self.owner)
            await self._switch(person, self.tenant_id)

    async def work(self, others: Sequence["Organization"]) -> None:
        """All members use sessions concurrently, then one of them does something shared."""
        await asyncio.gather(*(self._turn(person, others, self._own) for person in self.people))
        await self._turn(self._random.choice(self.people), others, self._shared)

    async def verify(self) -> None:
        """Checks that the product has exactly the expected state."""
        for person in self.people:
            await self._list_own(person)
            await self._list_members(person)
            await self._list_all(person)
            listed = (await self._good("GET", "/tenants", person))["tenants"]
            shared = {(self.tenant_id, self._name, person.role)}
            own = {(person.self_tenant_id, "Personal", "owner")}
            assert {(one["tenantId"], one["name"], one["role"]) for one in listed} == shared | own
        await self._list_invitations(self.owner)
        await self._list_audit(self.owner)
        await self._export_audit(self.owner)

    async def _turn(self, person: Member, others: Sequence["Organization"], acts: Acts) -> None:
        if self._random.random() < FOREIGN:
            await self._try_foreign(person, self._random.choice(others))
        else:
            await self._random.choice(acts)(person)

    # Actions on one's own sessions, which run concurrently.

    async def _create(self, person: Member) -> None:
        body = {"name": self.tag, "state": {self.tag: self._random.random()}}
        made = await self._good("POST", "/sessions", person, body)
        person.sessions[made["sessionId"]] = made

    async def _patch(self, person: Member) -> None:
        if person.sessions:
            session_id = self._random.choice(list(person.sessions))
            body = {
                "state": {self.tag: self._random.random()},
                "revision": person.sessions[session_id]["revision"],
            }
            changed = await self._good("PATCH", f"/sessions/{session_id}", person, body)
            assert changed["state"] == body["state"]
            person.sessions[session_id] = changed

    async def _read(self, person: Member) -> None:
        if person.sessions:
            session_id = self._random.choice(list(person.sessions))
            found = await self._good("GET", f"/sessions/{session_id}", person)
            assert found == person.sessions[session_id]

    async def _list_own(self, person: Member) -> None:
        assert await self._sessions(person, "mine") == person.sessions

    async def _delete(self, person: Member) -> None:
        if person.sessions:
            session_id = self._random.choice(list(person.sessions))
            await self._good("DELETE", f"/sessions/{session_id}", person)
            del person.sessions[session_id]

    # Actions on shared things, one after the other.

    async def _list_all(self, person: Member) -> None:
        if person.role == "member":
            await self._refused("GET", "/sessions?scope=tenant", person, None, "ROLE_MISSING")
            return
        wanted = {
            name: one if each is person else one | {"state": {}}
            for each in self.people
            for name, one in each.sessions.items()
        }
        assert await self._sessions(person, "tenant") == wanted

    async def _list_members(self, person: Member) -> None:
        listed = (await self._good("GET", self._path("/members"), person))["members"]
        found = {(one["userId"], one["email"], one["role"]) for one in listed}
        assert found == {(one.user_id, one.email, one.role) for one in self.people}

    async def _list_invitations(self, _: Member) -> None:
        path = self._path("/invitations?pageSize=1000")
        listed = (await self._good("GET", path, self.owner))["invitations"]
        assert {one["invitationId"]: one["email"] for one in listed} == self.invitations

    async def _list_audit(self, _: Member) -> None:
        path = self._path("/audit?pageSize=1000")
        listed = (await self._good("GET", path, self.owner))["entries"]
        assert [(one["action"], one["userId"]) for one in listed] == self._audit

    async def _export_audit(self, _: Member) -> None:
        answer = await self._call("GET", self._path("/audit/export"), self.owner)
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert [(one["action"], one["userId"]) for one in lines] == self._audit

    async def _invite_guest(self, _: Member) -> None:
        await self._invite(f"{uuid4().hex}.{self.tag}@example.com", "member")

    async def _withdraw(self, _: Member) -> None:
        if self.invitations:
            one = self._random.choice(list(self.invitations))
            await self._good("DELETE", self._path(f"/invitations/{one}"), self.owner)
            del self.invitations[one]
            self._note("invitation.withdrawn", self.owner)

    async def _change_role(self, _: Member) -> None:
        person = self._random.choice(self.people[1:])
        role = self._random.choice([role for role in ROLES if role != person.role])
        path = self._path(f"/members/{person.user_id}")
        await self._good("PATCH", path, self.owner, {"role": role})
        person.role = role
        self._note("member.role_changed", self.owner)
        await self._refresh(person)

    async def _rename(self, _: Member) -> None:
        self._name = f"{self.tag} {uuid4().hex}"
        await self._good("PATCH", self._path(), self.owner, {"name": self._name})
        self._note("tenant.renamed", self.owner)

    async def _switch_away_and_back(self, person: Member) -> None:
        await self._switch(person, person.self_tenant_id)
        assert await self._sessions(person, "mine") == {}
        await self._switch(person, self.tenant_id)

    async def _refresh(self, person: Member) -> None:
        body = {"refreshToken": person.refresh_token}
        answer = await self._good("POST", "/auth/refresh", None, body)
        tenant = answer["tenant"]
        assert (tenant["tenantId"], tenant["role"]) == (self.tenant_id, person.role)
        person.accept(answer["tokens"])

    # Calls with ids of another organization.

    async def _try_foreign(self, person: Member, other: "Organization") -> None:
        """Makes a call with ids of another organization, which must be refused."""
        self._clients.foreign += 1
        attempts = [*self._attempts_in_other(other), *self._attempts_in_own(other)]
        codes, method, path, body = self._random.choice(attempts)
        await self._refused(method, path, person, body, *codes)

    def _attempts_in_other(self, other: "Organization") -> list[Attempt]:
        sessions = [one for each in other.people for one in each.sessions] or [other.tenant_id]
        session = f"/sessions/{self._random.choice(sessions)}"
        tenant = f"/tenants/{other.tenant_id}"
        invitation = f"{tenant}/invitations/{self._invitation_of(other)}"
        member, guest = f"{tenant}/members/{other.owner.user_id}", "guest@example.com"
        return [
            (_SESSION, "GET", session, None),
            (_SESSION, "DELETE", session, None),
            (_SESSION, "PATCH", session, {"name": self.tag}),
            *((_TENANT, "GET", f"{tenant}{path}", None) for path in _LISTS),
            (_TENANT, "DELETE", tenant, None),
            (_TENANT, "PATCH", tenant, {"name": self.tag}),
            (_TENANT, "POST", f"{tenant}/invitations", {"email": guest, "role": "member"}),
            (_TENANT, "DELETE", invitation, None),
            (_TENANT, "PATCH", member, {"role": "member"}),
            (_TENANT, "DELETE", member, None),
            (_TENANT, "POST", "/auth/switch-tenant", {"tenantId": other.tenant_id}),
        ]

    def _attempts_in_own(self, other: "Organization") -> list[Attempt]:
        member = self._path(f"/members/{other.owner.user_id}")
        invitation = self._path(f"/invitations/{self._invitation_of(other)}")
        return [
            (_OWN, "DELETE", member, None),
            (_OWN, "PATCH", member, {"role": "member"}),
            (_OWN, "DELETE", invitation, None),
            (_OWN, "POST", f"{invitation}/resend", {}),
        ]

    def _invitation_of(self, other: "Organization") -> str:
        return self._random.choice([*other.invitations, other.tenant_id])

    # Helpers.

    def _path(self, rest: str = "") -> str:
        return f"/tenants/{self.tenant_id}{rest}"

    def _note(self, action: str, person: Member) -> None:
        self._audit.append((action, person.user_id))

    async def _invite(self, email: str, role: str) -> Any:
        body = {"email": email, "role": role}
        made = await self._good("POST", self._path("/invitations"), self.owner, body)
        self.invitations[made["invitationId"]] = email
        self._note("invitation.created", self.owner)
        return made

    async def _switch(self, person: Member, tenant_id: str) -> None:
        body = {"tenantId": tenant_id}
        person.accept((await self._good("POST", "/auth/switch-tenant", person, body))["tokens"])

    async def _sessions(self, person: Member, scope: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        token = ""
        while True:
            path = f"/sessions?scope={scope}&pageSize=1000&pageToken={token}"
            page = await self._good("GET", path, person)
            found |= {one["sessionId"]: one for one in page["sessions"]}
            token = page["nextPageToken"]
            if not token:
                return found

    async def _good(self, method: str, path: str, person: Member | None, body: Any = None) -> Any:
        answer = await self._call(method, path, person, body)
        assert answer.is_success, f"{self.tag}: {method} {path}: {answer.text}"
        return answer.json()["data"]

    async def _refused(
        self, method: str, path: str, person: Member, body: Any, *codes: str
    ) -> None:
        answer = await self._call(method, path, person, body)
        assert answer.is_error, f"{self.tag}: {method} {path}: {answer.text}"
        assert answer.json()["error"]["code"] in codes, (
            f"{self.tag}: {method} {path}: {answer.text}"
        )

    async def _call(
        self, method: str, path: str, person: Member | None, body: Any = None
    ) -> httpx.Response:
        token = "" if person is None else person.access_token
        return await self._clients.call(self._number, method, path, token, body)


_LISTS = ("", "/members", "/invitations", "/audit", "/audit/export")
_SESSION = ("SESSION_NOT_FOUND",)
_TENANT = ("TENANT_NOT_FOUND",)
_OWN = ("MEMBER_NOT_FOUND", "INVITATION_NOT_FOUND", "ROLE_MISSING")
"""The codes for another organization's id within one's own; the caller may also lack the role."""
