"""Reads the second factors of a line, and writes them with their user."""

import binascii
from base64 import b32decode, b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kernel.fields import Fields
from kernel.ids import Ids
from kernel.import_lines import checked_time
from kernel.refusals import refusal
from kernel.seal import Seal
from kernel.storage import Read, Write
from services.auth.factors.model import MOST_OF_A_KIND
from services.auth.importing.lines import FactorLine, PasskeyLine, RecoveryCodesLine, TotpLine
from services.auth.logins.errors import PasskeyInvalid
from services.auth.passkeys import repository as passkeys
from services.auth.passkeys.ceremonies import check_imported
from services.auth.passkeys.model import Passkey
from services.auth.passkeys.repository import PASSKEYS, USER_HANDLE_BYTES
from services.auth.recovery_codes.model import RecoveryCodes
from services.auth.recovery_codes.repository import ALL_RECOVERY_CODES
from services.auth.totp.model import Totp
from services.auth.totp.repository import TOTPS
from services.auth.users.model import User

_LEAST_SECRET_BYTES = 10
_MOST_SECRET_BYTES = 64
_NAME_CHARACTERS = 100
_TRANSPORT_CHARACTERS = 20


@dataclass(slots=True)
class NewFactors:
    """The factors of a line, as they are stored."""

    totps: list[Totp] = field(default_factory=list)
    passkeys: list[Passkey] = field(default_factory=list)
    codes: RecoveryCodes | None = None

    @property
    def has_authenticator(self) -> bool:
        """Whether a login asks for one of them."""
        return bool(self.totps or self.passkeys)


class FactorReader:
    """Checks the factors of lines.

    Args:
        ids: Makes their ids.
        seal: Seals the secrets of apps; None without the seal keys of auth.
        rp_id: The domain that passkeys belong to.
    """

    def __init__(self, ids: Ids, seal: Seal | None, rp_id: str) -> None:
        self._ids = ids
        self._seal = seal
        self._rp_id = rp_id

    def read(
        self,
        fields: Fields,
        lines: Sequence[FactorLine],
        user: User,
        now: datetime,
        *,
        has_id: bool,
    ) -> NewFactors:
        """The factors of a user; notes what is wrong."""
        new = NewFactors()
        for at, line in enumerate(lines):
            place = f"factors[{at}]"
            if isinstance(line, TotpLine):
                new.totps.append(self._totp(fields, place, line, user, now))
            elif isinstance(line, PasskeyLine):
                new.passkeys.append(self._passkey(fields, place, line, user, now))
            elif not has_id:
                fields.refuse(place, "ID_REQUIRED", "Recovery codes are bound to the id of a user.")
            elif new.codes is not None:
                fields.refuse(place, "TOO_MANY", "A user has recovery codes once.")
            else:
                new.codes = self._codes(fields, place, line, user, now)
        if max(len(new.totps), len(new.passkeys)) > MOST_OF_A_KIND:
            fields.refuse("factors", "TOO_MANY", "There are too many factors of one kind.")
        if len({passkey.credential_id for passkey in new.passkeys}) < len(new.passkeys):
            fields.refuse("factors", "PASSKEY_EXISTS", "A passkey is there twice.")
        if new.codes is not None and not new.has_authenticator:
            fields.refuse(
                "factors", "NO_AUTHENTICATOR", "Recovery codes stand in for another factor."
            )
        return new

    def _totp(self, fields: Fields, place: str, line: TotpLine, user: User, now: datetime) -> Totp:
        secret = "".join(line.secret.split()).upper().rstrip("=")
        if not _is_secret(secret):
            fields.refuse(f"{place}.secret", "NOT_A_SECRET", "Must be 10 to 64 bytes in base32.")
        if self._seal is None:
            fields.refuse(place, "SEAL_KEYS_REQUIRED", "SEAL_KEYS of auth are needed to store it.")
        sealed = b"" if self._seal is None else self._seal.encrypt(secret.encode(errors="replace"))
        made = checked_time(fields, f"{place}.createTime", line.create_time, now)
        return Totp(
            factor_id=self._ids.uuid(),
            user_id=user.user_id,
            name=_name(fields, place, line.name),
            sealed_secret=sealed,
            create_time=made,
            confirm_time=made,
            last_used_time=_used(fields, place, line, now),
        )

    def _passkey(
        self, fields: Fields, place: str, line: PasskeyLine, user: User, now: datetime
    ) -> Passkey:
        if line.rp_id != self._rp_id:
            fields.refuse(
                f"{place}.rpId", "OTHER_RP_ID", "Must be PASSKEY_RP_ID of this deployment."
            )
        credential_id = _bytes(fields, f"{place}.credentialId", line.credential_id)
        public_key = _bytes(fields, f"{place}.publicKey", line.public_key)
        handle = _bytes(fields, f"{place}.userHandle", line.user_handle)
        if len(handle) > USER_HANDLE_BYTES:
            fields.refuse(f"{place}.userHandle", "TOO_LONG", "Has 64 bytes at most.")
        try:
            check_imported(credential_id, public_key)
        except PasskeyInvalid:
            fields.refuse(f"{place}.publicKey", "NOT_A_PASSKEY", "Is no passkey that can be used.")
        if any(len(one) > _TRANSPORT_CHARACTERS for one in line.transports):
            fields.refuse(f"{place}.transports", "TOO_LONG", "Has a transport that is too long.")
        return Passkey(
            factor_id=self._ids.uuid(),
            user_id=user.user_id,
            name=_name(fields, place, line.name),
            credential_id=credential_id,
            public_key=public_key,
            sign_count=line.sign_count,
            transports=line.transports,
            create_time=checked_time(fields, f"{place}.createTime", line.create_time, now),
            last_used_time=_used(fields, place, line, now),
            user_handle=b"" if handle == user.user_id.bytes else handle,
        )

    def _codes(
        self, fields: Fields, place: str, line: RecoveryCodesLine, user: User, now: datetime
    ) -> RecoveryCodes:
        return RecoveryCodes(
            factor_id=self._ids.uuid(),
            user_id=user.user_id,
            hashes=frozenset(map(bytes.fromhex, line.hashes)),
            create_time=checked_time(fields, f"{place}.createTime", line.create_time, now),
            last_used_time=_used(fields, place, line, now),
        )


