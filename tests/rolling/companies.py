"""The load of organizations: people who invite each other, work together, and log out."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.end_to_end.person import EVERY_SERVICE, PASSWORD
from tests.faults.journal import Caller, Journal
from tests.faults.people import Account, Client

VERBS = ("found", "switch", "invite", "accept", "work", "overlook", "promote", "return", "logout")
"""Every kind of call of this load, but for those that are to be refused."""
REFUSED_SECONDS = 1.0
"""Within this every replica, of whichever version, refuses a token that was ended."""


class _Undone(Exception):
    """A step got no good answer, so that those after it make no sense."""


@dataclass(frozen=True)
class Company:
    """An organization, as its people remember it."""

    tenant_id: str
    owner: Account
    admin: Account
    session_id: str


class Founder(Client):
    """Founds one organization after the other, and is all of its people.

    Args:
        url: Where the gateway is.
        journal: Where the calls are written down.

    Attributes:
        companies: What was founded, with everybody who belongs there.
        late: How many seconds each token was still taken after its end.
    """

    def __init__(self, url: str, journal: Journal) -> None:
        super().__init__(Caller(url, journal.calls.append), journal, None)
        self.companies: list[Company] = []
        self.late: list[float] = []

    def live(self) -> None:
        """Founds an organization and goes on as far as it gets."""
        with suppress(_Undone):
            owner, admin = self.register(), self.register()
            if not (owner.access_token and admin.access_token):
                return
            tenant_id = self._as(owner, "found", "POST", "/tenants", {"name": "Acme"})["tenantId"]
            self._switch(owner, tenant_id)
            self._join(owner, admin, tenant_id)
            session_id = self._work(owner, admin)
            self._promote(owner, admin, tenant_id)
            self.companies.append(Company(tenant_id, owner, admin, session_id))
            self._as(admin, "logout", "POST", "/auth/logout")
            self._expect_refusal(admin.access_token)

    def _join(self, owner: Account, member: Account, tenant_id: str) -> None:
        body = {"email": member.email, "role": "member"}
        invitation = self._as(owner, "invite", "POST", f"/tenants/{tenant_id}/invitations", body)
        self._as(member, "accept", "POST", "/invitations/accept", {"token": invitation["token"]})
        self._switch(member, tenant_id)

    def _work(self, owner: Account, member: Account) -> str:
        """The member has a session, and the owner sees it."""
        made = self._as(member, "work", "POST", "/sessions", {"name": str(uuid4())})
        seen = self._as(owner, "overlook", "GET", "/sessions?scope=tenant")["sessions"]
        if [session["sessionId"] for session in seen] != [made["sessionId"]]:
            self._flaw(f"made {made}, seen {seen}")
        return str(made["sessionId"])

    def _promote(self, owner: Account, member: Account, tenant_id: str) -> None:
        """The token of the smaller role ends, and the next one is for the larger."""
        path = f"/tenants/{tenant_id}/members/{member.user_id}"
        self._as(owner, "promote", "PATCH", path, {"role": "admin"})
        self._expect_refusal(member.access_token)
        body = {"refreshToken": member.refresh_token}
        answer = self._as(member, "return", "POST", "/auth/refresh", body)
        member.accept(answer["tokens"])
        if (answer["tenant"]["tenantId"], answer["tenant"]["role"]) != (tenant_id, "admin"):
            self._flaw(f"an admin of {tenant_id} returned as {answer['tenant']}")

    def _switch(self, account: Account, tenant_id: str) -> None:
        body = {"tenantId": tenant_id}
        answer = self._as(account, "switch", "POST", "/auth/switch-tenant", body)
        account.access_token = answer["tokens"]["accessToken"]

    def _as(self, account: Account, verb: str, method: str, path: str, body: Any = None) -> Any:
        call = self._do(verb, method, path, body, token=account.access_token)
        if not call.acknowledged:
            raise _Undone
        return call.data

    def _expect_refusal(self, token: str) -> None:
        """Asks every service until it refuses; twice, since there may be two replicas of each."""
        began, late = time.monotonic(), 0.0
        for path in (*EVERY_SERVICE, *EVERY_SERVICE):
            while True:
                call = self._do("refused", "GET", path, allowed=(401,), token=token)
                if call.status == 401:
                    break
                if call.unknown:
                    raise _Undone
                late = call.began - began
                if late > REFUSED_SECONDS:
                    self._flaw(f"a token is taken {late:.1f} s after its end: {call}")
                    raise _Undone
        self.late.append(late)


def inspect(url: str, companies: Sequence[Company]) -> list[str]:
    """Compares what people remember with what is there; gives what is lost."""
    caller = Caller(url, lambda _: None)
    lost = [each for company in companies for each in _lost(caller, company)]
    caller.close()
    return lost


def _lost(caller: Caller, company: Company) -> Iterator[str]:
    expected = {company.owner.user_id: "owner", company.admin.user_id: "admin"}
    for account in (company.owner, company.admin):
        body = {"email": account.email, "password": PASSWORD}
        entered = caller.call("look", "POST", "/auth/login", body)
        token = entered.data["tokens"]["accessToken"]
        body = {"tenantId": company.tenant_id}
        switched = caller.call("look", "POST", "/auth/switch-tenant", body, token=token)
        if not switched.acknowledged:
            yield f"a membership: {switched} of {company}"
            continue
        token = switched.data["tokens"]["accessToken"]
        path = f"/tenants/{company.tenant_id}/members"
        members = caller.call("look", "GET", path, token=token).data["members"]
        if {member["userId"]: member["role"] for member in members} != expected:
            yield f"members: {members} of {company}"
    session = caller.call("look", "GET", f"/sessions/{company.session_id}", token=token)
    if not session.acknowledged:
        yield f"a session: {session} of {company}"
