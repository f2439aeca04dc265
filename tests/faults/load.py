"""The load: clients that use the product and remember what was acknowledged."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from tests.end_to_end.person import PASSWORD, registration
from tests.faults.journal import Call, Caller, Journal

WRITES = ("register", "login", "refresh", "create", "patch", "delete", "share")
"""Every kind of write of the load."""
VERBS = (*WRITES, "tenants", "read")
"""Every kind of call of the load."""

CLIENTS = 6
GRACE_SECONDS = 10.0
"""How long after its use a refresh token may be sent again (`REFRESH_GRACE_SECONDS`)."""
PAUSE_SECONDS = 0.06
_PAUSE_AFTER_ERROR_SECONDS = 0.2
SESSIONS = 2
_PATCHES = 3
_TRIES = 40


@dataclass
class ExpectedSession:
    """The expected state of a session.

    Attributes:
        name: Its unique name.
        created: The call that created it; of several under one key, the most conclusive.
        acknowledged_states: The states of acknowledged changes by revision.
        uncertain_states: The states of changes whose outcome is unknown.
        deletion: The call that deleted it.
    """

    name: str
    created: Call
    acknowledged_states: dict[int, Any] = field(default_factory=dict)
    uncertain_states: list[Any] = field(default_factory=list)
    deletion: Call | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return str(self.created.data["sessionId"])

    def settle(self, state: Any, call: Call) -> str:
        """Records the outcome of a change; returns what is wrong with it, or an empty text."""
        with self._lock:
            if not call.unknown:
                self.uncertain_states.remove(state)
            if not call.acknowledged:
                return ""
            revision = call.data["revision"]
            if revision in self.acknowledged_states:
                return f"revision {revision} of {self.name} was given twice"
            self.acknowledged_states[revision] = state
            if revision > len(self.acknowledged_states) + len(self.uncertain_states):
                return f"revision {revision} of {self.name} is more than was changed: {self}"
            return "" if call.data["state"] == state else f"{state} became {call.data}"


def first_state(name: str) -> Any:
    """The state that a session is created with."""
    return {"of": name, "change": 0}


@dataclass
class Account:
    """The expected state of a user.

    Attributes:
        email: The email address.
        registered: The call that registered it.
        access_token: Valid for longer than a test takes.
        refresh_token: The last one acknowledged.
        uncertain_since: When the first refresh with unknown outcome began.
        logins: The number of acknowledged logins.
        uncertain_logins: The number of logins with unknown outcome.
        sessions: Its sessions.
    """

    email: str
    registered: Call
    access_token: str = ""
    refresh_token: str = ""
    uncertain_since: float | None = None
    logins: int = 0
    uncertain_logins: int = 0
    sessions: list[ExpectedSession] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """The id of the user."""
        return str(self.registered.data["user"]["userId"])

    def accept(self, tokens: dict[str, str]) -> None:
        """Replaces the tokens."""
        self.access_token = tokens["accessToken"]
        self.refresh_token = tokens["refreshToken"]
        self.uncertain_since = None


class Client:
    """One client: registers one user after the other, and makes one call after the other.

    Args:
        caller: Makes its calls.
        journal: Where it records calls, and flaws that it notices at once.
        shared: A user and a session of theirs that all clients change.
        pause: How many seconds it waits after a call that succeeded.
        sessions: How many sessions it creates for each user, of which it deletes all but the first.
    """

    def __init__(
        self,
        caller: Caller,
        journal: Journal,
        shared: tuple[Account, ExpectedSession] | None,
        pause: float = PAUSE_SECONDS,
        sessions: int = SESSIONS,
    ) -> None:
        self._caller = caller
        self._journal = journal
        self._shared = shared
        self._pause = pause
        self._sessions = sessions
        self._stop = threading.Event()
        self.accounts: list[Account] = []

    def run(self, stop: threading.Event) -> None:
        """Repeats `run_once` until it is stopped."""
        self._stop = stop
        while not stop.is_set():
            self.run_once()

    def close(self) -> None:
        """Closes its connections."""
        self._caller.close()

    def run_once(self) -> None:
        """Registers a user and makes every kind of call; uses an earlier user if that fails."""
        account = self.register()
        if not account.access_token:
            known = [account for account in self.accounts if account.access_token]
            if not known:
                return
            account = known[-1]
        self.log_in(account)
        self._do("tenants", "GET", "/tenants", token=account.access_token)
        for number in range(self._sessions):
            session = self.create(account, keyed=bool(number))
            if session is None:
                continue
            for _ in range(_PATCHES):
                self.patch(account, session)
            self.read(account, session)
            self.refresh(account)
            if number:
                self.delete(account, session)
            if self._shared:
                self.patch(*self._shared, verb="share")

    def register(self) -> Account:
        """Registers a user."""
        email = f"{uuid4()}@example.com"
        call = self._do("register", "POST", "/auth/register", registration(email))
        account = Account(email, call)
        self.accounts.append(account)
        self._logged_in(account, call)
        return account

    def log_in(self, account: Account) -> Call:
        """Logs in once more."""
        body = {"email": account.email, "password": PASSWORD}
        call = self._do("login", "POST", "/auth/login", body)
        self._logged_in(account, call)
        return call

    def refresh(self, account: Account) -> Call:
        """Exchanges the refresh token; a later call repeats an exchange of unknown outcome."""
        body = {"refreshToken": account.refresh_token}
        call = self._do("refresh", "POST", "/auth/refresh", body, allowed=(401,))
        began = account.uncertain_since
        if call.acknowledged:
            account.accept(call.data["tokens"])
        elif call.unknown:
            account.uncertain_since = call.began if began is None else began
        elif call.status == 401:
            # The answer was lost, and the repeat came after the grace period.
            if began is None or call.began + call.seconds - began <= GRACE_SECONDS:
                self._flaw(f"a good refresh token was refused: {call}")
            account.logins -= 1
            self.log_in(account)
        return call

    def create(self, account: Account, *, keyed: bool) -> ExpectedSession | None:
        """Creates a session; with an idempotency key, repeats until it is acknowledged."""
        name = str(uuid4())
        body = {"name": name, "state": first_state(name)}
        calls: list[Call] = []
        for _ in range(_TRIES if keyed else 1):
            calls.append(
                self._do(
                    "create", "POST", "/sessions", body,
                    token=account.access_token, key=name if keyed else None,
                )
            )  # fmt: skip
            if calls[-1].acknowledged or self._stop.is_set():
                break
        # If none was acknowledged, an unknown outcome is more conclusive than a refusal: the session
        # may exist.
        session = ExpectedSession(
            name, max(calls, key=lambda call: (call.acknowledged, call.unknown))
        )
        account.sessions.append(session)
        if not session.created.acknowledged:
            return None
        session.acknowledged_states[1] = session.created.data["state"]
        return session

    def patch(self, account: Account, session: ExpectedSession, verb: str = "patch") -> Call:
        """Changes the state of a session, with its revision where that is known."""
        state = {"of": session.name, "change": str(uuid4())}
        body: dict[str, Any] = {"state": state}
        sure = verb == "patch" and not session.uncertain_states
        if sure:
            body["revision"] = max(session.acknowledged_states)
        path = f"/sessions/{session.session_id}"
        # Before the call: another client's answer may already show it.
        session.uncertain_states.append(state)
        call = self._do(verb, "PATCH", path, body, token=account.access_token)
        self._flaw(session.settle(state, call))
        return call

    def read(self, account: Account, session: ExpectedSession) -> None:
        """Reads a session and checks that it has every acknowledged change."""
        path = f"/sessions/{session.session_id}"
        call = self._do("read", "GET", path, token=account.access_token)
        last = max(session.acknowledged_states)
        if call.acknowledged and not session.uncertain_states:
            self._flaw("" if call.data["revision"] == last else f"{call} of {session}")
        elif call.acknowledged:
            self._flaw("" if call.data["revision"] >= last else f"{call} of {session}")

    def delete(self, account: Account, session: ExpectedSession) -> None:
        """Deletes a session."""
        path = f"/sessions/{session.session_id}"
        session.deletion = self._do("delete", "DELETE", path, token=account.access_token)

    def _logged_in(self, account: Account, call: Call) -> None:
        if call.acknowledged:
            account.accept(call.data["tokens"])
            account.logins += 1
        elif call.unknown:
            account.uncertain_logins += 1

    def _do(
        self, verb: str, method: str, path: str, body: Any = None,
        allowed: tuple[int, ...] = (), **more: Any,
    ) -> Call:  # fmt: skip
        """Makes a call. Every request is valid, so a 4xx is a flaw unless its status is allowed."""
        call = self._caller.call(verb, method, path, body, **more)
        self._flaw(call.flaw)
        if 400 <= call.status < 500 and call.status not in allowed:
            self._flaw(f"{verb} was refused: {call}")
        self._stop.wait(self._pause if call.acknowledged else _PAUSE_AFTER_ERROR_SECONDS)
        return call

    def _flaw(self, text: str) -> None:
        if text:
            self._journal.flaws.append(text)


class Load:
    """Several clients at once, which run while the context is entered.

    Args:
        url: Where the gateway is.
        journal: Where all calls are recorded.
        number: The number of clients.
        others: Further clients of other kinds.
        pause: How many seconds a client waits after a call that succeeded.
        sessions: How many sessions a client creates for each user.
    """

    def __init__(
        self,
        url: str,
        journal: Journal,
        number: int = CLIENTS,
        others: Sequence[Client] = (),
        pause: float = PAUSE_SECONDS,
        sessions: int = SESSIONS,
    ) -> None:
        self._stop = threading.Event()
        self._failed: list[BaseException] = []
        first = Client(self._caller(url, journal), journal, None)
        account = first.register()
        session = first.create(account, keyed=False)
        assert session is not None, journal.codes()
        self.shared = account, session
        self._clients = [first] + [
            Client(self._caller(url, journal), journal, self.shared, pause, sessions)
            for _ in range(number)
        ]
        self._others = others
        self._threads = [
            threading.Thread(target=self._guarded, args=(client.run,))
            for client in (*self._clients[1:], *others)
        ]

    def __enter__(self) -> Self:
        """Starts the clients."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the clients after their current call."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for client in (*self._clients, *self._others):
            client.close()
        assert not self._failed, self._failed

    @property
    def accounts(self) -> list[Account]:
        """The accounts of all clients, without those of the others."""
        return [account for client in self._clients for account in client.accounts]

    def _caller(self, url: str, journal: Journal) -> Caller:
        return Caller(url, journal.calls.append)

    def _guarded(self, run: Callable[[threading.Event], None]) -> None:
        try:
            run(self._stop)
        except BaseException as error:  # noqa: BLE001 - a thread cannot raise it to a caller
            self._failed.append(error)


def settle(journal: Journal, seconds: float) -> None:
    """Lets the load run for a while, until every kind of call has succeeded."""
    end = time.monotonic() + seconds
    journal.wait_for(VERBS, 60)
    time.sleep(max(0.0, end - time.monotonic()))
