"""The load: people who use the product, and remember what they were promised."""

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
"""How long after its use a refresh token may come again (`REFRESH_GRACE_SECONDS`)."""
_PAUSE_SECONDS = 0.06
_PAUSE_AFTER_TROUBLE_SECONDS = 0.2
_DOCUMENTS = 2
_PATCHES = 3
_TRIES = 40


@dataclass
class Document:
    """A session of the product, as its user remembers it.

    Attributes:
        name: Its name, which no other has.
        created: The call that made it; of several under one key, the one that tells most.
        promised: The states of acknowledged changes by their revision.
        doubtful: The states of changes that may have taken place.
        deletion: The call that deleted it.
    """

    name: str
    created: Call
    promised: dict[int, Any] = field(default_factory=dict)
    doubtful: list[Any] = field(default_factory=list)
    deletion: Call | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def session_id(self) -> str:
        """The id of the session."""
        return str(self.created.data["sessionId"])

    def settle(self, state: Any, call: Call) -> str:
        """Notes what became of a change; gives what is wrong with it, if anything is."""
        with self._lock:
            if not call.unknown:
                self.doubtful.remove(state)
            if not call.acknowledged:
                return ""
            revision = call.data["revision"]
            if revision in self.promised:
                return f"revision {revision} of {self.name} was given twice"
            self.promised[revision] = state
            if revision > len(self.promised) + len(self.doubtful):
                return f"revision {revision} of {self.name} is more than was changed: {self}"
            return "" if call.data["state"] == state else f"{state} became {call.data}"


def first_state(name: str) -> Any:
    """The state that a session is created with."""
    return {"of": name, "change": 0}


@dataclass
class Account:
    """A user, as that user remembers it.

    Attributes:
        email: Its address.
        registered: The call that made it.
        access_token: Good for as long as a test takes.
        refresh_token: The last one acknowledged.
        doubt_began: When the first refresh with it began whose end is unknown.
        logins: How many logins were acknowledged.
        doubtful_logins: How many may have taken place.
        documents: Its sessions.
    """

    email: str
    registered: Call
    access_token: str = ""
    refresh_token: str = ""
    doubt_began: float | None = None
    logins: int = 0
    doubtful_logins: int = 0
    documents: list[Document] = field(default_factory=list)

    @property
    def user_id(self) -> str:
        """The id of the user."""
        return str(self.registered.data["user"]["userId"])

    def accept(self, tokens: dict[str, str]) -> None:
        """Goes on with new tokens."""
        self.access_token = tokens["accessToken"]
        self.refresh_token = tokens["refreshToken"]
        self.doubt_began = None


