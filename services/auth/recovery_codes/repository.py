"""How recovery codes are stored: one row of a user with the hashes of those that are still good."""

from uuid import UUID

from coditect.auth.records.v1 import recovery_codes_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.recovery_codes.model import RecoveryCodes


def _fill(record: recovery_codes_pb2.RecoveryCodesRecord, new: RecoveryCodes) -> None:
    record.factor_id = str(new.factor_id)
    record.user_id = str(new.user_id)
    record.hashes[:] = sorted(new.hashes)
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.ClearField("last_used_time")
    if new.last_used_time is not None:
        record.last_used_time.CopyFrom(timestamp(new.last_used_time))


def _parse(record: recovery_codes_pb2.RecoveryCodesRecord) -> RecoveryCodes:
    return RecoveryCodes(
        factor_id=UUID(record.factor_id),
        user_id=UUID(record.user_id),
        hashes=frozenset(record.hashes),
        create_time=datetime_of(record.create_time),
        last_used_time=(
            datetime_of(record.last_used_time) if record.HasField("last_used_time") else None
        ),
    )


RECOVERY_CODES = Family[UUID](
    AUTH["recovery_codes"],
    uuid("user_id"),
    value=record("coditect.auth.records.v1.RecoveryCodesRecord", 600),
    life="until there are new ones, or the last other factor is removed",
)
ALL_RECOVERY_CODES = Table(
    RECOVERY_CODES,
    recovery_codes_pb2.RecoveryCodesRecord,
    key=lambda codes: (codes.user_id,),
    fill=_fill,
    parse=_parse,
)