async def require_new(tx: Read, new: NewFactors) -> None:
    """Raises `InvalidRequest` if a user has one of the passkeys."""
    for passkey in new.passkeys:
        if await passkeys.of_credential(tx, passkey.credential_id) is not None:
            raise refusal("factors", "PASSKEY_EXISTS", "Another user has one of the passkeys.")


async def put(tx: Write, new: NewFactors) -> None:
    """Stores the factors of a user, in the transaction that stores the user."""
    for totp in new.totps:
        await TOTPS.put(tx, totp)
    for passkey in new.passkeys:
        await PASSKEYS.put(tx, passkey)
    if new.codes is not None:
        await ALL_RECOVERY_CODES.put(tx, new.codes)


def _name(fields: Fields, place: str, name: str) -> str:
    return fields.text(f"{place}.name", name, min_length=1, max_length=_NAME_CHARACTERS)


def _used(
    fields: Fields, place: str, line: TotpLine | PasskeyLine | RecoveryCodesLine, now: datetime
) -> datetime | None:
    if line.last_used_time is None:
        return None
    return checked_time(fields, f"{place}.lastUsedTime", line.last_used_time, now)


def _is_secret(secret: str) -> bool:
    try:
        data = b32decode(secret + "=" * (-len(secret) % 8))
    except (ValueError, binascii.Error):
        return False
    return _LEAST_SECRET_BYTES <= len(data) <= _MOST_SECRET_BYTES


def _bytes(fields: Fields, place: str, text: str) -> bytes:
    bare = text.rstrip("=")
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except ValueError:
        fields.refuse(place, "NOT_BASE64URL", "Must be base64url.")
        return b""
