"""Authenticator apps as factors of users, and their codes as proofs in logins."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from kernel import log
from kernel.seal import Seal, SealKeysWrong
from kernel.storage import Read, Write
from services.auth.factors.model import Factor, FactorKind
from services.auth.logins.model import CODE
from services.auth.logins.second_factors import WRONG, Answer, Checked, Shown
from services.auth.totp.model import digits_of
from services.auth.totp.repository import TOTP_ENROLLMENTS, TOTPS, number_of, totps_of

_logger = log.get(__name__)


class TotpFactor:
    """The authenticator apps of users."""

    kind = FactorKind.TOTP.value
    is_authenticator = True

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    # ── factors ──────────────────────────────────────────────────────────────────────────────

    async def is_set_up(self, tx: Read, user_id: UUID) -> bool:
        """Whether the user has a confirmed app."""
        return await number_of(tx, user_id) > 0

    async def list(self, tx: Read, user_id: UUID) -> Sequence[Factor]:
        """The confirmed apps of a user."""
        return [totp.factor for totp in await totps_of(tx, user_id)]

    async def rename(self, tx: Write, user_id: UUID, factor_id: UUID, name: str) -> Factor | None:
        """Renames an app; returns None if it is another factor."""
        totp = await TOTPS.get(tx, user_id, factor_id)
        if totp is None:
            return None
        renamed = replace(totp, name=name)
        await TOTPS.put(tx, renamed)
        return renamed.factor

    async def remove(self, tx: Write, user_id: UUID, factor_id: UUID) -> Factor | None:
        """Removes an app and returns it as a factor; None if it is another one."""
        totp = await TOTPS.get(tx, user_id, factor_id)
        if totp is None:
            return None
        await TOTPS.clear(tx, totp)
        return totp.factor

    async def clear(self, tx: Write, user_id: UUID) -> None:
        """Removes the apps of a user, and what is not yet confirmed."""
        for totp in await totps_of(tx, user_id):
            await TOTPS.clear(tx, totp)
        enrolled = await TOTP_ENROLLMENTS.get(tx, user_id)
        if enrolled is not None:
            await TOTP_ENROLLMENTS.clear(tx, enrolled)

    # ── logins ───────────────────────────────────────────────────────────────────────────────

    def takes(self, answer: Answer) -> bool:
        """Whether an answer is a code of an app."""
        return bool(answer.code)

    async def check(self, tx: Write, shown: Shown) -> Checked:
        """Whether a code is that of one of the user's apps, and was not used before."""
        if not shown.codes_allowed:
            return WRONG
        code, used = digits_of(shown.answer.code), None
        for totp in await totps_of(tx, shown.user.user_id):
            try:
                secret = self._seal.open(totp.sealed_secret).decode()
            except SealKeysWrong:  # the key is not listed any more: other factors still are good
                _logger.warning("authenticator app cannot be opened", factor_id=str(totp.factor_id))
                continue
            used = used or totp.after(code, secret, shown.now)
        if used is None:
            return WRONG
        await TOTPS.put(tx, used)
        return Checked(CODE)
