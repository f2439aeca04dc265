"""What must hold after a fault, whatever it was: each promise kept once, and nothing half done."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from tests.end_to_end.person import PASSWORD, registration
from tests.faults.journal import Call, Caller, Outcome
from tests.faults.people import Account, Document, first_state

_THREADS = 4


@dataclass
class Findings:
    """What does not hold.

    Attributes:
        lost: Promises that were not kept.
        doubled: What took place more often than it was asked for.
        broken: What is neither there nor absent, or does not work.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def inspect(url: str, people: Sequence[Account]) -> Findings:
    """Compares what people remember with what is there, once everything is well again."""
    findings = Findings()
    with ThreadPoolExecutor(_THREADS) as threads:
        for found in threads.map(lambda account: _Inspector(url, account).run(), people):
            findings.lost += found.lost
            findings.doubled += found.doubled
            findings.broken += found.broken
    findings.doubled += _given_twice(people)
    return findings


def _given_twice(people: Sequence[Account]) -> list[str]:
    """Ids that were given to more than one user or session."""
    users = [account.user_id for account in people if account.registered.acknowledged]
    sessions = [
        document.session_id
        for account in people
        for document in account.documents
        if document.created.acknowledged
    ]
    return [each for each, number in Counter(users + sessions).items() if number > 1]


class _Inspector:
    """Looks at one account with its own eyes.

    Args:
        url: Where the gateway is.
        account: What its user remembers.
    """

    def __init__(self, url: str, account: Account) -> None:
        self._caller = Caller(url, _note)
        self._account = account
        self._token: str | None = None
        self.findings = Findings()

    def run(self) -> Findings:
        """Looks at everything."""
        account = self._account
        body = {"email": account.email, "password": PASSWORD}
        entered = self._call("POST", "/auth/login", body)
        if entered.acknowledged:
            if account.registered.outcome is Outcome.REFUSED:
                self.findings.doubled.append(f"a registration that was refused: {account}")
            self._look(entered.data["user"]["userId"])
        elif account.registered.acknowledged:
            self.findings.lost.append(f"an account: {account}, {entered}")
        else:
            again = self._call("POST", "/auth/register", registration(account.email))
            self._expect(again.status == 201, f"address neither free nor taken: {again}")
        self._caller.close()
        return self.findings

    def _look(self, user_id: str) -> None:
        """Looks at an account that is there."""
        if self._account.registered.acknowledged and user_id != self._account.user_id:
            self.findings.lost.append(f"a user that another has replaced: {self._account}")
        self._look_at_tenant(user_id)
        self._look_at_logins()
        self._look_at_refresh_token()
        listed = self._call("GET", "/sessions?pageSize=1000").data["sessions"]
        for document in self._account.documents:
            found = [session for session in listed if session["name"] == document.name]
            self._look_at(document, found)
        names = {document.name for document in self._account.documents}
        strange = [session for session in listed if session["name"] not in names]
        self._expect(not strange, f"sessions of nobody: {strange}")
        self._use()

    def _look_at_tenant(self, user_id: str) -> None:
        listed = self._call("GET", "/tenants").data["tenants"]
        own = str(uuid5(NAMESPACE_OID, f"self-tenant-{user_id}"))
        expected = [(own, "owner")]
        found = [(tenant["tenantId"], tenant["role"]) for tenant in listed]
        self._expect(found == expected, f"tenants {found} of {self._account}")

    def _look_at_logins(self) -> None:
        account = self._account
        there = len(self._call("GET", "/auth/logins?pageSize=1000").data["logins"]) - 1
        # Where the registration is unknown its login is counted among the doubtful ones.
        if there < account.logins:
            self.findings.lost.append(f"logins: {there} of {account}")
        if there > account.logins + account.doubtful_logins:
            self.findings.doubled.append(f"logins: {there} of {account}")

    def _look_at_refresh_token(self) -> None:
        """The token of an acknowledged answer is good; while its use is in doubt nobody knows."""
        account = self._account
        if account.refresh_token and account.doubt_began is None:
            call = self._call("POST", "/auth/refresh", {"refreshToken": account.refresh_token})
            if not call.acknowledged:
                self.findings.lost.append(f"a refresh token: {call} of {account}")

    def _look_at(self, document: Document, found: Sequence[Any]) -> None:
        deletion = document.deletion.outcome if document.deletion else Outcome.REFUSED
        if len(found) > 1:
            self.findings.doubled.append(f"a session: {found}")
        elif found and (
            deletion is Outcome.ACKNOWLEDGED or document.created.outcome is Outcome.REFUSED
        ):
            self.findings.lost.append(f"a deletion, or a refusal: {document}, {found}")
        elif found:
            self._look_inside(document, found[0])
        elif document.created.acknowledged and deletion is Outcome.REFUSED:
            self.findings.lost.append(f"a session: {document}")
        if document.created.acknowledged:
            call = self._call("GET", f"/sessions/{document.session_id}")
            same = call.status == 404 if not found else call.data == found[0]
            self._expect(same, f"listed as {found}, found as {call}")

    def _look_inside(self, document: Document, session: Any) -> None:
        revision, state = session["revision"], session["state"]
        if not document.promised:
            self._expect(
                (revision, state) == (1, first_state(document.name)), f"half made: {session}"
            )
            return
        if revision < max(document.promised) or revision < len(document.promised):
            self.findings.lost.append(f"changes: {session} of {document}")
        if revision > len(document.promised) + len(document.doubtful):
            self.findings.doubled.append(f"changes: {session} of {document}")
        expected = [document.promised[revision]] if revision in document.promised else []
        self._expect(state in (expected or document.doubtful), f"{session} of {document}")

    def _use(self) -> None:
        """Does something new with it."""
        name = str(uuid4())
        made = self._call("POST", "/sessions", {"name": name})
        self._expect(made.status == 201, f"cannot be used: {made} of {self._account}")

    def _call(self, method: str, path: str, body: Any = None) -> Call:
        call = self._caller.call("look", method, path, body, token=self._token)
        if call.acknowledged and path == "/auth/login":
            self._token = call.data["tokens"]["accessToken"]
        assert call.status not in range(500, 600), f"not well yet: {call}"
        return call

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.findings.broken.append(otherwise)


def _note(_: Call) -> None:
    """These calls are no part of the journal."""
