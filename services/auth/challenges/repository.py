"""How challenges are written, and how those that were used are stored."""

from uuid import UUID

from coditect.auth.records.v1 import challenges_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from services.auth.challenges.model import Challenge, ChallengePurpose, SpentChallenge
from services.auth.keys import AUTH


def pack(challenge: Challenge) -> bytes:
    """What is sealed in the text of a challenge."""
    return challenges_pb2.ChallengeRecord(
        purpose=challenge.purpose,
        challenge_id=challenge.challenge_id.bytes,
        expire_time=timestamp(challenge.expire_time),
        user_id=_bytes(challenge.user_id),
        origin_id=_bytes(challenge.origin_id),
        password_revision=challenge.password_revision,
        tenant_id=_bytes(challenge.tenant_id),
        device_mac=challenge.device_mac,
    ).SerializeToString()


def parse(data: bytes) -> Challenge:
    """The inverse of `pack`. Raises `DecodeError`, `ValueError`."""
    record = challenges_pb2.ChallengeRecord.FromString(data)
    return Challenge(
        purpose=ChallengePurpose(record.purpose),
        challenge_id=UUID(bytes=record.challenge_id),
        expire_time=datetime_of(record.expire_time),
        user_id=_uuid(record.user_id),
        origin_id=_uuid(record.origin_id),
        password_revision=record.password_revision,
        tenant_id=_uuid(record.tenant_id),
        device_mac=record.device_mac,
    )


def _fill(record: challenges_pb2.SpentChallengeRecord, new: SpentChallenge) -> None:
    record.challenge_id = str(new.challenge_id)
    record.expire_time.CopyFrom(timestamp(new.expire_time))


def _parse(record: challenges_pb2.SpentChallengeRecord) -> SpentChallenge:
    return SpentChallenge(UUID(record.challenge_id), datetime_of(record.expire_time))


SPENT_CHALLENGE = Family[UUID](
    AUTH["spent_challenge"],
    uuid("challenge_id"),
    value=record("coditect.auth.records.v1.SpentChallengeRecord", 60),
    life="until the challenge would have ended: five minutes at most",
)
SPENT_CHALLENGES = Table(
    SPENT_CHALLENGE,
    challenges_pb2.SpentChallengeRecord,
    key=lambda spent: (spent.challenge_id,),
    fill=_fill,
    parse=_parse,
)
SPENT_CHALLENGES.expiry(AUTH["spent_challenge_expiry"], lambda spent: spent.expire_time)


def _bytes(one: UUID | None) -> bytes:
    return b"" if one is None else one.bytes


def _uuid(data: bytes) -> UUID | None:
    return UUID(bytes=data) if data else None
