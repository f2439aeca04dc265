"""The second factors of a user, as logins see them.

The kinds are capabilities of their own, which stand above logins: these are the ports to them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from kernel.identity.devices import Device
from kernel.storage import Read, Write
from services.auth.logins.model import Method
from services.auth.security_log.model import SecurityEvent
from services.auth.users.model import User


class Answer(NamedTuple):
    """What a user shows as second factor: one of these."""

    code: str = ""
    recovery_code: str = ""
    credential: Mapping[str, Any] | None = None


class Shown(NamedTuple):
    """What is shown, and what it is checked against.

    Attributes:
        user: Who shows it.
        answer: What is shown.
        challenge: The text that a passkey must have signed.
        device: What the call comes from.
        now: The time.
        codes_allowed: Whether a code that can be guessed may be checked.
    """

    user: User
    answer: Answer
    challenge: str
    device: Device
    now: datetime
    codes_allowed: bool


class Checked(NamedTuple):
    """The outcome of a check.

    Attributes:
        methods: What is proved; None if what was shown is wrong.
        events: What the check has put into the security log, to be reported after the commit.
        user: The user, if the check has changed them; else None.
    """

    methods: frozenset[Method] | None = None
    events: tuple[SecurityEvent, ...] = ()
    user: User | None = None


WRONG = Checked()


class SecondFactor(Protocol):
    """One kind of second factor."""

    kind: str
    """Its name in the contract."""

    async def is_set_up(self, tx: Read, user_id: UUID) -> bool:
        """Whether the user has one."""
        ...

    def takes(self, answer: Answer) -> bool:
        """Whether an answer is of this kind."""
        ...

    async def check(self, tx: Write, shown: Shown) -> Checked:
        """Whether what a user shows is right. Notes its use, so that a code is good once."""
        ...


class PasskeyFactors(SecondFactor, Protocol):
    """Passkeys, which also log in alone."""

    async def prepare(self) -> None:
        """Makes ready what passkeys need: before a transaction with one of the others."""
        ...

    def options(self, challenge: str) -> Mapping[str, Any]:
        """What a browser needs to ask for a passkey of any user, who must be verified."""
        ...

    async def options_of(self, tx: Read, user_id: UUID, challenge: str) -> Mapping[str, Any] | None:
        """What a browser needs to ask for a passkey of a user; None if there are none."""
        ...

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        """The challenge that a credential claims to answer. Raises `PasskeyInvalid`."""
        ...

    async def user_of(self, tx: Read, credential: Mapping[str, Any]) -> UUID | None:
        """The user who has registered the passkey of a credential."""
        ...


class LostFactors(Protocol):
    """The recovery of a user whose second factors are lost."""

    async def time(self, tx: Read, user_id: UUID) -> datetime | None:
        """When the factors may be removed; None if no recovery is under way."""
        ...

    async def cancel(
        self, tx: Write, user: User, device: Device, now: datetime
    ) -> tuple[SecurityEvent, ...]:
        """Ends a recovery, because the user has shown a second factor."""
        ...


class SecondFactors:
    """All kinds of second factors of a deployment."""

    def __init__(self, kinds: Sequence[SecondFactor]) -> None:
        self._kinds = kinds

    async def kinds_of(self, tx: Read, user_id: UUID) -> list[str]:
        """The kinds that a user has."""
        return [kind.kind for kind in self._kinds if await kind.is_set_up(tx, user_id)]

    async def check(self, tx: Write, shown: Shown) -> Checked:
        """Whether what a user shows is right."""
        for kind in self._kinds:
            if kind.takes(shown.answer):
                return await kind.check(tx, shown)
        return WRONG
