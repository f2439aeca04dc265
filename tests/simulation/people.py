"""What people know: their accounts, logins and sessions, and what they were told of each.

Whoever calls learns one of three things: it is done, it was refused, or nothing. So of each thing a
person knows that it is there, that it is gone, or that it may be either.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel.self_tenant import self_tenant_id

NEVER = float("inf")


@dataclass(eq=False)
class Login:
    """A login of a person, with every token that it was given.

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
        sessions: Its sessions in the self-tenant.
        unknown_sessions: How many sessions may exist without an answer.
        first_names: Those that may be in force.
        gone_since: When its deletion was answered.
        maybe_gone: Whether something that may have deleted it was begun.
        logins_ended_until: Until when something may end logins that began before that.
        sessions_ended_until: Until when something may end sessions that began before that.
        lock: Held by what changes the password or the account.
    """

    email: str
    passwords: set[str]
    user_id: str = ""
    open_registrations: int = 0
    logins: list[Login] = field(default_factory=list)
    unknown_logins: int = 0
    sessions: list[Session] = field(default_factory=list)
    unknown_sessions: int = 0
    first_names: set[str] = field(default_factory=set)
    gone_since: float = NEVER
    maybe_gone: bool = False
    logins_ended_until: float = 0.0
    sessions_ended_until: float = 0.0
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

    def doubt_logins(self) -> None:
        """Notes that any of the logins may be ended now."""
        for one in self.logins:
            one.maybe_dead = True
