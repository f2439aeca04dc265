"""The load of organizations: people invite each other, work together, and log out."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.end_to_end.person import EVERY_SERVICE, PASSWORD
from tests.faults.journal import Caller, Journal
from tests.faults.load import Account, Client
from tests.support.promises import within

VERBS = (
    "organize", "switch", "invite", "accept", "work", "list", "promote", "renew", "logout",
)  # fmt: skip
"""Every kind of call of this load, except those that must be refused."""
REFUSED_SECONDS = within(1.0)
"""The limit for every replica, of either version, to refuse a revoked token."""


class _StepFailed(Exception):
    """A step failed, so that the steps after it make no sense."""


@dataclass(frozen=True)
class Organization:
    """The expected state of an organization."""

    tenant_id: str
    owner: Account
    admin: Account
    session_id: str


class OrganizationClient(Client):
    """Creates one organization after the other, and acts for all of its people.

    Args:
        url: Where the gateway is.
        journal: Where the calls are recorded.

    Attributes:
        organizations: The organizations that it created.
        late: How many seconds each token was still accepted after its revocation.
    """

    def __init__(self, url: str, journal: Journal) -> None:
        super().__init__(Caller(url, journal.calls.append), journal, None)
        self.organizations: list[Organization] = []
        self.late: list[float] = []

    def run_once(self) -> None:
        """Creates an organization and continues until a step fails."""
        with suppress(_StepFailed):
            owner, admin = self.register(), self.register()
            if not (owner.access_token and admin.access_token):
                return
            tenant_id = self._as(owner, "organize", "POST", "/tenants", {"name": "Acme"})[
                "tenantId"
            ]
            self._switch(owner, tenant_id)
            self._join(owner, admin, tenant_id)
            session_id = self._work(owner, admin)
            self._promote(owner, admin, tenant_id)
            self.organizations.append(Organization(tenant_id, owner, admin, session_id))
            self._as(admin, "logout", "POST", "/auth/logout")
            self._expect_refusal(admin.access_token)

    def _join(self, owner: Account, member: Account, tenant_id: str) -> None:
        body = {"email": member.email, "role": "member"}
        invitation = self._as(owner, "invite", "POST", f"/tenants/{tenant_id}/invitations", body)
        self._as(member, "accept", "POST", "/invitations/accept", {"token": invitation["token"]})
        self._switch(member, tenant_id)

    def _work(self, owner: Account, member: Account) -> str:
        """The member creates a session, and the owner lists it."""
        made = self._as(member, "work", "POST", "/sessions", {"name": str(uuid4())})
        seen = self._as(owner, "list", "GET", "/sessions?scope=tenant")["sessions"]
        if [session["sessionId"] for session in seen] != [made["sessionId"]]:
            self._flaw(f"made {made}, seen {seen}")
        return str(made["sessionId"])

    def _promote(self, owner: Account, member: Account, tenant_id: str) -> None:
        """The token of the lower role is refused, and the next one has the higher role."""
        path = f"/tenants/{tenant_id}/members/{member.user_id}"
        self._as(owner, "promote", "PATCH", path, {"role": "admin"})
        self._expect_refusal(member.access_token)
        body = {"refreshToken": member.refresh_token}
        answer = self._as(member, "renew", "POST", "/auth/refresh", body)
        member.accept(answer["tokens"])
        if (answer["tenant"]["tenantId"], answer["tenant"]["role"]) != (tenant_id, "admin"):
            self._flaw(f"an admin of {tenant_id} got a token as {answer['tenant']}")

    def _switch(self, account: Account, tenant_id: str) -> None:
        body = {"tenantId": tenant_id}
        answer = self._as(account, "switch", "POST", "/auth/switch-tenant", body)
        account.access_token = answer["tokens"]["accessToken"]

    def _as(self, account: Account, verb: str, method: str, path: str, body: Any = None) -> Any:
        call = self._do(verb, method, path, body, token=account.access_token)
        if not call.acknowledged:
            raise _StepFailed
        return call.data

    def _expect_refusal(self, token: str) -> None:
        """Calls every service until it refuses; twice, because each may have two replicas."""
        began, late = time.monotonic(), 0.0
        for path in (*EVERY_SERVICE, *EVERY_SERVICE):
            while True:
                call = self._do("refused", "GET", path, allowed=(401,), token=token)
                if call.status == 401:
                    break
                if call.unknown:
                    raise _StepFailed
                late = call.began - began
                if late > REFUSED_SECONDS:
                    self._flaw(f"a token is accepted {late:.1f} s after its revocation: {call}")
                    raise _StepFailed
        self.late.append(late)


def verify(url: str, organizations: Sequence[Organization]) -> list[str]:
    """Compares the expected organizations with the actual ones; returns what is lost."""
    caller = Caller(url, lambda _: None)
    lost = [each for organization in organizations for each in _lost(caller, organization)]
    caller.close()
    return lost


def _lost(caller: Caller, organization: Organization) -> Iterator[str]:
    expected = {organization.owner.user_id: "owner", organization.admin.user_id: "admin"}
    for account in (organization.owner, organization.admin):
        body = {"email": account.email, "password": PASSWORD}
        login = caller.call("verify", "POST", "/auth/login", body)
        token = login.data["tokens"]["accessToken"]
        body = {"tenantId": organization.tenant_id}
        switched = caller.call("verify", "POST", "/auth/switch-tenant", body, token=token)
        if not switched.acknowledged:
            yield f"a membership: {switched} of {organization}"
            continue
        token = switched.data["tokens"]["accessToken"]
        path = f"/tenants/{organization.tenant_id}/members"
        members = caller.call("verify", "GET", path, token=token).data["members"]
        if {member["userId"]: member["role"] for member in members} != expected:
            yield f"members: {members} of {organization}"
    session = caller.call("verify", "GET", f"/sessions/{organization.session_id}", token=token)
    if not session.acknowledged:
        yield f"a session: {session} of {organization}"
