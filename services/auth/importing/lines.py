"""What a line of an import says about a user. `docs/import.md` describes it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from kernel.import_lines import Line, Time
from services.auth.factors.model import MOST_OF_A_KIND
from services.auth.passwords.formats import MOST_CHARACTERS

_LINE = 4 * 100  # as it may be typed: four characters can compose to one
Name = Annotated[str, Field(max_length=_LINE, description="At most 100 characters.")]
_HASHES = 10
_TRANSPORTS = 10


class TotpLine(Line):
    """An authenticator app, as this product supports it: SHA-1, six digits, 30 seconds."""

    kind: Literal["totp"]
    name: Name = "Authenticator app"
    secret: Annotated[str, Field(max_length=200, description="The secret in base32.")]
    algorithm: Literal["SHA1"] = "SHA1"
    digits: Literal[6] = 6
    period: Literal[30] = 30
    create_time: Time | None = None
    last_used_time: Time | None = None


class PasskeyLine(Line):
    """A passkey. It stays good only if it was made for the domain that this deployment has."""

    kind: Literal["passkey"]
    name: Name = "Passkey"
    rp_id: Annotated[str, Field(max_length=253, description="The domain it was made for.")]
    credential_id: Annotated[str, Field(max_length=1_400, description="In base64url.")]
    public_key: Annotated[str, Field(max_length=1_500, description="COSE, in base64url.")]
    sign_count: Annotated[int, Field(ge=0, lt=1 << 32)] = 0
    transports: Annotated[tuple[str, ...], Field(max_length=_TRANSPORTS)] = ()
    user_handle: Annotated[
        str,
        Field(
            max_length=90,
            description="The id of the user in the passkey, in base64url, if it is not the 16 bytes of `id`.",
        ),
    ] = ""
    create_time: Time | None = None
    last_used_time: Time | None = None


class RecoveryCodesLine(Line):
    """Recovery codes of an export of this product: hashes that are bound to the `id` of the user."""

    kind: Literal["recoveryCodes"]
    hashes: Annotated[
        list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]],
        Field(max_length=_HASHES, description="SHA-256, in hexadecimal."),
    ]
    create_time: Time | None = None
    last_used_time: Time | None = None


FactorLine = Annotated[TotpLine | PasskeyLine | RecoveryCodesLine, Field(discriminator="kind")]


class UserLine(Line):
    """A user with the password hash and the second factors."""

    kind: Literal["user"]
    id: Annotated[UUID | None, Field(description="A new id without one.")] = None
    email: Annotated[str, Field(max_length=1_020, description="At most 254 bytes.")]
    first_name: Name = ""
    last_name: Name = ""
    company: Annotated[str, Field(max_length=2 * _LINE, description="At most 200 characters.")] = ""
    language: Annotated[str, Field(max_length=35, description="Of emails (BCP 47).")] = "en"
    email_verified: Annotated[bool, Field(description="Whether the address is proved.")] = False
    email_verify_time: Annotated[
        Time | None, Field(description="When it was; the time of the import without one.")
    ] = None
    disabled: Annotated[bool, Field(description="Whether no login begins.")] = False
    disable_time: Annotated[
        Time | None, Field(description="Since when; the time of the import without one.")
    ] = None
    hold_time: Annotated[
        Time | None, Field(description="Since when a legal hold keeps the account.")
    ] = None
    delete_time: Annotated[
        Time | None, Field(description="When the account is erased; may be later than now.")
    ] = None
    create_time: Time | None = None
    password_hash: Annotated[
        str,
        Field(
            max_length=MOST_CHARACTERS,
            description="Without one, no password logs in until a reset.",
        ),
    ] = ""
    factors: Annotated[
        tuple[FactorLine, ...],
        Field(max_length=2 * MOST_OF_A_KIND + 1, description="At most 10 of a kind."),
    ] = ()