class Client:
    """One client, which is one person after the other and calls one after the other.

    Args:
        caller: Makes its calls.
        journal: Where they are, and where it says what it finds wrong at once.
        shared: The user whose one session every client changes, and that session.
    """

    def __init__(
        self, caller: Caller, journal: Journal, shared: tuple[Account, Document] | None
    ) -> None:
        self._caller = caller
        self._journal = journal
        self._shared = shared
        self._stop = threading.Event()
        self.accounts: list[Account] = []

    def run(self, stop: threading.Event) -> None:
        """Lives one life after the other."""
        self._stop = stop
        while not stop.is_set():
            self.live()

    def close(self) -> None:
        """Closes its connections."""
        self._caller.close()

    def live(self) -> None:
        """Registers and does all there is to do; as somebody from before if that cannot be."""
        account = self.register()
        if not account.access_token:
            known = [account for account in self.accounts if account.access_token]
            if not known:
                return
            account = known[-1]
        self.log_in(account)
        self._do("tenants", "GET", "/tenants", token=account.access_token)
        for number in range(_DOCUMENTS):
            document = self.create(account, keyed=bool(number))
            if document is None:
                continue
            for _ in range(_PATCHES):
                self.patch(account, document)
            self.read(account, document)
            self.refresh(account)
            if number:
                self.delete(account, document)
            if self._shared:
                self.patch(*self._shared, verb="share")

    def register(self) -> Account:
        """Makes an account."""
        email = f"{uuid4()}@example.com"
        call = self._do("register", "POST", "/auth/register", registration(email))
        account = Account(email, call)
        self.accounts.append(account)
        self._logged_in(account, call)
        return account

    def log_in(self, account: Account) -> Call:
        """Begins one more login."""
        body = {"email": account.email, "password": PASSWORD}
        call = self._do("login", "POST", "/auth/login", body)
        self._logged_in(account, call)
        return call

    def refresh(self, account: Account) -> Call:
        """Exchanges the refresh token; tries again later if nobody knows whether it was."""
        body = {"refreshToken": account.refresh_token}
        call = self._do("refresh", "POST", "/auth/refresh", body, allowed=(401,))
        began = account.doubt_began
        if call.acknowledged:
            account.accept(call.data["tokens"])
        elif call.unknown:
            account.doubt_began = call.began if began is None else began
        elif call.status == 401:
            # The answer to the exchange was lost, and the repeat came after the grace.
            if began is None or call.began + call.seconds - began <= GRACE_SECONDS:
                self._flaw(f"a good refresh token was refused: {call}")
            account.logins -= 1
            self.log_in(account)
        return call

    def create(self, account: Account, *, keyed: bool) -> Document | None:
        """Makes a session; with a key, again and again until it is known to be there."""
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
        # If none was acknowledged, one that nobody knows of tells more than one that was refused.
        document = Document(name, max(calls, key=lambda call: (call.acknowledged, call.unknown)))
        account.documents.append(document)
        if not document.created.acknowledged:
            return None
        document.promised[1] = document.created.data["state"]
        return document

    def patch(self, account: Account, document: Document, verb: str = "patch") -> Call:
        """Changes the state of a session; on its revision, where that is known for sure."""
        state = {"of": document.name, "change": str(uuid4())}
        body: dict[str, Any] = {"state": state}
        sure = verb == "patch" and not document.doubtful
        if sure:
            body["revision"] = max(document.promised)
        path = f"/sessions/{document.session_id}"
        # Before the call: an answer of another client may already tell of it.
        document.doubtful.append(state)
        call = self._do(verb, "PATCH", path, body, token=account.access_token)
        self._flaw(document.settle(state, call))
        return call

    def read(self, account: Account, document: Document) -> None:
        """Looks at a session: it has all that was acknowledged before."""
        path = f"/sessions/{document.session_id}"
        call = self._do("read", "GET", path, token=account.access_token)
        last = max(document.promised)
        if call.acknowledged and not document.doubtful:
            self._flaw("" if call.data["revision"] == last else f"{call} of {document}")
        elif call.acknowledged:
            self._flaw("" if call.data["revision"] >= last else f"{call} of {document}")

    def delete(self, account: Account, document: Document) -> None:
        """Deletes a session."""
        path = f"/sessions/{document.session_id}"
        document.deletion = self._do("delete", "DELETE", path, token=account.access_token)

    def _logged_in(self, account: Account, call: Call) -> None:
        if call.acknowledged:
            account.accept(call.data["tokens"])
            account.logins += 1
        elif call.unknown:
            account.doubtful_logins += 1

    def _do(
        self, verb: str, method: str, path: str, body: Any = None,
        allowed: tuple[int, ...] = (), **more: Any,
    ) -> Call:  # fmt: skip
        """Calls; none of what a client sends is wrong, so a refusal is, unless allowed."""
        call = self._caller.call(verb, method, path, body, **more)
        self._flaw(call.flaw)
        if 400 <= call.status < 500 and call.status not in allowed:
            self._flaw(f"{verb} was refused: {call}")
        self._stop.wait(_PAUSE_SECONDS if call.acknowledged else _PAUSE_AFTER_TROUBLE_SECONDS)
        return call

    def _flaw(self, text: str) -> None:
        if text:
            self._journal.flaws.append(text)


class Load:
    """Several clients at once, for as long as it is entered.

    Args:
        url: Where the gateway is.
        journal: Where all their calls are written down.
        number: How many clients.
        others: More clients, who lead another life.
    """

    def __init__(
        self, url: str, journal: Journal, number: int = CLIENTS, others: Sequence[Client] = ()
    ) -> None:
        self._stop = threading.Event()
        self._failed: list[BaseException] = []
        first = Client(self._caller(url, journal), journal, None)
        account = first.register()
        document = first.create(account, keyed=False)
        assert document is not None, journal.codes()
        self.shared = account, document
        self._clients = [first] + [
            Client(self._caller(url, journal), journal, self.shared) for _ in range(number)
        ]
        self._others = others
        self._threads = [
            threading.Thread(target=self._guarded, args=(client.run,))
            for client in (*self._clients[1:], *others)
        ]

    def __enter__(self) -> Self:
        """Has the clients begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Has the clients end what they do."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for client in (*self._clients, *self._others):
            client.close()
        assert not self._failed, self._failed

    @property
    def people(self) -> list[Account]:
        """Everybody they have been, without the others."""
        return [account for client in self._clients for account in client.accounts]

    def _caller(self, url: str, journal: Journal) -> Caller:
        return Caller(url, journal.calls.append)

    def _guarded(self, run: Callable[[threading.Event], None]) -> None:
        try:
            run(self._stop)
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to raise it to
            self._failed.append(error)


def settle(journal: Journal, seconds: float) -> None:
    """Lets the load run a little, and every kind of call get through."""
    end = time.monotonic() + seconds
    journal.wait_for(VERBS, 60)
    time.sleep(max(0.0, end - time.monotonic()))
