"""The export of users as lines that an import takes."""

from base64 import urlsafe_b64encode
from typing import NamedTuple

from kernel.seal import Seal
from kernel.storage import Read
from kernel.storage.recipes.paging import Page
from services.auth.importing.lines import (
    FactorLine,
    PasskeyLine,
    RecoveryCodesLine,
    TotpLine,
    UserLine,
)
from services.auth.passkeys import repository as passkeys
from services.auth.recovery_codes.repository import ALL_RECOVERY_CODES
from services.auth.totp.repository import totps_of
from services.auth.users.model import User
from services.auth.users.repository import USERS


class FactorSecrets(NamedTuple):
    """What an export of factors needs.

    Attributes:
        seal: Opens the secrets of apps.
        rp_id: The domain that passkeys belong to.
    """

    seal: Seal
    rp_id: str


async def user_lines(
    tx: Read,
    *,
    after: bytes | None,
    limit: int,
    hashes: bool,
    secrets: FactorSecrets | None,
) -> Page[UserLine]:
    """Users in the order of their ids, at most `limit`.

    Raises `SealKeysWrong` if the keys do not open the secret of an app.

    Args:
        tx: The transaction.
        after: The last key of the page before; None for the first one.
        limit: The maximum number of users.
        hashes: Whether to give password hashes.
        secrets: What the factors need; None to leave them out.
    """
    page = await USERS.page(tx, after=after, limit=limit)
    lines: list[UserLine] = []
    for user in page.items:
        factors = [] if secrets is None else await _factors(tx, user, secrets)
        lines.append(_line(user, factors, hashes=hashes))
    return Page(lines, page.last_key)


def _line(user: User, factors: list[FactorLine], *, hashes: bool) -> UserLine:
    return UserLine(
        kind="user",
        id=user.user_id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        company=user.company,
        language=user.language,
        email_verified=user.email_verified,
        email_verify_time=user.email_verify_time,
        disabled=user.disabled,
        disable_time=user.disable_time,
        hold_time=user.hold_time,
        delete_time=user.delete_time,
        create_time=user.create_time,
        password_hash=user.password_hash if hashes else "",
        factors=tuple(factors),
    )


async def _factors(tx: Read, user: User, secrets: FactorSecrets) -> list[FactorLine]:
    if not user.second_factor:
        return []
    found: list[FactorLine] = [
        TotpLine(
            kind="totp",
            name=totp.name,
            secret=secrets.seal.open(totp.sealed_secret).decode(),
            create_time=totp.confirm_time or totp.create_time,
            last_used_time=totp.last_used_time,
        )
        for totp in await totps_of(tx, user.user_id)
    ]
    found += [
        PasskeyLine(
            kind="passkey",
            name=passkey.name,
            rp_id=secrets.rp_id,
            credential_id=_base64url(passkey.credential_id),
            public_key=_base64url(passkey.public_key),
            sign_count=passkey.sign_count,
            transports=passkey.transports,
            user_handle=_base64url(passkey.user_handle),
            create_time=passkey.create_time,
            last_used_time=passkey.last_used_time,
        )
        for passkey in await passkeys.of_user(tx, user.user_id)
    ]
    codes = await ALL_RECOVERY_CODES.get(tx, user.user_id)
    if codes is not None:
        hashes = sorted(one.hex() for one in codes.hashes)
        found.append(
            RecoveryCodesLine(
                kind="recoveryCodes",
                hashes=hashes,
                create_time=codes.create_time,
                last_used_time=codes.last_used_time,
            )
        )
    return found


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
