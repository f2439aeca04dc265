"""The passkeys of users, as logins and the list of factors know them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kernel.storage import Read, Write
from services.auth.factors.model import Factor, FactorKind
from services.auth.logins.errors import PasskeyInvalid
from services.auth.logins.model import PASSKEY, VERIFIED_PASSKEY
from services.auth.logins.second_factors import WRONG, Answer, Checked, Shown
from services.auth.notifications.model import EmailKind
from services.auth.passkeys import repository
from services.auth.passkeys.lazy_ceremonies import LazyCeremonies
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.repository import PASSKEYS
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event

if TYPE_CHECKING:
    from services.auth.passkeys.ceremonies import Assertion


class Passkeys:
    """The passkeys of all users: the ports `logins.second_factors.PasskeyFactors` and `FactorSource`.

    Args:
        ceremonies: Verifies what passkeys have signed.
        events: Mails the notice of a copied passkey.
    """

    kind = FactorKind.PASSKEY.value
    is_authenticator = True

    def __init__(self, ceremonies: LazyCeremonies, events: SecurityEvents) -> None:
        self._ceremonies = ceremonies
        self._events = events

    # ── at a login ───────────────────────────────────────────────────────────────────────────

    async def is_set_up(self, tx: Read, user_id: UUID) -> bool:
        """Whether the user has one."""
        return await repository.count(tx, user_id) > 0

    def takes(self, answer: Answer) -> bool:
        """Whether an answer is a passkey."""
        return answer.credential is not None

    async def prepare(self) -> None:
        """Makes ready what passkeys need; without it, the first use holds up other calls."""
        await self._ceremonies.prepare()

    def options(self, challenge: str) -> Mapping[str, Any]:
        """What a browser needs to ask for a passkey of any user, who must be verified."""
        return self._ceremonies.get().request_options(challenge)

    async def options_of(self, tx: Read, user_id: UUID, challenge: str) -> Mapping[str, Any] | None:
        """What a browser needs to ask for a passkey of a user; None if there are none."""
        passkeys = await repository.of_user(tx, user_id)
        return self._ceremonies.get().request_options(challenge, passkeys) if passkeys else None

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        """The challenge that a credential claims to answer. Raises `PasskeyInvalid`."""
        return self._ceremonies.get().challenge_of(credential)

    async def user_of(self, tx: Read, credential: Mapping[str, Any]) -> UUID | None:
        """The user who has registered the passkey of a credential. Raises `PasskeyInvalid`."""
        presented = self._ceremonies.get().presented(credential)
        passkey = await repository.of_credential(tx, presented.credential_id)
        return None if passkey is None else passkey.user_id

    async def check(self, tx: Write, shown: Shown) -> Checked:
        """Whether what a user shows is a passkey of theirs that has signed the challenge.

        The user need not have been verified by it: the methods say whether they were.
        """
        found = await self._verified(tx, shown)
        if found is None:
            return WRONG
        passkey, assertion = found
        if _is_copy(passkey, assertion):
            return await self._copied(tx, shown)
        used = replace(passkey, sign_count=assertion.sign_count, last_used_time=shown.now)
        await PASSKEYS.put(tx, used)
        return Checked(VERIFIED_PASSKEY if assertion.user_verified else PASSKEY)

    async def _verified(self, tx: Read, shown: Shown) -> "tuple[Passkey, Assertion] | None":
        user_id = shown.user.user_id
        try:
            presented = self._ceremonies.get().presented(shown.answer.credential or {})
            passkey = await repository.of_credential(tx, presented.credential_id)
            if passkey is None or passkey.user_id != user_id:
                return None
            # Authenticators that do not store their user leave it out.
            if presented.user_handle not in {None, passkey.user_handle or user_id.bytes}:
                return None
            ceremonies = self._ceremonies.get()
            return passkey, ceremonies.authenticate(presented, passkey, shown.challenge)
        except PasskeyInvalid:
            return None

    async def _copied(self, tx: Write, shown: Shown) -> Checked:
        """Notes that two authenticators have the key of a passkey: one of them is a stranger's."""
        user, device, now = shown.user, shown.device, shown.now
        event = await security_log.append_failure(
            tx, user.user_id, device, now, event=Event.PASSKEY_COPIED
        )
        await self._events.notify(tx, user, EmailKind.PASSKEY_COPIED, device, now)
        return Checked(None, (event,))

    # ── in the list of factors ───────────────────────────────────────────────────────────────

    async def list(self, tx: Read, user_id: UUID) -> Sequence[Factor]:
        """The passkeys of a user, the oldest first."""
        return [passkey.factor for passkey in await repository.of_user(tx, user_id)]

    async def rename(self, tx: Write, user_id: UUID, factor_id: UUID, name: str) -> Factor | None:
        """Renames a passkey; returns None if it is not a passkey of this user."""
        passkey = await PASSKEYS.get(tx, user_id, factor_id)
        if passkey is None:
            return None
        renamed = replace(passkey, name=name)
        await PASSKEYS.put(tx, renamed)
        return renamed.factor

    async def remove(self, tx: Write, user_id: UUID, factor_id: UUID) -> Factor | None:
        """Removes a passkey and returns it; None if it is not a passkey of this user."""
        passkey = await PASSKEYS.get(tx, user_id, factor_id)
        if passkey is None:
            return None
        await PASSKEYS.clear(tx, passkey)
        return passkey.factor

    async def clear(self, tx: Write, user_id: UUID) -> None:
        """Removes the passkeys of a user."""
        await repository.clear_of_user(tx, user_id)


def _is_copy(passkey: Passkey, assertion: "Assertion") -> bool:
    """Whether the counter has not gone on (WebAuthn Level 3, section 6.1.1); 0 means that there is none."""
    counts = passkey.sign_count > 0 or assertion.sign_count > 0
    return counts and assertion.sign_count <= passkey.sign_count
