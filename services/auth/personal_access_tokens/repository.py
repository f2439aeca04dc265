"""How personal access tokens are stored: found by user, by id, by their end and by their notice."""

from datetime import datetime
from uuid import UUID

from coditect.auth.records.v1 import personal_access_tokens_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage import Read
from kernel.storage.families import Family, record, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.table import Table
from services.auth.keys import AUTH
from services.auth.logins.model import Method
from services.auth.personal_access_tokens.model import SCOPES, PersonalAccessToken

MOST_STORED = 1_000
"""More tokens of a user than a setting allows, those that have expired included."""
_METHODS = {method.value: method for method in Method}


def _fill(
    record: personal_access_tokens_pb2.PersonalAccessTokenRecord, new: PersonalAccessToken
) -> None:
    record.token_id = str(new.token_id)
    record.user_id = str(new.user_id)
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.scopes[:] = sorted(new.scopes)
    record.secret_hash = new.secret_hash
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.auth_time.CopyFrom(timestamp(new.auth_time))
    record.authentication_methods[:] = sorted(new.methods)
    for name in ("last_used_time", "notice_time"):
        record.ClearField(name)
        if (value := getattr(new, name)) is not None:
            getattr(record, name).CopyFrom(timestamp(value))


def _parse(record: personal_access_tokens_pb2.PersonalAccessTokenRecord) -> PersonalAccessToken:
    methods = record.authentication_methods
    return PersonalAccessToken(
        token_id=UUID(record.token_id),
        user_id=UUID(record.user_id),
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        scopes=frozenset(record.scopes) & SCOPES,
        secret_hash=record.secret_hash,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        auth_time=datetime_of(record.auth_time),
        methods=frozenset(_METHODS[one] for one in methods if one in _METHODS),
        notice_time=datetime_of(record.notice_time) if record.HasField("notice_time") else None,
        last_used_time=(
            datetime_of(record.last_used_time) if record.HasField("last_used_time") else None
        ),
    )


PERSONAL_ACCESS_TOKEN = Family[UUID, UUID](
    AUTH["personal_access_token"],
    uuid("user_id"),
    uuid("token_id"),
    value=record("coditect.auth.records.v1.PersonalAccessTokenRecord", 900),
    life="until it is revoked, or has expired, at most as the user",
)
PERSONAL_ACCESS_TOKENS = Table(
    PERSONAL_ACCESS_TOKEN,
    personal_access_tokens_pb2.PersonalAccessTokenRecord,
    key=lambda token: (token.user_id, token.token_id),
    fill=_fill,
    parse=_parse,
)
PERSONAL_ACCESS_TOKEN_BY_ID = PERSONAL_ACCESS_TOKENS.index(
    AUTH["personal_access_token_by_id"],
    uuid("token_id"),
    keys=lambda token: [(token.token_id,)],
    life="as the token",
)
PERSONAL_ACCESS_TOKEN_NOTICE = PERSONAL_ACCESS_TOKENS.index(
    AUTH["personal_access_token_notice"],
    time("notice_time"),
    uuid("user_id"),
    uuid("token_id"),
    keys=lambda token: (
        []
        if token.notice_time is None
        else [(milliseconds(token.notice_time), token.user_id, token.token_id)]
    ),
    life="until the user is told that the token ends",
)
PERSONAL_ACCESS_TOKENS.expiry(AUTH["personal_access_token_expiry"], lambda token: token.expire_time)


async def find_token(tx: Read, token_id: UUID) -> PersonalAccessToken | None:
    """A token by its id alone."""
    return await PERSONAL_ACCESS_TOKENS.find(tx, PERSONAL_ACCESS_TOKEN_BY_ID, token_id)


async def tokens_of(tx: Read, user_id: UUID) -> list[PersonalAccessToken]:
    """All tokens of a user, also those that have expired."""
    return (await PERSONAL_ACCESS_TOKENS.page(tx, user_id, after=None, limit=MOST_STORED)).items


async def due_notices(tx: Read, now: datetime, limit: int) -> list[PersonalAccessToken]:
    """Tokens whose users are to be told that they end, the first ones first."""
    return await PERSONAL_ACCESS_TOKENS.due(tx, PERSONAL_ACCESS_TOKEN_NOTICE, now, limit)
