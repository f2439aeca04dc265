"""Damage to device logins."""

from coditect.auth.records.v1.device_login_pb2 import DeviceLoginRecord
from services.auth.device_login.repository import (
    BY_NETWORK,
    BY_USER,
    BY_USER_CODE,
    DEVICE_LOGIN,
    NETWORK_COUNT,
)
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit, own_key
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

WAITING = own_key(DEVICE_LOGIN, "waiting_device_id")
APPROVED = own_key(DEVICE_LOGIN, "approved_device_id")
EXPIRY = f"{DEVICE_LOGIN.name}_expiry"
NO_EXPIRY = EXPIRY, "has no row that expires then"
UNCLEAR = DEVICE_LOGIN.name, "has an approver but no approval, or an approval without an approver"
NO_NETWORK = no_record(DEVICE_LOGIN.name, BY_NETWORK.name)
NO_USER_CODE = no_record(DEVICE_LOGIN.name, BY_USER_CODE.name)
NO_APPROVAL = no_record(DEVICE_LOGIN.name, BY_USER.name)
NOT_BY_USER_CODE = no_row(DEVICE_LOGIN.name, BY_USER_CODE.name)
NOT_BY_USER = no_row(DEVICE_LOGIN.name, BY_USER.name)
MISCOUNTED = miscounted(BY_NETWORK.name, NETWORK_COUNT.name)

OF_DEVICES = [
    Damage("no waiting device", WAITING, None, {NO_EXPIRY, NO_NETWORK, NO_USER_CODE}),
    Damage("no approved device", APPROVED, None, {NO_EXPIRY, NO_NETWORK, NO_APPROVAL}),
    Damage(
        "a different end of a device login",
        WAITING,
        edit(DeviceLoginRecord, expire_time=LATE),
        {NO_EXPIRY, (DEVICE_LOGIN.name, "has no expiry entry")},
    ),
    Damage(
        "an approval that is taken back",
        APPROVED,
        edit(DeviceLoginRecord, state="pending"),
        {UNCLEAR, NOT_BY_USER_CODE},
    ),
    Damage(
        "a waiting device of an unknown user",
        WAITING,
        edit(DeviceLoginRecord, user_id=str(STRANGER)),
        {UNCLEAR, NOT_BY_USER, (DEVICE_LOGIN.name, "has no user")},
    ),
    Damage("no user code", BY_USER_CODE, None, {NOT_BY_USER_CODE}),
    Damage("no row of an approval", BY_USER, None, {NOT_BY_USER}),
    Damage(
        "no network of a device",
        BY_NETWORK,
        None,
        {no_row(DEVICE_LOGIN.name, BY_NETWORK.name), MISCOUNTED},
    ),
    Damage(
        "no count of devices",
        NETWORK_COUNT,
        None,
        {not_counted(DEVICE_LOGIN.name, NETWORK_COUNT.name)},
    ),
    Damage("a wrong count of devices", NETWORK_COUNT, (7).to_bytes(8, "little"), {MISCOUNTED}),
]
