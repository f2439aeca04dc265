"""Makes and takes recovery codes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.factors.errors import NoSecondFactor
from services.auth.factors.model import Factor, FactorKind, NewRecoveryCodes
from services.auth.logins.model import CODE
from services.auth.logins.repository import require_login
from services.auth.logins.second_factors import WRONG, Answer, Checked, Shown
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens import codes
from services.auth.recovery_codes.model import CHARACTERS, NUMBER, RecoveryCodes, hash_of
from services.auth.recovery_codes.repository import ALL_RECOVERY_CODES
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.repository import require_user


class RecoveryCodeFactor:
    """Recovery codes as factors of users, and as proofs in logins."""

    kind = FactorKind.RECOVERY_CODES.value
    is_authenticator = False

    def __init__(self, runtime: Runtime, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._ids = runtime.ids
        self._events = events

    async def replace_all(self, call: Call) -> list[str]:
        """Makes new codes for the caller; those of before are not good any more.

        Raises `NoSecondFactor`, `AccessTokenRevoked`.
        """
        now, user_id = self._runtime.clock.now(), call.caller.user_id
        new = self.new(user_id, now)
        event = SecurityEvent.by(call, Event.RECOVERY_CODES_CREATED, now)

        async def put(tx: Write) -> None:
            user = await require_user(tx, user_id)
            await require_login(tx, user_id, call.caller.login_id)
            if not user.second_factor:
                raise NoSecondFactor
            await self.put(tx, new)
            security_log.append(tx, event)
            kind = EmailKind.RECOVERY_CODES_CREATED
            await self._events.notify(tx, user, kind, call.device, now)

        await self._runtime.store.write(put)
        self._events.report(event)
        return new.texts

    # ── factors ──────────────────────────────────────────────────────────────────────────────

    def new(self, user_id: UUID, now: datetime) -> NewRecoveryCodes:
        """New codes of a user; not yet stored."""
        made = [codes.code_of(self._ids.secret(), CHARACTERS) for _ in range(NUMBER)]
        shown = [codes.shown(code) for code in made]
        return NewRecoveryCodes(self._ids.uuid(), user_id, shown, now)

    async def put(self, tx: Write, new: NewRecoveryCodes) -> None:
        """Stores codes; those of before are not good any more."""
        hashes = frozenset(hash_of(new.user_id, text) for text in new.texts)
        stored = RecoveryCodes(new.factor_id, new.user_id, hashes, new.create_time)
        await ALL_RECOVERY_CODES.put(tx, stored)

    async def is_set_up(self, tx: Read, user_id: UUID) -> bool:
        """Whether the user has a code left."""
        stored = await ALL_RECOVERY_CODES.get(tx, user_id)
        return stored is not None and bool(stored.hashes)

    async def list(self, tx: Read, user_id: UUID) -> Sequence[Factor]:
        """The codes of a user: one factor or none."""
        stored = await ALL_RECOVERY_CODES.get(tx, user_id)
        return [] if stored is None else [stored.factor]

    async def rename(self, tx: Write, user_id: UUID, factor_id: UUID, name: str) -> Factor | None:  # noqa: ARG002 - of a port
        """Nothing: codes have no name."""
        return None

    async def remove(self, tx: Write, user_id: UUID, factor_id: UUID) -> Factor | None:
        """Removes the codes and returns them as a factor; None if it is another one."""
        stored = await ALL_RECOVERY_CODES.get(tx, user_id)
        if stored is None or stored.factor_id != factor_id:
            return None
        await ALL_RECOVERY_CODES.clear(tx, stored)
        return stored.factor

    async def clear(self, tx: Write, user_id: UUID) -> None:
        """Removes the codes of a user."""
        stored = await ALL_RECOVERY_CODES.get(tx, user_id)
        if stored is not None:
            await ALL_RECOVERY_CODES.clear(tx, stored)

    # ── logins ───────────────────────────────────────────────────────────────────────────────

    def takes(self, answer: Answer) -> bool:
        """Whether an answer is a recovery code."""
        return bool(answer.recovery_code)

    async def check(self, tx: Write, shown: Shown) -> Checked:
        """Whether a code is right, and was not used before. Also while codes of apps are stopped."""
        user, code = shown.user, codes.read(shown.answer.recovery_code, CHARACTERS)
        stored = await ALL_RECOVERY_CODES.get(tx, user.user_id)
        if stored is None or code is None:
            return WRONG
        used = hash_of(user.user_id, codes.shown(code))
        if used not in stored.hashes:
            return WRONG
        left = replace(stored, hashes=stored.hashes - {used}, last_used_time=shown.now)
        await ALL_RECOVERY_CODES.put(tx, left)
        event = SecurityEvent.done(user.user_id, Event.RECOVERY_CODE_USED, shown.now, shown.device)
        security_log.append(tx, event)
        kind = EmailKind.RECOVERY_CODE_USED
        await self._events.notify(tx, user, kind, shown.device, shown.now)
        return Checked(CODE, (event,))
