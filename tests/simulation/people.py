"""What people know: their accounts, logins and sessions, and what they were told of each.

Whoever calls learns one of three things: it is done, it was refused, or nothing. So of each thing a
person knows that it is there, that it is gone, or that it may be either.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel.self_tenant import self_tenant_id
from tests.simulation.world import Outcome

NEVER = float("inf")


@dataclass(eq=False)
class Ends:
    """What may end things that began before it, several calls at once among it.

    Attributes:
        open: How many such calls are under way, or were not answered.
        latest: When the last one was answered.
    """

    open: int = 0
    latest: float = 0.0

    @property
    def until(self) -> float:
        """Until when something may end what began before that."""
        return NEVER if self.open else self.latest

    def answered(self, found: Outcome) -> None:
        """Notes the answer to such a call; one that was not answered stays open."""
        if not found.unknown:
            self.open -= 1
            self.latest = max(self.latest, found.ended)


@dataclass(eq=False)
class Switch:
    """Something that one operator turns on and off, one call after the other.

    Attributes:
        on_since: Since when it certainly is on; `NEVER` if it may be off.
        off_since: Since when it certainly is off; `NEVER` if it may be on.
        maybe_on: Whether a call that turns it on was not answered, and may take place later.
        maybe_off: Whether a call that turns it off was not answered, and may take place later.
    """

    on_since: float = NEVER
    off_since: float = 0.0
    maybe_on: bool = False
    maybe_off: bool = False

    async def turn(self, call: Awaitable[Outcome], *, on: bool) -> Outcome:
        """Waits for a call that turns it on or off, and notes what is known of it meanwhile."""
        before = self.on_since, self.off_since
        if on:
            self.off_since = NEVER
        else:
            self.on_since = NEVER
        found = await call
        if found.refused:
            self.on_since, self.off_since = before
        elif found.unknown:
            self.maybe_on |= on
            self.maybe_off |= not on
        elif found.ok and on and not self.maybe_off:
            self.on_since = min(self.on_since, found.ended)
        elif found.ok and not on and not self.maybe_on:
            self.off_since = min(self.off_since, found.ended)
        return found

    def was_on(self, since: float) -> bool:
        """Whether it certainly has been on since then."""
        return self.on_since <= since

    def was_off(self, since: float) -> bool:
        """Whether it certainly has been off since then."""
        return self.off_since <= since

    def changes(self, *, on: bool) -> tuple[int, int]:
        """How often turning it on or off changes something: at least, and at most."""
        same, other = (self.on_since, self.off_since) if on else (self.off_since, self.on_since)
        return int(other < NEVER), int(same == NEVER)

    def settle(self) -> None:
        """Notes that no earlier call takes place any more."""
        self.maybe_on = self.maybe_off = False


@dataclass(eq=False)
class Login:
    """A login of a person, or the grant of a program, with every token that it was given.

    Attributes:
        account: Whose it is.
        login_id: Its id.
        tokens: The access tokens, the newest last.
        elsewhere: The access tokens for organizations.
        refresh_token: The one in force.
        spent: Refresh tokens whose successor was used.
        dead_since: When its end was answered.
        maybe_dead: Whether something that may have ended it was begun.
        lock: Held while it is refreshed.
    """

    account: "Account"
    login_id: str
    tokens: list[str]
    refresh_token: str
    spent: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    dead_since: float = NEVER
    maybe_dead: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def alive(self) -> bool:
        """Whether it certainly is in force."""
        return not self.maybe_dead and self.dead_since == NEVER

    def end(self, when: float) -> None:
        """Notes that its end was answered."""
        self.maybe_dead = True
        self.dead_since = min(self.dead_since, when)


@dataclass(eq=False)
class Session:
    """A workspace session of a person.

    Attributes:
        session_id: Its id.
        revision: The newest that was answered.
        names: The name at each revision that was answered.
        pending: Names that may have been set.
        gone_since: When its end was answered.
        maybe_gone: Whether something that may have ended it was begun.
    """

    session_id: str
    revision: int
    names: dict[int, str]
    pending: set[str] = field(default_factory=set)
    gone_since: float = NEVER
    maybe_gone: bool = False

    def end(self, when: float) -> None:
        """Notes that its end was answered."""
        self.maybe_gone = True
        self.gone_since = min(self.gone_since, when)


@dataclass(eq=False)
class Account:
    """A person's account.

    Attributes:
        email: Its address.
        passwords: Those that may be in force; one if it is certain.
        user_id: Its id; empty while it is not known to exist.
        open_registrations: How many registrations of it may still take place.
        logins: Its logins, as far as they were answered.
        unknown_logins: How many logins may have begun without an answer.
        grants: Those of its programs, as far as they were answered.
        unknown_grants: How many grants may have begun without an answer.
        sessions: Its sessions in the self-tenant.
        unknown_sessions: How many sessions may exist without an answer.
        first_names: Those that may be in force.
        gone_since: When its deletion was answered.
        maybe_gone: Whether something that may have erased it was begun.
        disabled: Whether an operator has disabled it.
        held: Whether it is under a legal hold, in which nothing erases it.
        deletion_waits: Whether a deletion of it may wait: it was begun under a legal hold, or not answered.
        login_ends: What may end its logins.
        session_ends: What may end its sessions.
        lock: Held by what changes the password or the account.
    """

    email: str
    passwords: set[str]
    user_id: str = ""
    open_registrations: int = 0
    logins: list[Login] = field(default_factory=list)
    unknown_logins: int = 0
    grants: list[Login] = field(default_factory=list)
    unknown_grants: int = 0
    sessions: list[Session] = field(default_factory=list)
    unknown_sessions: int = 0
    first_names: set[str] = field(default_factory=set)
    gone_since: float = NEVER
    maybe_gone: bool = False
    disabled: Switch = field(default_factory=Switch)
    held: Switch = field(default_factory=Switch)
    deletion_waits: bool = False
    login_ends: Ends = field(default_factory=Ends)
    session_ends: Ends = field(default_factory=Ends)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    names_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def self_tenant(self) -> str:
        """The id of the tenant that is the person's own, in which the logins act."""
        return str(self_tenant_id(UUID(self.user_id)))

    @property
    def living(self) -> list[Login]:
        """The logins that certainly are in force."""
        return [one for one in self.logins if one.alive]

    @property
    def dead(self) -> list[Login]:
        """The logins whose end was answered."""
        return [one for one in self.logins if one.dead_since < NEVER]

    @property
    def accesses(self) -> list[Login]:
        """The logins and the grants: what ends all logins ends all grants, too."""
        return [*self.logins, *self.grants]

    def doubt_logins(self) -> None:
        """Notes that any of the logins and grants may be ended now."""
        for one in self.accesses:
            one.maybe_dead = True

    def doubt_existence(self) -> None:
        """Notes that it may be erased now, and its sessions with it."""
        self.maybe_gone = True
        self.session_ends.open += 1
        for session in self.sessions:
            session.maybe_gone = True

    async def deleted(self, call: Awaitable[Outcome]) -> Outcome:
        """Waits for a call that deletes it, and notes what is known of it meanwhile.

        Under a legal hold its logins end, and it waits: it is erased after the hold, unless a login
        undoes that.
        """
        ended = self.accesses
        self.doubt_logins()
        self.login_ends.open += 1
        if self.held.on_since < NEVER:
            self.deletion_waits = True
        else:
            self.doubt_existence()
        found = await call
        if not found.ok and not found.refused:
            self.deletion_waits = True
        if found.ok:
            if found.answer.HasField("delete_time"):
                self.deletion_waits = True
                self.login_ends.answered(found)
            else:
                self.gone_since = min(self.gone_since, found.ended)
                ended = self.accesses
            for one in ended:
                one.end(found.ended)
        return found
