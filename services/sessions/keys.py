"""The subspace of sessions: ("sessions", ...). Ids are UUIDs. docs/keyspace.md lists all of it.

The indexes of a session are declared with its table, in repository.py.
"""

from uuid import UUID

from kernel.storage.families import Family, record, uuid
from kernel.storage.keys import Keyspace
from kernel.storage.recipes.idempotency import Idempotency
from kernel.storage.recipes.outbox import Outbox
from kernel.storage.recipes.tombstones import Tombstones

# Of the worst: 65,536 bytes of state, a path of 1,024 and a name of 200 characters of 4 bytes.
_SESSION_BYTES = 71_000

SESSIONS = Keyspace("sessions")

SESSION = Family[UUID, UUID](
    SESSIONS["tenant"],
    uuid("tenant_id"),
    "session",
    uuid("session_id"),
    value=record("coditect.sessions.records.v1.SessionRecord", _SESSION_BYTES),
    life="until it is ended, or IDLE_SECONDS after its last change or heartbeat",
)
SESSION_OWNER = Family[UUID](
    SESSIONS["session"],
    uuid("session_id"),
    value=record("coditect.sessions.records.v1.SessionOwner", 80),
    life="as the session",
    of=SESSION,
)
IDEMPOTENCY = Idempotency(SESSIONS["idempotency"], kept_bytes=18)
"""A record keeps the id of what was created, or of whose session was deleted."""
DELETED_USERS = Tombstones(SESSIONS["deleted_user"], "user_id")
"""Deleted users: no session is made for them."""
REMOVED_MEMBERS = Tombstones(SESSIONS["removed_member"], "tenant_id", "user_id")
"""Removed members: rejects tokens from before the removal."""
DELETED_TENANTS = Tombstones(SESSIONS["deleted_tenant"], "tenant_id")
"""Tenants whose sessions were all ended: rejects tokens from before."""
ENDED_SESSIONS = Outbox(
    SESSIONS["ended_session"], record("coditect.sessions.records.v1.EndedSessionRecord", 100)
)
"""Notices for auth: end the tokens of the session."""
