"""How workspace tokens are stored: found by session, by id and by their end."""

from uuid import UUID

from coditect.auth.records.v1 import workspace_tokens_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.storage import Read, Write, counted
from kernel.storage.families import Family, record, uuid
from kernel.storage.recipes.table import Table
from kernel.storage.recipes.tombstones import Tombstones
from services.auth.keys import AUTH
from services.auth.workspace_tokens.model import SCOPES, WorkspaceToken

MOST_OF_USER = 1_000
"""The most tokens of a user: all of them go in the transaction that deletes the user."""
_MOST_OF_SESSION = 1_000  # more than a setting allows


def _fill(record: workspace_tokens_pb2.WorkspaceTokenRecord, new: WorkspaceToken) -> None:
    record.token_id = str(new.token_id)
    record.user_id = str(new.user_id)
    record.tenant_id = str(new.tenant_id)
    record.session_id = str(new.session_id)
    record.login_id = str(new.login_id)
    record.scopes[:] = sorted(new.scopes)
    record.role = str(new.role)
    record.agents[:] = new.agents
    record.ancestor_ids[:] = [one.bytes for one in new.ancestor_ids]
    record.secret_hash = new.secret_hash
    record.create_time.CopyFrom(timestamp(new.create_time))
    record.expire_time.CopyFrom(timestamp(new.expire_time))
    record.ClearField("last_used_time")
    if new.last_used_time is not None:
        record.last_used_time.CopyFrom(timestamp(new.last_used_time))


def _parse(record: workspace_tokens_pb2.WorkspaceTokenRecord) -> WorkspaceToken:
    used = record.last_used_time
    return WorkspaceToken(
        token_id=UUID(record.token_id),
        user_id=UUID(record.user_id),
        tenant_id=UUID(record.tenant_id),
        session_id=UUID(record.session_id),
        login_id=UUID(record.login_id),
        scopes=frozenset(record.scopes) & SCOPES,
        role=Role.parse(record.role),
        agents=tuple(record.agents),
        ancestor_ids=tuple(UUID(bytes=one) for one in record.ancestor_ids),
        secret_hash=record.secret_hash,
        create_time=datetime_of(record.create_time),
        expire_time=datetime_of(record.expire_time),
        last_used_time=datetime_of(used) if record.HasField("last_used_time") else None,
    )


WORKSPACE_TOKEN = Family[UUID, UUID, UUID](
    AUTH["workspace_token"],
    uuid("user_id"),
    uuid("session_id"),
    uuid("token_id"),
    # The longest: five agents of 100 characters of 4 bytes.
    value=record("coditect.auth.records.v1.WorkspaceTokenRecord", 2_800),
    life="until it is revoked or has expired, at most as the session, which auth learns from sessions",
)
WORKSPACE_TOKENS = Table(
    WORKSPACE_TOKEN,
    workspace_tokens_pb2.WorkspaceTokenRecord,
    key=lambda token: (token.user_id, token.session_id, token.token_id),
    fill=_fill,
    parse=_parse,
)
WORKSPACE_TOKEN_BY_ID = WORKSPACE_TOKENS.index(
    AUTH["workspace_token_by_id"],
    uuid("token_id"),
    keys=lambda token: [(token.token_id,)],
    life="as the token",
)
WORKSPACE_TOKEN_COUNT = WORKSPACE_TOKENS.count(
    AUTH["workspace_token_count"],
    uuid("user_id"),
    keys=lambda token: [(token.user_id,)],
    life="as the tokens of the user",
)
WORKSPACE_TOKENS.expiry(AUTH["workspace_token_expiry"], lambda token: token.expire_time)
ENDED_SESSIONS = Tombstones(AUTH["ended_session"], "session_id")
"""Sessions that have ended: no token is made of them, not even by a call that came before."""


async def find_token(tx: Read, token_id: UUID) -> WorkspaceToken | None:
    """A token by its id alone."""
    return await WORKSPACE_TOKENS.find(tx, WORKSPACE_TOKEN_BY_ID, token_id)


async def tokens_of_session(tx: Read, user_id: UUID, session_id: UUID) -> list[WorkspaceToken]:
    """All tokens of a session of a user, also those that have expired."""
    page = await WORKSPACE_TOKENS.page(tx, user_id, session_id, after=None, limit=_MOST_OF_SESSION)
    return list(page.items)


async def count_of_user(tx: Read, user_id: UUID) -> int:
    """How many tokens of a user are stored, also those that have expired."""
    return counted(await tx.get(WORKSPACE_TOKEN_COUNT.key(user_id)))


async def clear_of_user(tx: Write, user_id: UUID) -> None:
    """Removes all tokens of a user, in the transaction that deletes the user."""
    await WORKSPACE_TOKENS.clear_some(tx, user_id, limit=MOST_OF_USER)
