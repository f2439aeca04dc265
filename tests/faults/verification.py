"""Verifies after a fault that every acknowledged write took place once, and nothing is half done."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from tests.end_to_end.person import PASSWORD, registration
from tests.faults.journal import Call, Caller, Outcome
from tests.faults.load import Account, ExpectedSession, first_state

_THREADS = 4


@dataclass
class Findings:
    """Violations.

    Attributes:
        lost: Acknowledged writes that are missing.
        duplicated: Writes that took place more often than they were requested.
        broken: Things that are half present, or do not work.
    """

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def verify(url: str, accounts: Sequence[Account]) -> Findings:
    """Compares the accounts' expected state with the actual one; the system must be healthy again."""
    findings = Findings()
    with ThreadPoolExecutor(_THREADS) as threads:
        for found in threads.map(lambda account: _Verifier(url, account).run(), accounts):
            findings.lost += found.lost
            findings.duplicated += found.duplicated
            findings.broken += found.broken
    findings.duplicated += _duplicate_ids(accounts)
    return findings


def _duplicate_ids(accounts: Sequence[Account]) -> list[str]:
    """Ids that more than one user or session got."""
    users = [account.user_id for account in accounts if account.registered.acknowledged]
    sessions = [
        wanted.session_id
        for account in accounts
        for wanted in account.sessions
        if wanted.created.acknowledged
    ]
    return [each for each, number in Counter(users + sessions).items() if number > 1]


class _Verifier:
    """Verifies one account, logged in as its user.

    Args:
        url: Where the gateway is.
        account: The expected state.
    """

    def __init__(self, url: str, account: Account) -> None:
        self._caller = Caller(url, _ignore)
        self._account = account
        self._token: str | None = None
        self.findings = Findings()

    def run(self) -> Findings:
        """Verifies everything."""
        account = self._account
        body = {"email": account.email, "password": PASSWORD}
        login = self._call("POST", "/auth/login", body)
        if login.acknowledged:
            if account.registered.outcome is Outcome.REFUSED:
                self.findings.duplicated.append(f"a registration that was refused: {account}")
            self._check_account(login.data["user"]["userId"])
        elif account.registered.acknowledged:
            self.findings.lost.append(f"an account: {account}, {login}")
        else:
            again = self._call("POST", "/auth/register", registration(account.email))
            self._expect(again.status == 201, f"address neither free nor taken: {again}")
        self._caller.close()
        return self.findings

    def _check_account(self, user_id: str) -> None:
        """Verifies an account that exists."""
        if self._account.registered.acknowledged and user_id != self._account.user_id:
            self.findings.lost.append(f"a user that another has replaced: {self._account}")
        self._check_tenant(user_id)
        self._check_logins()
        self._check_refresh_token()
        listed = self._call("GET", "/sessions?pageSize=1000").data["sessions"]
        for wanted in self._account.sessions:
            found = [session for session in listed if session["name"] == wanted.name]
            self._check_session(wanted, found)
        names = {wanted.name for wanted in self._account.sessions}
        unknown = [session for session in listed if session["name"] not in names]
        self._expect(not unknown, f"unknown sessions: {unknown}")
        self._check_usable()

    def _check_tenant(self, user_id: str) -> None:
        listed = self._call("GET", "/tenants").data["tenants"]
        own = str(uuid5(NAMESPACE_OID, f"self-tenant-{user_id}"))
        expected = [(own, "owner")]
        found = [(tenant["tenantId"], tenant["role"]) for tenant in listed]
        self._expect(found == expected, f"tenants {found} of {self._account}")

    def _check_logins(self) -> None:
        account = self._account
        there = len(self._call("GET", "/auth/logins?pageSize=1000").data["logins"]) - 1
        # If the registration is uncertain, its login counts as uncertain too.
        if there < account.logins:
            self.findings.lost.append(f"logins: {there} of {account}")
        if there > account.logins + account.uncertain_logins:
            self.findings.duplicated.append(f"logins: {there} of {account}")

    def _check_refresh_token(self) -> None:
        """The token of an acknowledged answer is valid, unless the outcome of its use is unknown."""
        account = self._account
        if account.refresh_token and account.uncertain_since is None:
            call = self._call("POST", "/auth/refresh", {"refreshToken": account.refresh_token})
            if not call.acknowledged:
                self.findings.lost.append(f"a refresh token: {call} of {account}")

    def _check_session(self, wanted: ExpectedSession, found: Sequence[Any]) -> None:
        deletion = wanted.deletion.outcome if wanted.deletion else Outcome.REFUSED
        if len(found) > 1:
            self.findings.duplicated.append(f"a session: {found}")
        elif found and (
            deletion is Outcome.ACKNOWLEDGED or wanted.created.outcome is Outcome.REFUSED
        ):
            self.findings.lost.append(f"a deletion, or a refusal: {wanted}, {found}")
        elif found:
            self._check_state(wanted, found[0])
        elif wanted.created.acknowledged and deletion is Outcome.REFUSED:
            self.findings.lost.append(f"a session: {wanted}")
        if wanted.created.acknowledged:
            call = self._call("GET", f"/sessions/{wanted.session_id}")
            same = call.status == 404 if not found else call.data == found[0]
            self._expect(same, f"listed as {found}, found as {call}")

    def _check_state(self, wanted: ExpectedSession, session: Any) -> None:
        revision, state = session["revision"], session["state"]
        if not wanted.acknowledged_states:
            self._expect(
                (revision, state) == (1, first_state(wanted.name)), f"half created: {session}"
            )
            return
        if revision < max(wanted.acknowledged_states) or revision < len(wanted.acknowledged_states):
            self.findings.lost.append(f"changes: {session} of {wanted}")
        if revision > len(wanted.acknowledged_states) + len(wanted.uncertain_states):
            self.findings.duplicated.append(f"changes: {session} of {wanted}")
        expected = (
            [wanted.acknowledged_states[revision]] if revision in wanted.acknowledged_states else []
        )
        self._expect(state in (expected or wanted.uncertain_states), f"{session} of {wanted}")

    def _check_usable(self) -> None:
        """Creates a new session, to see that the account works."""
        name = str(uuid4())
        made = self._call("POST", "/sessions", {"name": name})
        self._expect(made.status == 201, f"cannot be used: {made} of {self._account}")

    def _call(self, method: str, path: str, body: Any = None) -> Call:
        call = self._caller.call("verify", method, path, body, token=self._token)
        if call.acknowledged and path == "/auth/login":
            self._token = call.data["tokens"]["accessToken"]
        assert call.status not in range(500, 600), f"not healthy yet: {call}"
        return call

    def _expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.findings.broken.append(otherwise)


def _ignore(_: Call) -> None:
    """The journal has the calls of the load only."""
