"""How authenticator apps are stored: those that are confirmed, and one enrollment of each user."""

from uuid import UUID

from coditect.auth.records.v1 import totp_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read, counted
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.factors.model import MOST_OF_A_KIND
from services.auth.keys import AUTH
from services.auth.totp.model import Totp

_RECORD = record("coditect.auth.records.v1.TotpRecord", 900)


def _fill(record: totp_pb2.TotpRecord, new: Totp) -> None:
    record.factor_id = str(new.factor_id)
    record.user_id = str(new.user_id)
    record.name = new.name
    record.sealed_secret = new.sealed_secret
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.ClearField("confirm_time")
    if new.confirm_time is not None:
        record.confirm_time.CopyFrom(timestamp(new.confirm_time))
    record.ClearField("last_used_time")
    if new.last_used_time is not None:
        record.last_used_time.CopyFrom(timestamp(new.last_used_time))
    record.last_step = new.last_step
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse(record: totp_pb2.TotpRecord) -> Totp:
    return Totp(
        factor_id=UUID(record.factor_id),
        user_id=UUID(record.user_id),
        name=record.name,
        sealed_secret=record.sealed_secret,
        create_time=datetime_of(record.create_time),
        confirm_time=(
            datetime_of(record.confirm_time) if record.HasField("confirm_time") else None
        ),
        last_used_time=(
            datetime_of(record.last_used_time) if record.HasField("last_used_time") else None
        ),
        last_step=record.last_step,
    )


TOTP = Family[UUID, UUID](
    AUTH["totp"],
    uuid("user_id"),
    uuid("factor_id"),
    value=_RECORD,
    life="until it is removed, at most as the user",
)
TOTPS = Table(
    TOTP,
    totp_pb2.TotpRecord,
    key=lambda totp: (totp.user_id, totp.factor_id),
    fill=_fill,
    parse=_parse,
)
TOTP_COUNT = TOTPS.count(
    AUTH["totp_count"],
    uuid("user_id"),
    keys=lambda totp: [(totp.user_id,)],
    life="as the apps that it counts",
)

TOTP_ENROLLMENT = Family[UUID](
    AUTH["totp_enrollment"],
    uuid("user_id"),
    value=_RECORD,
    life="ten minutes, until it is confirmed or replaced",
)
TOTP_ENROLLMENTS = Table(
    TOTP_ENROLLMENT,
    totp_pb2.TotpRecord,
    key=lambda totp: (totp.user_id,),
    fill=_fill,
    parse=_parse,
)
TOTP_ENROLLMENTS.expiry(AUTH["totp_enrollment_expiry"], lambda totp: totp.expire_time)


async def totps_of(tx: Read, user_id: UUID) -> list[Totp]:
    """The confirmed apps of a user."""
    return (await TOTPS.page(tx, user_id, after=None, limit=MOST_OF_A_KIND)).items


async def number_of(tx: Read, user_id: UUID) -> int:
    """How many confirmed apps a user has."""
    return counted(await tx.get(TOTP_COUNT.key(user_id)))
