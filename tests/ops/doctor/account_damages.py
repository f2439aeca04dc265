"""Damage to what auth stores about accounts, beside users and logins."""

from coditect.auth.records.v1 import one_time_tokens_pb2
from services.auth.one_time_tokens import repository as one_time_tokens
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit
from tests.ops.doctor.organization_damages import no_record, no_row

_TOKEN = "auth/one_time_token"
_BY_SECRET, _BY_ADDRESS, _BY_USER = (
    f"{_TOKEN}_by_{name}" for name in ("secret", "address", "user")
)

OF_ACCOUNTS = [
    Damage(
        "no one-time token",
        one_time_tokens.ONE_TIME_TOKEN,
        None,
        {
            no_record(_TOKEN, _BY_SECRET),
            no_record(_TOKEN, _BY_ADDRESS),
            no_record(_TOKEN, _BY_USER),
            (f"{_TOKEN}_expiry", "has no row that expires then"),
        },
    ),
    Damage(
        "another secret of a one-time token",
        one_time_tokens.ONE_TIME_TOKEN,
        edit(one_time_tokens_pb2.OneTimeTokenRecord, token_hash=b"other"),
        {no_row(_TOKEN, _BY_SECRET), no_record(_TOKEN, _BY_SECRET)},
    ),
    Damage(
        "another address of a one-time token",
        one_time_tokens.ONE_TIME_TOKEN,
        edit(one_time_tokens_pb2.OneTimeTokenRecord, address_digest=b"other"),
        {no_row(_TOKEN, _BY_ADDRESS), no_record(_TOKEN, _BY_ADDRESS)},
    ),
    Damage(
        "a one-time token of an unknown user",
        one_time_tokens.ONE_TIME_TOKEN,
        edit(one_time_tokens_pb2.OneTimeTokenRecord, user_id=str(STRANGER)),
        {no_row(_TOKEN, _BY_USER), no_record(_TOKEN, _BY_USER)},
    ),
    Damage(
        "no row of a user of a one-time token",
        one_time_tokens.BY_USER,
        None,
        {no_row(_TOKEN, _BY_USER)},
    ),
    Damage(
        "another expiry of a one-time token",
        one_time_tokens.ONE_TIME_TOKEN,
        edit(one_time_tokens_pb2.OneTimeTokenRecord, expire_time=LATE),
        {
            (_TOKEN, "has no expiry entry"),
            (f"{_TOKEN}_expiry", "has no row that expires then"),
        },
    ),
]
