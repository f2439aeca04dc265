"""How recoveries of lost factors are stored."""

from uuid import UUID

from coditect.auth.records.v1 import factors_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Write
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.factors.model import Recovery
from services.auth.keys import AUTH


def _fill(record: factors_pb2.FactorRecoveryRecord, new: Recovery) -> None:
    record.user_id = str(new.user_id)
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.recovery_time.CopyFrom(timestamp(new.recovery_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse(record: factors_pb2.FactorRecoveryRecord) -> Recovery:
    return Recovery(
        user_id=UUID(record.user_id),
        create_time=datetime_of(record.create_time),
        recovery_time=datetime_of(record.recovery_time),
        expire_time=datetime_of(record.expire_time),
    )


FACTOR_RECOVERY = Family[UUID](
    AUTH["factor_recovery"],
    uuid("user_id"),
    value=record("coditect.auth.records.v1.FactorRecoveryRecord", 100),
    life="until a second factor is shown or the factors are removed; 7 days after the waiting time at most",
)
RECOVERIES = Table(
    FACTOR_RECOVERY,
    factors_pb2.FactorRecoveryRecord,
    key=lambda recovery: (recovery.user_id,),
    fill=_fill,
    parse=_parse,
)
RECOVERIES.expiry(AUTH["factor_recovery_expiry"], lambda recovery: recovery.expire_time)


async def clear(tx: Write, user_id: UUID) -> bool:
    """Removes the recovery of a user; returns whether there was one."""
    recovery = await RECOVERIES.get(tx, user_id)
    if recovery is None:
        return False
    await RECOVERIES.clear(tx, recovery)
    return True
