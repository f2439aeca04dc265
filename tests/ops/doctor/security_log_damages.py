"""Damage to security logs."""

from coditect.auth.records.v1.security_log_pb2 import SecurityEventRecord
from kernel.clock import day_of
from kernel.storage.limits import added
from services.auth.security_log import repository as security_log
from tests.ops.doctor.damage import STRANGER, Damage, edit, fixed
from tests.ops.doctor.environment import Environment
from tests.support.clock import START

TODAY = day_of(START)
MISCOUNTED = ("auth/security_log_count", "is not the number of the entries of that day")


def count_key(environment: Environment) -> bytes:
    """The key of the counter of Ada's entries of today."""
    return security_log.SECURITY_LOG_COUNT.key(environment.user_id, TODAY)


def day_key(environment: Environment) -> bytes:
    """The key of the row that finds Ada's entries from today."""
    return security_log.SECURITY_LOG_BY_DAY.key(TODAY, environment.user_id)


OF_SECURITY_LOGS = [
    Damage(
        "an unknown security event",
        security_log.SECURITY_LOG,
        edit(SecurityEventRecord, event="unknown"),
        {("auth/security_log", "is not an event of the log")},
    ),
    Damage("no security event", security_log.SECURITY_LOG, None, {MISCOUNTED}),
    Damage(
        "no count of security events",
        count_key,
        None,
        {
            ("auth/security_log", "has no count of its day"),
            ("auth/security_log_by_day", "has no count of its entries"),
        },
    ),
    Damage("a wrong count of security events", count_key, added(None, 99), {MISCOUNTED}),
    Damage(
        "no day of security events",
        day_key,
        None,
        {("auth/security_log_count", "has no row that finds it from its day")},
    ),
    Damage(
        "a log of an unknown user to be counted",
        fixed(security_log.SECURITY_LOG_GROWN.key(STRANGER)),
        b"",
        {("auth/security_log_grown", "has no user")},
    ),
]
