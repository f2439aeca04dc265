"""The subspace of sessions.

    ("sessions", "tenant", tenant_id, "session", session_id)  SessionRecord
    ("sessions", "session", session_id)                       SessionPlace
    ("sessions", "user", tenant_id, user_id, session_id)      empty
    ("sessions", "expiry", time, session_id)                  empty
    ("sessions", "count", user_id, tenant_id)                 a counter: the sessions of the user
    ("sessions", "idempotency", ...)                          kernel.storage.idempotency

Ids are UUIDs, times are milliseconds since 1970. A count begins with the user, so that all tenants
of a user are found together.
"""

from uuid import UUID

from kernel.storage import Subspace

SESSIONS = Subspace(("sessions",))

TENANT = SESSIONS["tenant"]
SESSION = SESSIONS["session"]
USER = SESSIONS["user"]
EXPIRY = SESSIONS["expiry"]
COUNT = SESSIONS["count"]
IDEMPOTENCY = SESSIONS["idempotency"]


def session(tenant_id: UUID, session_id: UUID) -> bytes:
    """The key of a session."""
    return TENANT.pack((tenant_id, "session", session_id))


def sessions_of_tenant(tenant_id: UUID) -> tuple[bytes, bytes]:
    """Begin and end of the sessions of a tenant."""
    return TENANT.range((tenant_id, "session"))


def place(session_id: UUID) -> bytes:
    """The key that tells where a session is."""
    return SESSION.pack((session_id,))


def of_user(tenant_id: UUID, user_id: UUID, session_id: UUID) -> bytes:
    """The key that finds a session of a user."""
    return USER.pack((tenant_id, user_id, session_id))


def sessions_of_user(tenant_id: UUID, user_id: UUID) -> tuple[bytes, bytes]:
    """Begin and end of the rows that find the sessions of a user in a tenant."""
    return USER.range((tenant_id, user_id))


def session_id_of(key: bytes) -> UUID:
    """The session that a row of a user finds."""
    session_id: UUID = USER.unpack(key)[-1]
    return session_id


def expiry(time: int, session_id: UUID) -> bytes:
    """The key that finds a session once it has expired."""
    return EXPIRY.pack((time, session_id))


def count(user_id: UUID, tenant_id: UUID) -> bytes:
    """The key of the number of sessions that a user has in a tenant."""
    return COUNT.pack((user_id, tenant_id))
