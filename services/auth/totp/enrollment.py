"""The setup of an authenticator app: a new secret, and its first code."""

import asyncio
from dataclasses import dataclass, replace
from io import BytesIO
from uuid import UUID

import pyotp

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.factors.changes import FactorChanges
from services.auth.factors.errors import FactorLimitReached, FactorNotFound
from services.auth.factors.model import MOST_OF_A_KIND, AddedFactor, Factor
from services.auth.logins.errors import SecondFactorWrong
from services.auth.logins.model import CODE
from services.auth.logins.repository import require_login
from services.auth.totp.model import Totp, digits_of
from services.auth.totp.repository import TOTP_ENROLLMENTS, TOTPS, number_of
from services.auth.users.model import User
from services.auth.users.repository import require_user

ISSUER = "Coditect"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """A new secret, in the forms in which an app takes it."""

    factor_id: UUID
    secret: str
    """In base32."""
    uri: str
    """As an `otpauth://` URI."""

    async def qr_svg(self) -> str:
        """As a QR code of the URI: an SVG document, drawn in a thread because it takes milliseconds."""
        return await asyncio.to_thread(_qr_svg, self.uri)


class EnrollTotp:
    """The use cases of a setup."""

    def __init__(self, runtime: Runtime, changes: FactorChanges) -> None:
        self._runtime = runtime
        self._changes = changes

    async def enroll(self, call: Call, name: str) -> Enrollment:
        """Makes a secret for the caller, in the place of one that is not confirmed.

        Raises `FactorLimitReached`, `AccessTokenRevoked`.
        """
        secret, factor_id = pyotp.random_base32(), self._runtime.ids.uuid()
        now, user_id = self._runtime.clock.now(), call.caller.user_id
        sealed = self._runtime.seal.encrypt(secret.encode())

        async def put(tx: Write) -> User:
            user = await require_user(tx, user_id)
            await require_login(tx, user_id, call.caller.login_id)
            await _require_room(tx, user_id)
            await TOTP_ENROLLMENTS.put(tx, Totp(factor_id, user_id, name, sealed, now))
            return user

        user = await self._runtime.store.write(put)
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
        return Enrollment(factor_id, secret, uri)

    async def confirm(self, call: Call, factor_id: UUID, code: str) -> AddedFactor:
        """Turns the app on by its first code. A wrong one is no guess: the caller knows the secret.

        Raises `FactorNotFound`, `FactorLimitReached`, `SecondFactorWrong`, `AccessTokenRevoked`.
        """
        now = self._runtime.clock.now()

        async def confirm(tx: Write, user: User) -> Factor:
            enrolled = await TOTP_ENROLLMENTS.get(tx, user.user_id)
            if enrolled is None or enrolled.factor_id != factor_id or enrolled.expire_time <= now:
                raise FactorNotFound
            secret = self._runtime.seal.open(enrolled.sealed_secret).decode()
            used = enrolled.after(digits_of(code), secret, now)
            if used is None:
                raise SecondFactorWrong
            await _require_room(tx, user.user_id)
            confirmed = replace(used, confirm_time=now, last_used_time=None)
            await TOTP_ENROLLMENTS.clear(tx, enrolled)
            await TOTPS.put(tx, confirmed)
            return confirmed.factor

        return await self._changes.add(call, CODE, confirm)


async def _require_room(tx: Write, user_id: UUID) -> None:
    if await number_of(tx, user_id) >= MOST_OF_A_KIND:
        raise FactorLimitReached({"limit": str(MOST_OF_A_KIND)})


def _qr_svg(text: str) -> str:
    # Imported with the first code: it takes 1 MB.
    import segno  # noqa: PLC0415

    out = BytesIO()
    segno.make_qr(text).save(out, kind="svg", xmldecl=False, scale=4)
    return out.getvalue().decode()
