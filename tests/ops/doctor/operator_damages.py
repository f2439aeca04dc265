"""Damage to operators and to the log of what they do."""

from coditect.auth.records.v1.operators_pb2 import OperatorActRecord, OperatorEventRecord
from coditect.auth.records.v1.users_pb2 import UserRecord
from services.auth.logins.repository import LOGIN
from services.auth.operator_log.repository import (
    OPERATOR_EVENT,
    OPERATOR_EVENT_EXPIRY,
    OPERATOR_LOG,
)
from services.auth.operators.repository import OPERATOR
from services.auth.users.repository import USER, USER_DELETION
from tests.ops.doctor.damage import LATE, Damage, edit

NO_OPERATOR = (OPERATOR.name, "has no user who is an operator")
NO_ROW = (USER.name, "is an operator without a row")
NO_ACT = (OPERATOR_LOG.name, "is not an act of an operator")
NO_ENTRY = (OPERATOR_EVENT.name, "has no expiry entry")
NO_EVENT = (OPERATOR_EVENT_EXPIRY.entries.name, "has no row that expires then")


def _is_none(value: bytes) -> bytes:
    """The record of a user who is no operator."""
    record = UserRecord.FromString(value)
    record.ClearField("operator")
    return record.SerializeToString()


DUE_ROW = (USER.name, f"has no row of its own in {USER_DELETION.name}")
NO_DUE = (USER_DELETION.name, f"leads to no record of {USER.name} that it finds")
NO_LOGIN = (LOGIN.name, "is of a user who is disabled or to be deleted")

OF_OPERATORS = [
    Damage("no row of an account that is to be erased", USER_DELETION, None, {DUE_ROW}),
    Damage(
        "another time of an account that is to be erased",
        lambda environment: USER.key(environment.waiting_id),
        edit(UserRecord, delete_time=LATE),
        {DUE_ROW, NO_DUE},
    ),
    Damage(
        "a login of a disabled user",
        lambda environment: USER.key(environment.user_id),
        edit(UserRecord, disable_time=LATE),
        {NO_LOGIN},
    ),
    Damage("no row of an operator", OPERATOR, None, {NO_ROW}),
    Damage(
        "an operator whose user is none",
        lambda environment: USER.key(environment.operator_id),
        _is_none,
        {NO_OPERATOR},
    ),
    Damage("an act without values", OPERATOR_LOG, b"", {NO_ACT}),
    Damage("an unknown act", OPERATOR_LOG, edit(OperatorActRecord, act="unknown"), {NO_ACT}),
    Damage("no delivered act", OPERATOR_EVENT, None, {NO_EVENT}),
    Damage("no expiry of a delivered act", OPERATOR_EVENT_EXPIRY.entries, None, {NO_ENTRY}),
    Damage(
        "a different expiry of a delivered act",
        OPERATOR_EVENT,
        edit(OperatorEventRecord, expire_time=LATE),
        {NO_ENTRY, NO_EVENT},
    ),
]
