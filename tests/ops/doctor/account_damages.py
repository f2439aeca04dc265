"""Damage to what auth stores about accounts, beside users and logins."""

from coditect.auth.records.v1 import one_time_tokens_pb2
from coditect.auth.records.v1 import throttling_pb2 as auth_throttling_pb2
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.throttling import repository as auth_throttling
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit
from tests.ops.doctor.organization_damages import no_record, no_row

_TOKEN = "auth/one_time_token"
_BY_SECRET, _BY_ADDRESS, _BY_USER = (
    f"{_TOKEN}_by_{name}" for name in ("secret", "address", "user")
)

NO_ADDRESS_LANE_ENTRY = ("auth/throttling/address", "has no expiry entry")
NO_ADDRESS_LANE = ("auth/throttling/address_expiry", "has no row that expires then")
NO_DEVICE_LANE_ENTRY = ("auth/throttling/device", "has no expiry entry")
NO_DEVICE_LANE = ("auth/throttling/device_expiry", "has no row that expires then")

OF_ACCOUNTS = [
    Damage("no lane", auth_throttling.ADDRESS_LANE, None, {NO_ADDRESS_LANE}),
    Damage(
        "a different expiry of a lane",
        auth_throttling.ADDRESS_LANE,
        edit(auth_throttling_pb2.LaneRecord, expire_time=LATE),
        {NO_ADDRESS_LANE_ENTRY, NO_ADDRESS_LANE},
    ),
    Damage("no lane of a device", auth_throttling.DEVICE_LANE, None, {NO_DEVICE_LANE}),
    Damage(
        "a different expiry of a device's lane",
        auth_throttling.DEVICE_LANE,
        edit(auth_throttling_pb2.LaneRecord, expire_time=LATE),
        {NO_DEVICE_LANE_ENTRY, NO_DEVICE_LANE},
    ),
    Damage(
        "a malformed counter of a network",
        auth_throttling.NETWORK,
        b"1",
        {("auth/throttling/network", "is not a counter")},
    ),
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
