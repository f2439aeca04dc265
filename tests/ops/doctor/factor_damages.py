"""Damage to second factors, and to what is stored around them."""

from coditect.auth.records.v1 import (
    challenges_pb2,
    factors_pb2,
    passkeys_pb2,
    throttling_pb2,
    totp_pb2,
    users_pb2,
)
from services.auth.challenges.repository import SPENT_CHALLENGE
from services.auth.factors.repository import FACTOR_RECOVERY
from services.auth.passkeys.repository import BY_CREDENTIAL, PASSKEY, PASSKEY_COUNT
from services.auth.recovery_codes.repository import RECOVERY_CODES
from services.auth.throttling.repository import SECOND_FACTOR_LANE
from services.auth.totp.repository import TOTP, TOTP_COUNT, TOTP_ENROLLMENT
from services.auth.users.repository import USER
from tests.ops.doctor.damage import LATE, Damage, edit, own_key
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

_NO_FACTORS = "has no user with a second factor"

NO_FACTORS_OF_CODES = (RECOVERY_CODES.name, _NO_FACTORS)
NO_FACTORS_OF_RECOVERY = (FACTOR_RECOVERY.name, _NO_FACTORS)
NOT_MARKED = (USER.name, "is not marked by the second factors that there are")
NO_CREDENTIAL = no_row("auth/passkey", "auth/passkey_by_credential")
NO_PASSKEY = no_record("auth/passkey", "auth/passkey_by_credential")
MISCOUNTED_PASSKEYS = miscounted("auth/passkey", "auth/passkey_count")


def unmarked(value: bytes) -> bytes:
    """The record of a user without the mark."""
    record = users_pb2.UserRecord.FromString(value)
    record.second_factor = False
    return record.SerializeToString()


OF_FACTORS = [
    *(
        damage
        for family, message in (
            (TOTP_ENROLLMENT, totp_pb2.TotpRecord),
            (FACTOR_RECOVERY, factors_pb2.FactorRecoveryRecord),
            (SPENT_CHALLENGE, challenges_pb2.SpentChallengeRecord),
            (SECOND_FACTOR_LANE, throttling_pb2.LaneRecord),
        )
        for damage in (
            Damage(
                f"no {family}",
                family,
                None,
                {(f"{family.name}_expiry", "has no row that expires then")},
            ),
            Damage(
                f"a different expiry of {family}",
                family,
                edit(message, expire_time=LATE),
                {
                    (f"{family.name}_expiry", "has no row that expires then"),
                    (family.name, "has no expiry entry"),
                },
            ),
        )
    ),
    *(
        damage
        for family, count in ((TOTP, TOTP_COUNT), (PASSKEY, PASSKEY_COUNT))
        for damage in (
            Damage(f"no {count}", count, None, {not_counted(family.name, count.name)}),
            Damage(
                f"a wrong {count}",
                count,
                (7).to_bytes(8, "little"),
                {miscounted(family.name, count.name)},
            ),
        )
    ),
    Damage("no app", TOTP, None, {miscounted("auth/totp", "auth/totp_count")}),
    Damage("no passkey", PASSKEY, None, {MISCOUNTED_PASSKEYS, NO_PASSKEY}),
    Damage(
        "another id of a passkey",
        PASSKEY,
        edit(passkeys_pb2.PasskeyRecord, credential_id=b"other"),
        {NO_CREDENTIAL, NO_PASSKEY},
    ),
    Damage("no row that finds a passkey", BY_CREDENTIAL, None, {NO_CREDENTIAL}),
    Damage(
        "a user who is not marked",
        own_key(USER, "user_id"),
        unmarked,
        {NOT_MARKED, NO_FACTORS_OF_CODES, NO_FACTORS_OF_RECOVERY},
    ),
    Damage(
        "a user who is marked without a second factor",
        lambda environment: USER.key(environment.promised_id),
        edit(users_pb2.UserRecord, second_factor=True),
        {NOT_MARKED},
    ),
]
