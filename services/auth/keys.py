"""The subspace of auth.

    ("auth", "user", user_id)                        UserRecord
    ("auth", "email", folded_email)                  the user's id, 16 bytes
    ("auth", "login", user_id, login_id)             LoginRecord
    ("auth", "login_expiry", ...)                    kernel.storage.expiry
    ("auth", "revocation", versionstamp)             coditect.identity.v1.Revocation
    ("auth", "revocation_head")                      a counter that changes with the log
    ("auth", "key", kid)                             KeyRecord
    ("auth", "outbox", ...)                          kernel.storage.outbox
    ("auth", "idempotency", ...)                     kernel.storage.idempotency

Ids are UUIDs.
"""

from uuid import UUID

from kernel.storage import Subspace
from kernel.storage.expiry import Expiry

AUTH = Subspace(("auth",))

USER = AUTH["user"]
EMAIL = AUTH["email"]
LOGIN = AUTH["login"]
LOGIN_EXPIRY = Expiry(AUTH["login_expiry"])
REVOCATION = AUTH["revocation"]
REVOCATION_HEAD = AUTH.pack(("revocation_head",))
KEY = AUTH["key"]
OUTBOX = AUTH["outbox"]
IDEMPOTENCY = AUTH["idempotency"]


def user(user_id: UUID) -> bytes:
    """The key of a user."""
    return USER.pack((user_id,))


def email(folded: str) -> bytes:
    """The key that makes an e-mail address unique."""
    return EMAIL.pack((folded,))


def login(user_id: UUID, login_id: UUID) -> bytes:
    """The key of a login."""
    return LOGIN.pack((user_id, login_id))


def signing_key(kid: str) -> bytes:
    """The key of a signing key."""
    return KEY.pack((kid,))
