"""The change of an account's address: asked for by the user, done by the proof of the new address.

Until then nothing changes. If the account has proved its present address, a link that undoes the
change is mailed there. Whether another account has the new address makes no difference to the request:
the mailer looks for it when it sends the email.
"""

from dataclasses import replace
from datetime import datetime

from kernel.emails import normalized_email
from kernel.errors import AccessTokenMissing, AccessTokenRevoked, StorageConflict
from kernel.identity.callers import Call, Caller
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.storage import Read, Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.email_addresses.take_over import take_over
from services.auth.logins.repository import LOGINS
from services.auth.notifications.model import EmailKind
from services.auth.notifications.proof_emails import NewProofEmail, ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import UNDOS, OneTimeToken, Purpose
from services.auth.one_time_tokens.one_time_tokens import payload_of, require_alive
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user

_ENDED = (Purpose.REGISTER, Purpose.VERIFY_EMAIL)


class ChangeEmail:
    """The use case of a change, and the handler of its proof; see `ProofHandler`."""

    def __init__(
        self,
        runtime: Runtime,
        proof_emails: ProofEmails,
        erasure: EraseAccount,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._proof_emails = proof_emails
        self._erasure = erasure
        self._log = log
        self._events = events

    async def ask(self, call: Call, new_email: str) -> None:
        """Mails a proof to the new address, and a notice with an undo link to a proved old one.

        Nothing is mailed if the address is the present one, or if the mailbox of either has got too
        many emails today: there is no change without the notice. Raises `AccessTokenRevoked`,
        `StorageConflict`, `TooManyEmails`.
        """
        store, now = self._runtime.store, self._runtime.clock.now()
        user = await store.read(lambda tx: _require_login(tx, call.caller))
        if normalized_email(new_email) == normalized_email(user.email):
            return
        proof = self._new(EmailKind.CHANGE_EMAIL, user, new_email, now, call.device)
        undo = self._new(EmailKind.CHANGE_REQUESTED, user, user.email, now, call.device)
        event = SecurityEvent.by(call, Event.EMAIL_CHANGE_REQUESTED, now)

        async def ask(tx: Write) -> None:
            latest = await _require_login(tx, call.caller)
            if latest.email != user.email:  # then the undo link is for another mailbox
                raise StorageConflict
            security_log.append(tx, event)
            if latest.email_verified and not await self._proof_emails.put(tx, undo):
                return
            await self._proof_emails.put(tx, proof)

        await store.write(ask)
        self._events.report(event)

    def _new(
        self, kind: EmailKind, user: User, to: str, now: datetime, device: Device
    ) -> NewProofEmail:
        """A token for a user that is mailed to an address, and the email."""
        return self._proof_emails.new(
            kind,
            to,
            now,
            language=user.language,
            user_id=user.user_id,
            payload=f"{user.profile_revision} {to}".encode(),
            device=device,
        )

    async def prove(self, call: Call, token: OneTimeToken, _: str) -> User:
        """Changes the address of the caller, who has proved to own the new one.

        The caller must be logged in to the account of the token: who reads a mailbox that a user
        mistyped must not get the user's account. Raises `AccessTokenMissing`, `AccessTokenRevoked`,
        `OneTimeTokenInvalid`.
        """
        caller, now = call.caller_if_any, self._runtime.clock.now()
        if caller is None:
            raise AccessTokenMissing
        if caller.user_id != token.user_id:
            raise OneTimeTokenInvalid
        email = address_of(token, self._runtime.seal)
        event = SecurityEvent.by(call, Event.EMAIL_CHANGED, now)

        async def change(tx: Write) -> tuple[User, bool]:
            await require_alive(tx, token, now)
            user = await _require_login(tx, caller)
            removed = await take_over(tx, self._erasure, email, now, by=user.user_id)
            changed = await set_email(tx, user, email, now)
            await one_time_tokens.clear_of_user(tx, user.user_id, but=UNDOS)
            await one_time_tokens.clear_of_address(tx, normalized_email(email), _ENDED)
            security_log.append(tx, event)
            await self._notify(tx, user, email, now, call.device)
            return changed, removed

        changed, removed = await self._runtime.store.write(change, essential=True)
        self._events.report(event)
        if removed:
            await self._log.wait_until_enforced()
        return changed

    async def _notify(
        self, tx: Write, user: User, new_email: str, now: datetime, device: Device
    ) -> None:
        """Queues the notices of a change: to the old address if it was proved, and to the new one."""
        for to in ("", new_email):
            await self._events.notify(tx, user, EmailKind.EMAIL_CHANGED, device, now, to)


async def set_email(tx: Write, user: User, email: str, now: datetime, **changes: object) -> User:
    """Gives a user a proved address, and has tenants learn it."""
    changed: User = replace(
        user,
        email=email,
        email_verify_time=now,
        address_corrected=False,
        profile_revision=user.profile_revision + 1,
        **changes,  # type: ignore[arg-type] # fields of a user
    )
    await USERS.put(tx, changed)
    outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id))
    return changed


def address_of(token: OneTimeToken, seal: Seal) -> str:
    """The address in the payload of a token. Raises `OneTimeTokenInvalid` if no seal key fits."""
    return _opened(token, seal)[1]


def revision_of(token: OneTimeToken, seal: Seal) -> int:
    """The revision of the profile when a token was made. Raises as `address_of`.

    It tells which of two changes was first, which times of different processes do not.
    """
    return int(_opened(token, seal)[0])


def _opened(token: OneTimeToken, seal: Seal) -> list[str]:
    return payload_of(token, seal).decode().split(" ", 1)


async def _require_login(tx: Read, caller: Caller) -> User:
    """The user of a caller whose login is still there. Raises `AccessTokenRevoked`.

    An access token can be trusted for a moment after its login has ended. Such a moment must not be
    enough to take an account away after an undo or a reset.
    """
    user = await require_user(tx, caller.user_id)
    if await LOGINS.get(tx, caller.user_id, caller.login_id) is None:
        raise AccessTokenRevoked
    return user
