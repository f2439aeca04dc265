"""Damage to workspace tokens, and to what sessions knows of them."""

from coditect.auth.records.v1.workspace_tokens_pb2 import WorkspaceTokenRecord
from coditect.sessions.records.v1.sessions_pb2 import EndedSessionRecord, SessionRecord
from coditect.storage.v1.storage_pb2 import Tombstone
from services.auth.workspace_tokens.repository import (
    ENDED_SESSIONS,
    WORKSPACE_TOKEN,
    WORKSPACE_TOKEN_BY_ID,
    WORKSPACE_TOKEN_COUNT,
)
from services.sessions import keys as sessions
from tests.ops.doctor.damage import LATE, STRANGER, Damage, edit, fixed, own_key
from tests.ops.doctor.organization_damages import miscounted, no_record, no_row, not_counted

TOKEN = WORKSPACE_TOKEN.name
OWN = own_key(WORKSPACE_TOKEN, "user_id", "workspace_session_id", "workspace_token_id")
SESSION = own_key(sessions.SESSION, "tenant_id", "workspace_session_id")
NO_EXPIRY = f"{TOKEN}_expiry", "has no row that expires then"
MISCOUNTED = miscounted(TOKEN, WORKSPACE_TOKEN_COUNT.name)
NO_SESSION = (TOKEN, "has no session that knows of it, and no notice of its end")
NOTICE = sessions.ENDED_SESSIONS.rows
NO_NOTICE = (NOTICE.name, "is no session that has ended")
ACCOUNT_SESSION = own_key(sessions.SESSION, "acme_id", "account_session_id")


def _forgetting(value: bytes) -> bytes:
    """A session that does not know of its tokens."""
    record = SessionRecord.FromString(value)
    record.has_tokens = False
    return record.SerializeToString()


def _of_user(value: bytes) -> bytes:
    """A session that is a user's, although a service account has opened it."""
    record = SessionRecord.FromString(value)
    record.of_service_account = False
    return record.SerializeToString()


OF_WORKSPACES = [
    Damage(
        "no workspace token",
        OWN,
        None,
        {NO_EXPIRY, no_record(TOKEN, WORKSPACE_TOKEN_BY_ID.name), MISCOUNTED},
    ),
    Damage(
        "a different end of a workspace token",
        OWN,
        edit(WorkspaceTokenRecord, expire_time=LATE),
        {(TOKEN, "has no expiry entry"), NO_EXPIRY},
    ),
    Damage(
        "no row of a workspace token's id",
        own_key(WORKSPACE_TOKEN_BY_ID, "workspace_token_id"),
        None,
        {no_row(TOKEN, WORKSPACE_TOKEN_BY_ID.name)},
    ),
    Damage(
        "no count of workspace tokens",
        own_key(WORKSPACE_TOKEN_COUNT, "user_id"),
        None,
        {not_counted(TOKEN, WORKSPACE_TOKEN_COUNT.name)},
    ),
    Damage(
        "a wrong count of workspace tokens",
        own_key(WORKSPACE_TOKEN_COUNT, "user_id"),
        (7).to_bytes(8, "little"),
        {MISCOUNTED},
    ),
    Damage(
        "a workspace token in another tenant",
        OWN,
        edit(WorkspaceTokenRecord, tenant_id=str(STRANGER)),
        {NO_SESSION},
    ),
    Damage(
        "a tombstone of a session with a token",
        own_key(ENDED_SESSIONS.rows, "workspace_session_id"),
        Tombstone(expire_time=LATE).SerializeToString(),
        {
            (TOKEN, "is of a session that has ended"),
            (ENDED_SESSIONS.rows.name, "has no expiry entry"),
        },
    ),
    Damage(
        "an expiry entry of a session that has not ended",
        fixed(ENDED_SESSIONS.expiry.entry(0, ENDED_SESSIONS.key(STRANGER))),
        ENDED_SESSIONS.key(STRANGER),
        {(ENDED_SESSIONS.expiry.entries.name, "has no row that expires then")},
    ),
    Damage(
        "a session that does not know of its token",
        SESSION,
        _forgetting,
        {NO_SESSION},
    ),
    *(
        Damage(
            f"a notice of an ended session {name}",
            NOTICE,
            EndedSessionRecord(**values).SerializeToString(),
            {NO_NOTICE, NO_SESSION},
        )
        for name, values in {
            "without a session": {"user_id": str(STRANGER)},
            "without a user": {"session_id": str(STRANGER)},
        }.items()
    ),
    Damage("no notice of an ended session", NOTICE, None, {NO_SESSION}),
    Damage(
        "a session of an unknown service account",
        ACCOUNT_SESSION,
        _of_user,
        {
            (sessions.SESSION.name, "has no user, and no task that erases it"),
            (
                sessions.SESSION.name,
                "has no membership of its user, no task about the user and no pending revocation",
            ),
        },
    ),
]
